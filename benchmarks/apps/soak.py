"""An application with one path for each thing that a soak wants to see: quick, slow, large, streamed, failing, dying, hanging."""

import hashlib
import os
import time

LINE = b"0123456789abcdef" * 64
HANG_SECONDS = 4.0


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/echo":
        digest = hashlib.sha256()
        stream = environ["wsgi.input"]
        while True:
            piece = stream.read(65536)
            if not piece:
                break
            digest.update(piece)
        return answer(start_response, digest.hexdigest().encode("ascii"))
    if path == "/big":
        return answer(start_response, LINE * int(environ["QUERY_STRING"]))
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (LINE for _ in range(int(environ["QUERY_STRING"])))
    if path == "/cut":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "1000000")])
        return (LINE for _ in range(100))
    if path == "/slow":
        time.sleep(0.05)
    elif path == "/hang":
        time.sleep(HANG_SECONDS)
    elif path == "/fail":
        raise RuntimeError("the application fails on purpose")
    elif path == "/die":
        os._exit(3)
    return answer(start_response, b"Hello, World!")


def answer(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
