"""What an application says of its answer, kept until the server is told: once, when nothing can replace it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terpan_worker.native.heads import ODD, check_head, listed, plain_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITTEN_IN_MEMORY = 1 << 20
BLOCK = 1 << 16
#: Statuses of final answers that no body follows.
BODILESS = ("204", "304")

#: The server has not heard of the head.
UNTOLD = 0
#: The server was told, and may have refused.
TRIED = 1
#: The server took it.
TOLD = 2
#: The answer has ended: nothing more is taken for it.
OVER = 3


class Head:
    """What the application said of its answer, until the server is told, and how much of the body is missing.

    One is made for each request, so it has slots and no ``__init__``: who makes it sets ``tell``, and that nothing is said yet.
    """

    __slots__ = ("_checked", "_write", "bodiless", "broken", "cuts", "headers", "left", "length", "state", "status", "tell", "written")

    #: the server's ``start_response``
    tell: Callable
    #: None until the application said it
    status: str | None
    headers: Any
    #: ``UNTOLD``, ``TRIED``, ``TOLD`` or ``OVER``
    state: int
    #: bytes that were written and that the server has not got; None: none ever
    written: Written | None
    #: whether the server's own ``write`` has raised, or its body broken off
    broken: bool
    #: known once the head was checked: the Content-Length of a body that follows (None: none), and how much of it is missing
    length: int | None
    left: int | None
    #: whether the status lets no body follow
    bodiless: bool
    #: whether the application gave more than its Content-Length
    cuts: bool

    def start(self, status: str, headers: list, exc_info: Any = None) -> Callable[[bytes], object]:
        """The ``start_response`` of the application."""
        if exc_info:
            try:
                if self.state >= TOLD or self.written is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.status is not None:
            raise RuntimeError("start_response was called twice without exc_info")
        self.status, self.headers = status, headers if type(headers) is list else listed(headers)
        self._checked = False
        return self.write

    def replace(self, status: str, headers: list) -> None:
        self.status, self.headers = status, headers
        self._checked = False

    def check(self) -> None:
        """Raises where it is no head; the same for every server, so that none has to refuse it."""
        length: int | None = plain_length(self.status, self.headers)
        self.bodiless = False
        if length == ODD:
            self.status, self.headers, length = check_head(self.status, self.headers)
            self.bodiless = self.status[:3] in BODILESS
        self.length = self.left = None if length is None or length < 0 or self.bodiless else length
        self.cuts = self.broken = False
        self._checked = True

    def measure(self, size: int) -> None:
        """The body has so many bytes: the server need not find that out."""
        if not self._checked:
            self.check()
        if not self.bodiless and self.length is None:
            self.headers = [*self.headers, ("Content-Length", str(size))]
            self.length = self.left = size

    def give(self) -> None:
        """Tells the server, the first time."""
        if self.state >= TOLD:
            return
        if self.status is None:
            raise RuntimeError("the application did not call start_response")
        if not self._checked:
            self.check()
        if self.state == TRIED:
            self._write = self._tell_again()  # it refused the first one
        else:
            self.state = TRIED
            self._write = self.tell(self.status, self.headers)
        self.state = TOLD

    def _tell_again(self) -> Any:
        import sys

        try:
            raise RuntimeError("the server refused the first head")
        except RuntimeError:
            return self.tell(self.status, self.headers, sys.exc_info())

    def cut(self, piece: bytes) -> bytes:
        """What of a piece the Content-Length has room for."""
        left = self.left
        if left is None:
            return piece
        if len(piece) > left:
            self.cuts = True
            piece = piece[:left]
        self.left = left - len(piece)
        return piece

    def write(self, data: bytes) -> None:
        data = as_bytes(data)
        if self.state == OVER:
            raise RuntimeError("write() after the end of the answer")
        self.give()
        data = b"" if self.bodiless else self.cut(data)
        if data:
            try:
                self._write(data)
            except BaseException:
                self.broken = True
                raise

    def write_end(self) -> None:
        self._write(b"")

    def taken(self) -> Iterator[bytes]:
        """Gives out what was written and the server has not got."""
        return iter(()) if self.written is None else self.written.taken()

    def taken_as_told(self) -> Iterator[bytes]:
        """The same for an answer that comes to nothing more: its head goes before the first piece."""
        for piece in self.taken():
            self.give()
            yield self.cut(piece)

    def end(self) -> None:
        """Lets go of the server's part: the application may keep what it was given for as long as it likes."""
        self.state = OVER
        self.tell = self._write = _refuse


def _refuse(*given: object) -> Any:
    raise RuntimeError("the answer has ended")


class KeepingHead(Head):
    """Keeps what is written, for a server that has no ``write``."""

    __slots__ = ()

    def write(self, data: bytes) -> None:
        data = as_bytes(data)
        if self.state == OVER:
            raise RuntimeError("write() after the end of the answer")
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
