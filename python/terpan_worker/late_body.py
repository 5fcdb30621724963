"""How applications read a request's body, and until when: for Cheroot and CherryPy, which are of one family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

BLOCK = 1 << 16


class LateBody:
    """Before their ``HTTPRequest``, which throws the body away before it sends an answer's head.

    An application that has begun its answer may still read, and what it left is read after that.
    """

    #: theirs: the request's body, how an answer of theirs ends
    rfile: Any
    close_connection: bool

    def send_headers(self) -> None:
        body, self.rfile = self.rfile, None
        try:
            super().send_headers()  # type: ignore[misc]
        finally:
            self.rfile = body

    def respond(self) -> None:
        super().respond()  # type: ignore[misc]
        while not self.close_connection and getattr(self.rfile, "remaining", 0) > 0:
            if not self.rfile.read(BLOCK):
                self.close_connection = True  # it ended before its length


def bounded(module: Any) -> None:
    """Has their reader of a body stop at its length.

    It goes on for ever for ``read(-1)`` and for lines by iteration: it waits for what comes after the request.
    """

    class Bounded(module.KnownLengthRFile):
        def read(self, size: int | None = None) -> bytes:
            return super().read(None if size is not None and size < 0 else size)

        def readline(self, size: int | None = None) -> bytes:
            return super().readline(None if size is not None and size < 0 else size)

        def readlines(self, sizehint: int | None = 0) -> list[bytes]:
            return lines(self, sizehint)

        def __next__(self) -> bytes:
            line = self.readline()
            if not line:
                raise StopIteration
            return line

    module.KnownLengthRFile = Bounded


def lines(body: Iterable[bytes], hint: int | None) -> list[bytes]:
    """What ``readlines`` of a body gives: all of its lines, or so many that they have ``hint`` bytes."""
    taken: list[bytes] = []
    total = 0
    for line in body:
        taken.append(line)
        total += len(line)
        if hint and 0 < hint <= total:
            break
    return taken
