"""A chat: whoever is connected sees what the others write. FastAPI, over WebSocket."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Chat</title>
<body>
<form><input autocomplete="off" autofocus maxlength="500" placeholder="Say something"></form>
<ul></ul>
<script>
const [form, field, list] = ["form", "input", "ul"].map(name => document.querySelector(name));
let socket;
function connect() {
    const address = new URL("room", location);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address);
    socket.onmessage = message => list.append(Object.assign(document.createElement("li"), {textContent: message.data}));
    // A server that is replaced closes it, and another one answers: come again, not all at the same moment.
    socket.onclose = () => setTimeout(connect, 500 + Math.random() * 2000);
}
form.onsubmit = event => {
    event.preventDefault();
    socket.send(field.value);
    field.value = "";
};
connect();
</script>
"""

app = FastAPI()
present: set[WebSocket] = set()


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    return PAGE


@app.websocket("/room")
async def room(socket: WebSocket) -> None:
    await socket.accept()
    present.add(socket)
    try:
        while True:
            said = await socket.receive_text()
            for other in list(present):
                await other.send_text(said)
    except WebSocketDisconnect:
        pass
    finally:
        present.discard(socket)
