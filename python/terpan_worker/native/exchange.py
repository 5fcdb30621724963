"""What a link knows of one request whose body or answer comes in pieces."""

from collections import deque
from typing import Deque

from .frames import WINDOW

FILE_IDLE, FILE_NAMED, FILE_IS_DONE, FILE_IS_REFUSED = range(4)


class Gone(OSError):
    """Nobody waits for this answer any more, or the link has ended."""


class Exchange:
    """Changed by whoever holds the link's read role, read by the thread that runs the request; every field is one store."""

    __slots__ = ("number", "credit", "spent", "pieces", "received", "taken", "ended", "cancelled", "file")

    def __init__(self, number: int) -> None:
        self.number = number
        self.credit = WINDOW
        """Bytes of the answer's body that may be sent in all; raised by the reader."""
        self.spent = 0
        """Bytes of the answer's body that were sent; raised by the request's thread."""
        self.pieces: Deque[bytes] = deque()
        self.received = 0
        """Bytes of the request's body that came; raised by the reader."""
        self.taken = 0
        """Bytes of the request's body that were credited; raised by the request's thread."""
        self.ended = False
        self.cancelled = False
        self.file = FILE_IDLE
