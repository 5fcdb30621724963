"""Tells the front for which request something was printed: a mark stands before it, which the front takes away.

A mark is a word that only the front and this process know, so that nothing that a client says can be one; the request's id, or a hyphen for
none; a space, or a bracket where the request's last line goes on. It holds up to the line's end or the next mark. Who prints nothing pays
for a context variable, or less. The streams stay what they were, but for the ``write`` of the buffers below them: text comes there by whole lines, in
the thread that prints it. Rejected: the file below, which has what several threads wrote; the text's ``write``, which has single words.
"""

from __future__ import annotations

import os
import sys
from _thread import get_ident  # as it is before an application replaces it
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BEGIN = b"terpan: for "
NONE = b"-"
FIELD = "HTTP_X_REQUEST_ID"
FIELD_BYTES = b"x-request-id"
#: So much is marked at a time: it grows by a mark for each line in it.
PIECE = 1 << 13
#: Requests whose unended lines are known at a time, before all of them are forgotten.
UNENDED_MOST = 32
LINE_FEED = 10

#: The id of the request that is worked on here; empty: none.
_request: ContextVar[str] = ContextVar("terpan_request", default="")
#: By a thread that works on one request after the other, what tells the id of the present one.
_threads: dict[int, Callable[[], str]] = {}
_begun = False


def begin(word: str) -> bool:
    """From now on what is printed is marked with this word, unless it is empty; in the process that serves. Whether it is."""
    global _begun
    if word and not _begun:
        _begun = True
        for name in ("stdout", "stderr"):
            buffer = getattr(getattr(sys, "__" + name + "__"), "buffer", None)
            try:
                buffer.write = _marking(buffer, name, BEGIN + word.encode("ascii") + b" ")
            except (AttributeError, OSError, ValueError):
                pass  # it is closed, or no file's: nothing of it comes to the front
    return _begun


def live(tells: Callable[[], str]) -> None:
    """From now on ``tells`` gives the id of the request that this thread works on; to be ended by ``leave``."""
    _threads[get_ident()] = tells


def leave() -> None:
    _threads.pop(get_ident(), None)


def present() -> str:
    """The id of the request that is worked on here; empty: none, or nobody knows."""
    request = _request.get()
    if not request:
        tells = _threads.get(get_ident())
        if tells is not None:
            request = tells()
    return request


def _marking(buffer: Any, name: str, begin: bytes) -> Callable[[Any], int | None]:
    """In place of the ``write`` of a buffer, or of the file itself where there is none."""
    write, descriptor = buffer.write, buffer.fileno()
    pipe = _identity(descriptor)
    unended: set[str] = set()  # requests that have begun a line here

    def marking(data: Any) -> int | None:
        request = present()
        with memoryview(data) as view:
            if not view.nbytes or _gathers(name) or _identity(descriptor) != pipe:
                return write(data)
            goes_on = request in unended
            with view.cast("B") as text:
                if text[-1] == LINE_FEED:
                    unended.discard(request)
                else:
                    if len(unended) >= UNENDED_MOST:
                        unended.clear()
                    unended.add(request)
                if not request and not goes_on and unended <= {""}:
                    return write(data)
                mark = begin + (request.encode("ascii", "replace") or NONE)
                for start in range(0, len(text), PIECE):
                    piece = bytes(text[start : start + PIECE])
                    end = len(piece) - piece.endswith(b"\n")
                    lines = piece[:end].replace(b"\n", b"\n" + mark + b" ") + piece[end:]
                    if write(mark + (b">" if goes_on else b" ") + lines) is None:
                        return None
                    goes_on = end == len(piece)
            return view.nbytes

    return marking


def _gathers(name: str) -> bool:
    """Whether the application's stream keeps lines to give several of them at once, of whatever requests."""
    stream = getattr(sys, name, None)
    return not (getattr(stream, "line_buffering", True) or getattr(stream, "write_through", True))


def _identity(descriptor: int) -> tuple[int, int] | None:
    """What a descriptor leads to: an application may have put another file there, and marks are the front's alone."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None  # it is closed, which its own ``write`` says best
    return found.st_dev, found.st_ino


def marked(application: Callable) -> Callable:
    """Wraps a WSGI application, outermost: what is printed for one of its requests is marked."""
    from terpan_worker.framing import Framed
    from terpan_worker.gaps import Pieces

    ours = (Pieces, Framed)  # behind all else that is returned comes nothing of the application's

    def marking(environ: dict, start_response: Callable) -> Iterable[bytes]:
        request = environ.get(FIELD, "")
        _request.set(request)
        try:
            result = application(environ, start_response)
        finally:
            _request.set("")
        return _Marked(result, request) if isinstance(result, ours) else result

    return marking


class _Marked:
    """An answer in pieces, each of which the application may print in: in whatever thread, and between those of others."""

    def __init__(self, result: Any, request: str) -> None:
        self._result = result
        self._pieces = iter(result)
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        _request.set(self._request)
        try:
            return next(self._pieces)
        finally:
            _request.set("")

    def close(self) -> None:
        _request.set(self._request)
        try:
            self._result.close()
        finally:
            _request.set("")


def marked_asgi(application: Callable) -> Callable:
    """The same for one of ASGI: tasks that it begins for a request are the request's."""

    async def marking(scope: dict, receive: Callable, send: Callable) -> None:
        for field in scope.get("headers", ()):
            if field[0] == FIELD_BYTES:
                _request.set(field[1].decode("latin-1"))
                break
        try:
            await application(scope, receive, send)
        finally:
            _request.set("")

    return marking
