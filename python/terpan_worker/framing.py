"""Frames answers for servers that let their end be the end of the connection: an answer that breaks off must not look whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LAST_CHUNK = b"0\r\n\r\n"


def framed(application: Callable) -> Callable:
    """Every answer to HTTP/1.1 has a length or is chunked, and a body only where it may have one."""

    def framing(environ: dict, start_response: Callable) -> Iterable[bytes]:
        head = _Head()
        head.environ = environ
        head.tell = start_response
        result = application(environ, head.start_response)
        if type(result) is list or type(result) is tuple:
            return head.whole(b"".join(result))
        return _Framed(head, result)

    return framing


class _Head:
    """Goes to the server when the body begins, for until then it may be another one.

    One is made for each request, so it has no ``__init__``: who makes it sets ``environ`` and ``tell``.
    """

    environ: dict
    #: the server's ``start_response``
    tell: Callable
    begun = False
    chunked = False
    _status = ""
    _fields: list

    def start_response(self, status: str, headers: list, exc_info: Any = None) -> None:
        if exc_info:
            try:
                if self.begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status:
            raise AssertionError("start_response was called before")
        self._status, self._fields = status, list(headers)

    @property
    def bodied(self) -> bool:
        return self._may_have_length() and not self._to_head()

    def whole(self, body: bytes) -> list[bytes]:
        """Begins an answer of which this is all."""
        bodied = self._may_have_length()
        length = ("Content-Length", str(len(body)))
        # As nearly everyone writes it, looked for at first.
        if bodied and length not in self._fields and not self._has_length():
            self._fields.append(length)
        self._tell()
        return [body] if bodied and not self._to_head() else []

    def begin(self) -> None:
        """Begins an answer whose length is not known."""
        if self.bodied and self.environ["SERVER_PROTOCOL"] == "HTTP/1.1" and not self._has_length():
            self._fields.append(("Transfer-Encoding", "chunked"))
            self.chunked = True
        self._tell()

    def _tell(self) -> None:
        self.begun = True
        self.tell(self._status, self._fields)

    def _has_length(self) -> bool:
        return any(name.lower() == "content-length" for name, _ in self._fields)

    def _to_head(self) -> bool:
        return self.environ["REQUEST_METHOD"] == "HEAD"

    def _may_have_length(self) -> bool:
        if not self._status:
            raise AssertionError("the application did not call start_response")
        return not self._status.startswith(("1", "204", "304"))


class _Framed:
    def __init__(self, head: _Head, result: Any) -> None:
        self._head = head
        self._result = result
        self._pieces = self._given()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        close = getattr(self._result, "close", None)
        if close is not None:
            close()

    def _given(self) -> Iterator[bytes]:
        head = self._head
        for piece in self._result:
            if not piece:
                continue
            if not head.begun:
                head.begin()
            if head.chunked:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
            elif head.bodied:
                yield piece
        if not head.begun:
            head.begin()
        if head.chunked:
            yield LAST_CHUNK
