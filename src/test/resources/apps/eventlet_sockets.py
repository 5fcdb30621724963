"""A WSGI application for eventlet: WebSocket by eventlet's own handler, and requests."""

import os

from eventlet import websocket


@websocket.WebSocketWSGI
def echo(socket):
    while (message := socket.wait()) is not None:
        socket.send(message)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/echo":
        return echo(environ, start_response)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
