"""What an application says of its answer, kept until the server is told: once, when nothing can replace it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITTEN_IN_MEMORY = 1 << 20
BLOCK = 1 << 16


class Head:
    """What the application said of its answer, until the server is told."""

    __slots__ = ("_headers", "_status", "_tell", "_tried", "_write", "given", "kept")

    def __init__(self, start_response: Callable) -> None:
        self._tell = start_response
        self._status: str | None = None
        self._headers: Any = ()
        self._tried = False
        #: the server was told
        self.given = False
        #: bytes were written that the server has not got
        self.kept = False

    def start(self, status: str, headers: list, exc_info: Any = None) -> Callable[[bytes], object]:
        """The ``start_response`` of the application."""
        if exc_info:
            try:
                if self.given or self.kept:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status is not None:
            raise RuntimeError("start_response was called twice without exc_info")
        self._status, self._headers = status, headers
        return self.write

    def replace(self, status: str, headers: list) -> None:
        self._status, self._headers = status, headers

    @property
    def length(self) -> int | None:
        """The Content-Length of a body that follows; None when there is none, or no number."""
        if self._status is None or self._status[:3] in ("204", "304"):
            return None
        for name, value in self._headers:
            if len(name) == 14 and name.lower() == "content-length":
                return int(value) if value.isdigit() else None
        return None

    def says_length(self, size: int) -> bool:
        """A quick look: whether the Content-Length, as nearly everyone writes it, is this one."""
        return ("Content-Length", str(size)) in self._headers

    def say_took(self, micros: int) -> None:
        """Tells the front how long the request took, in a field that it keeps to itself."""
        self._headers = [*self._headers, ("X-Terpan-Took", str(micros))]

    def measure_nothing(self) -> None:
        """The body has no bytes: the server need not find that out."""
        if self._status is not None and self._status[:3] not in ("204", "304") and self.length is None:
            self._headers = [*self._headers, ("Content-Length", "0")]

    def give(self) -> None:
        if self.given:
            return
        if self._status is None:
            raise RuntimeError("the application did not call start_response")
        if self._tried:
            import sys

            self._write = self._tell(self._status, self._headers, sys.exc_info())  # it refused the first one
        else:
            self._tried = True
            self._write = self._tell(self._status, self._headers)
        self.given = True

    def write(self, data: bytes) -> None:
        self.give()
        self._write(data)

    def taken(self) -> Iterator[bytes]:
        """Gives out what was written and the server has not got."""
        return iter(())


class KeepingHead(Head):
    """Keeps what is written: in memory, and in a file when it is much."""

    __slots__ = ("_bytes", "_file", "_pieces")

    def write(self, data: bytes) -> None:
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError(f"a piece of the answer of type {type(data).__name__}, expected bytes")
        if not data:
            return
        if not self.kept:
            self.kept = True
            self._pieces: list[bytes] = []
            self._bytes = 0
            self._file: Any = None
        self._pieces.append(bytes(data))
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
        if not self.kept:
            return
        file, self._file = self._file, None
        if file is not None:
            with file:
                file.seek(0)
                yield from iter(lambda: file.read(BLOCK), b"")
        pieces, self._pieces = self._pieces, []
        self._bytes = 0
        yield from pieces
