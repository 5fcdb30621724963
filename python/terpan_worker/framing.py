"""Frames answers for servers that let their end be the end of the connection: an answer that breaks off must not look whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terpan_worker.answer_head import BODILESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LAST_CHUNK = b"0\r\n\r\n"


class Framed:
    """An answer in pieces: to HTTP/1.1 it has a length or is chunked, and it has a body only where it may have one.

    Its head goes to the server when the body begins, for until then it may be another one.
    """

    def __init__(self, result: Iterable[bytes], environ: dict, tell: Callable) -> None:
        """``tell`` is the server's ``start_response``."""
        self._result = result
        self._environ = environ
        self._tell = tell
        self._begun = False
        self._status = ""
        self._fields: list = []
        self._pieces = self._given()

    def start_response(self, status: str, headers: list, exc_info: Any = None) -> None:
        if exc_info:
            try:
                if self._begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status:
            raise AssertionError("start_response was called before")
        self._status, self._fields = status, list(headers)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        close = getattr(self._result, "close", None)
        if close is not None:
            close()

    def _given(self) -> Iterator[bytes]:
        bodied = chunked = False
        for piece in self._result:
            if not piece:
                continue
            if not self._begun:
                bodied, chunked = self._begin()
            if chunked:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
            elif bodied:
                yield piece
        if not self._begun:
            bodied, chunked = self._begin()
        if chunked:
            yield LAST_CHUNK

    def _begin(self) -> tuple[bool, bool]:
        """Tells the server the head. True where there is a body; True where it is chunked."""
        if not self._status:
            raise AssertionError("the application did not call start_response")
        bodied = not self._status.startswith(("1", *BODILESS)) and self._environ["REQUEST_METHOD"] != "HEAD"
        chunked = bodied and self._environ["SERVER_PROTOCOL"] == "HTTP/1.1" and not self._has_length()
        if chunked:
            self._fields.append(("Transfer-Encoding", "chunked"))
        self._begun = True
        self._tell(self._status, self._fields)
        return bodied, chunked

    def _has_length(self) -> bool:
        return any(name.lower() == "content-length" for name, _ in self._fields)
