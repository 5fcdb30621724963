"""Tells by a field of the answer what the application was given, so that HEAD tells it, too."""

import base64
import json


def application(environ, start_response):
    body = b""
    stream = environ["wsgi.input"]
    piece = stream.read(65536)
    while piece:
        body += piece
        piece = stream.read(65536)
    fields = {}
    for name, value in environ.items():
        if name.startswith("HTTP_") or name == "CONTENT_TYPE":
            fields[name.removeprefix("HTTP_")] = value
    seen = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["SCRIPT_NAME"] + environ["PATH_INFO"],
        "query": environ.get("QUERY_STRING", ""),
        "host": environ.get("HTTP_HOST", ""),
        "body": body.decode("latin-1"),
        "fields": fields,
    }
    told = base64.b64encode(json.dumps(seen, sort_keys=True).encode()).decode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4"), ("X-Seen", told)])
    return [b"seen"]
