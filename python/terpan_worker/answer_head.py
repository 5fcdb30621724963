"""What an application says of its answer, kept until the server is told: once, when nothing can replace it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITTEN_IN_MEMORY = 1 << 20
BLOCK = 1 << 16
#: Answers with no body, and no length of one.
BODILESS = ("204", "304")

#: The server has not heard of the head.
UNTOLD = 0
#: The server was told, and may have refused.
TRIED = 1
#: The server took it.
TOLD = 2


class Head:
    """What the application said of its answer, until the server is told.

    One is made for each request, so it has slots and no ``__init__``: who makes it sets ``tell``, and that nothing is said yet.
    """

    __slots__ = ("_write", "headers", "state", "status", "tell", "written")

    #: the server's ``start_response``
    tell: Callable
    #: None until the application said it
    status: str | None
    headers: Any
    #: ``UNTOLD``, ``TRIED`` or ``TOLD``
    state: int
    #: bytes that were written and that the server has not got; None: none ever
    written: Written | None

    def start(self, status: str, headers: list, exc_info: Any = None) -> Callable[[bytes], object]:
        """The ``start_response`` of the application."""
        if exc_info:
            try:
                if self.state == TOLD or self.written is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.status is not None:
            raise RuntimeError("start_response was called twice without exc_info")
        self.status, self.headers = status, headers
        return self.write

    def replace(self, status: str, headers: list) -> None:
        self.status, self.headers = status, headers

    @property
    def length(self) -> int | None:
        """The Content-Length of a body that follows; None when there is none, or no number."""
        if self.status is None or self.status[:3] in BODILESS:
            return None
        for name, value in self.headers:
            if len(name) == 14 and name.lower() == "content-length":
                return int(value) if value.isdigit() else None
        return None

    def measure(self, size: int) -> None:
        """The body has so many bytes: the server need not find that out."""
        if self.status is not None and self.status[:3] not in BODILESS and self.length is None:
            self.headers = [*self.headers, ("Content-Length", str(size))]

    def give(self) -> None:
        """Tells the server, the first time."""
        if self.state == TOLD:
            return
        if self.status is None:
            raise RuntimeError("the application did not call start_response")
        if self.state == TRIED:
            import sys

            self._write = self.tell(self.status, self.headers, sys.exc_info())  # it refused the first one
        else:
            self.state = TRIED
            self._write = self.tell(self.status, self.headers)
        self.state = TOLD

    def write(self, data: bytes) -> None:
        self.give()
        self._write(data)

    def taken(self) -> Iterator[bytes]:
        """Gives out what was written and the server has not got."""
        return iter(()) if self.written is None else self.written.taken()


class KeepingHead(Head):
    """Keeps what is written, for a server that has no ``write``."""

    __slots__ = ()

    def write(self, data: bytes) -> None:
        data = as_bytes(data)
        if not data:
            return
        if self.written is None:
            self.written = Written()
        self.written.add(data)


def as_bytes(piece: object) -> bytes:
    """Raises TypeError where a piece of an answer is text, or a number."""
    if not isinstance(piece, (bytes, bytearray, memoryview)):
        raise TypeError(f"a piece of the answer of type {type(piece).__name__}, expected bytes")
    return bytes(piece)


class Written:
    """Bytes in memory, and in a file when they are many."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._file: Any = None

    def add(self, data: bytes) -> None:
        self._pieces.append(data)
        self._bytes += len(data)
        if self._bytes > WRITTEN_IN_MEMORY:
            self._to_file()

    def _to_file(self) -> None:
        if self._file is None:
            import tempfile

            self._file = tempfile.TemporaryFile()
        self._file.writelines(self._pieces)
        self._pieces.clear()
        self._bytes = 0

    def taken(self) -> Iterator[bytes]:
        """Gives all of it out, once."""
        file, self._file = self._file, None
        if file is not None:
            with file:
                file.seek(0)
                yield from iter(lambda: file.read(BLOCK), b"")
        pieces, self._pieces = self._pieces, []
        self._bytes = 0
        yield from pieces
