"""Answers with the request's own number, the length and the checksum of its body; how it imports says the file `version`."""

import os
import time
import zlib

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "version"), encoding="ascii") as file:
    VERSION = file.read()
if VERSION == "broken":
    raise RuntimeError("a version that does not import")
if VERSION == "slow":
    time.sleep(3)


def application(environ, start_response):
    if VERSION == "fails":
        raise RuntimeError("a version that imports, and that is all")
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.05)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = f"{environ['QUERY_STRING']} {len(body)} {zlib.crc32(body)}".encode("ascii")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]
