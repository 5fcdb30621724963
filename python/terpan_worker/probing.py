"""The application that ``terpan probe`` has a server run: each path shows one thing that servers do differently."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

READ_BYTES = 65536
LATE_SECONDS = 0.5
PIECES_APART_SECONDS = 0.4
HELD_SECONDS = 1.0
CROWD_SECONDS = 0.5

_lock = threading.Lock()
_present = 0
_peak = 0


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    return ROUTES[environ["PATH_INFO"]](environ, start_response)


def _text(start_response: Callable, text: str) -> list[bytes]:
    body = text.encode("latin-1", "replace")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def environment(environ: dict, start_response: Callable) -> Iterable[bytes]:
    lines = [f"{name}={value!r}" for name, value in environ.items() if isinstance(value, (str, int, bool, type(None)))]
    return _text(start_response, "\n".join(lines))


def echo(environ: dict, start_response: Callable) -> Iterable[bytes]:
    return _text(start_response, environ.get("QUERY_STRING", ""))


def body(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Reads to the end."""
    length = 0
    while True:
        piece = environ["wsgi.input"].read(READ_BYTES)
        if not piece:
            return _text(start_response, str(length))
        length += len(piece)


def late(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Takes its time before it reads what was announced."""
    time.sleep(LATE_SECONDS)
    return _text(start_response, str(len(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))))


def unread(environ: dict, start_response: Callable) -> Iterable[bytes]:
    return _text(start_response, "unread")


def always(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Has a body for HEAD too."""
    return _text(start_response, "always")


def stream(environ: dict, start_response: Callable) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])

    def pieces() -> Iterator[bytes]:
        yield b"first"
        time.sleep(PIECES_APART_SECONDS)
        yield b"last"

    return pieces()


def held(environ: dict, start_response: Callable) -> Iterable[bytes]:
    time.sleep(HELD_SECONDS)
    return _text(start_response, "held")


def crowd(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answers with the most requests that were ever here at once."""
    global _present, _peak
    with _lock:
        _present += 1
        _peak = max(_peak, _present)
    time.sleep(CROWD_SECONDS)
    with _lock:
        _present -= 1
    return _text(start_response, str(_peak))


ROUTES = {
    "/environment": environment,
    "/echo": echo,
    "/body": body,
    "/late": late,
    "/unread": unread,
    "/always": always,
    "/stream": stream,
    "/held": held,
    "/crowd": crowd,
}
