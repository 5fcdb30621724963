"""Prints in every way that an application has, always the id of the request that it works on."""

import asyncio
import logging
import sys
import threading
import time
from urllib.parse import unquote

logging.basicConfig(stream=sys.stderr, format="%(message)s")
LOGGER = logging.getLogger("shop")


def _say(request, path):
    print("printed", "for", request)
    sys.stdout.buffer.write(b"bytes for " + request.encode() + b"\n")
    sys.stdout.flush()
    LOGGER.warning("logged for %s\nand below for %s", request, request)
    if path.startswith("/forge"):
        print("forged of " + request + unquote(path.removeprefix("/forge")))


def wsgi(environ, start_response):
    request = environ["HTTP_X_REQUEST_ID"]
    _say(request, environ["PATH_INFO"])
    if environ["PATH_INFO"] == "/thread":
        thread = threading.Thread(target=print, args=("of no request",))
        thread.start()
        thread.join()
    if environ["PATH_INFO"] == "/raise":
        raise RuntimeError("raised for " + request)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return _pieces(request)


def _pieces(request):
    try:
        for number in range(3):
            print(f"piece {number} for {request}")
            yield b"%d\n" % number
            time.sleep(0.005)
    finally:
        print("closed for " + request)


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    request = dict(scope["headers"])[b"x-request-id"].decode()
    _say(request, scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for number in range(3):
        print(f"piece {number} for {request}")
        await asyncio.sleep(0.005)
        await send({"type": "http.response.body", "body": b"%d\n" % number, "more_body": True})
    await asyncio.get_running_loop().create_task(_closed(request))
    await send({"type": "http.response.body", "body": b""})


async def _closed(request):
    print("closed for " + request)
