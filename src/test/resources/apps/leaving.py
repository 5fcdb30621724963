"""An ASGI application that says when its client has left, and goes on behind its answer."""

import asyncio
import os


def note(text):
    print("noted " + text, flush=True)


async def goes_on(path, file, receive, send):
    """At work until the file is there, whether its client is or not."""
    note(f"begun {path}?{file}")
    if path == "/lingers":
        await receive()
    if path == "/talks":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    while not os.path.exists(file):
        if path == "/talks":
            try:
                await send({"type": "http.response.body", "body": b"more", "more_body": True})
            except Exception:
                pass  # some servers raise once the client has left
        await asyncio.sleep(0.02)
    note("ended " + path)


async def application(scope, receive, send):
    if scope["type"] != "http":
        raise RuntimeError
    path = scope["path"]
    if path == "/unread":
        await asyncio.sleep(0.5)  # for the server to take as much of the body as it will
    else:
        await receive()
    if path in ("/lingers", "/deaf", "/talks"):
        await goes_on(path, scope["query_string"].decode(), receive, send)
        return
    if path == "/next":
        note("run " + path)
    if path == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    if path in ("/wait", "/stream"):
        note("begun " + path)
        message = await receive()
        note(message["type"] + " " + path)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
    if path == "/unread":
        note("ended " + path)
    if path == "/task":
        while not os.path.exists(scope["query_string"].decode()):
            await asyncio.sleep(0.02)
        note("task is done")
