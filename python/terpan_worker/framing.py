"""Frames answers for servers that let their end be the end of the connection: an answer that breaks off must not look whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terpan_worker.native.heads import without_body
from terpan_worker.results import close_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LAST_CHUNK = b"0\r\n\r\n"


class Framed:
    """An answer in pieces: to HTTP/1.1 it has a length or is chunked, and it has a body only where it may have one."""

    def __init__(self, result: Iterable[bytes], is_head: bool, chunks: bool, tell: Callable) -> None:
        """``tell`` is the server's ``start_response``; what ``result`` does calls that of this, before the first piece."""
        self._result = result
        self._is_head = is_head
        self._chunks = chunks
        self._tell = tell
        self._bodied = False
        self._chunked = False
        self._pieces = self._given()

    def start_response(self, status: str, headers: list, *exc_info: Any) -> object:
        self._bodied = not without_body(status) and not self._is_head
        has_length = any(name.lower() == "content-length" for name, _ in headers)
        self._chunked = self._bodied and not has_length and self._chunks
        if self._chunked:
            headers = [*headers, ("Transfer-Encoding", "chunked")]
        return self._tell(status, headers, *exc_info)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._pieces = iter(())  # which would hold this, and be held by it
        close_result(self._result)

    def _given(self) -> Iterator[bytes]:
        for piece in self._result:
            if self._chunked and piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
            elif self._bodied:
                yield piece
        if self._chunked:
            yield LAST_CHUNK
