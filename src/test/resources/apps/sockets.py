"""An ASGI application of WebSockets: what comes back, who asks, how it ends."""

import asyncio
import hashlib
import json
import os

MEGABYTE = bytes(range(256)) * 4096


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
        return
    assert (await receive())["type"] == "websocket.connect"
    if path == "/no":
        await send({"type": "websocket.close"})
        return
    chosen = scope["subprotocols"][0] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen, "headers": [(b"x-from", b"application")]})
    if path == "/scope":
        told = {name: scope[name] for name in ("client", "server", "scheme", "http_version", "path", "subprotocols")}
        told["root_path"] = scope.get("root_path", "")
        told["query"] = scope["query_string"].decode()
        told["headers"] = {name.decode(): value.decode() for name, value in scope["headers"]}
        await send({"type": "websocket.send", "text": json.dumps(told)})
    elif path == "/process":
        await send({"type": "websocket.send", "text": str(os.getpid())})
    elif path == "/many":
        for _ in range(16):
            await send({"type": "websocket.send", "bytes": MEGABYTE})
    elif path == "/close":
        await send({"type": "websocket.close", "code": 4001, "reason": "as you like"})
        return
    elif path == "/raise":
        raise RuntimeError("of the application")
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if path == "/digest":
            digest = hashlib.sha256(message["bytes"]).hexdigest()
            await asyncio.sleep(0.2)
            await send({"type": "websocket.send", "text": digest})
        elif message.get("text") is not None:
            await send({"type": "websocket.send", "text": message["text"]})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"]})
