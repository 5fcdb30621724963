"""Handlers that never come back, and take their whole thread with them: greenlets and tasks have no say in it."""

import os

NEVER = os.pipe()[0]


def stuck():
    os.read(NEVER, 1)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/stuck":
        stuck()
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/close":
        return Closing()
    return begun() if environ["PATH_INFO"] == "/begun" else [b"Hello"]


def begun():
    yield b"some"
    stuck()


class Closing:
    def __iter__(self):
        return iter([b"closing"])

    def close(self):
        stuck()


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError("only HTTP")
    if scope["path"] == "/stuck":
        stuck()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"Hello"})
