"""Kinds, bounds and packing of the native link's frames (docs/native-link.md)."""

from struct import Struct
from typing import Iterable

FRAME_HEAD = Struct("<IB")
NUMBER = Struct("<I")
PAIR = Struct("<II")
HEAD_FIXED = Struct("<IBq")
FILE_FIXED = Struct("<IIQQQQ")

FRAME_LIMIT = 16 * 1024 * 1024
BATCH_LIMIT = 128 * 1024
"""Bytes of a frame with several answers."""
CHUNK = 64 * 1024
WINDOW = 256 * 1024

# Front to worker.
BATCH = 0
BODY = 1
BODY_END = 2
CANCEL = 3
CREDIT = 4
FILE_DONE = 5
FILE_REFUSED = 6

# Worker to front; BATCH is 0 here too.
HEAD = 1
PIECE = 2
END = 3
ABORT = 4
RETURNED = 5
BODY_CREDIT = 6
FILE = 7
HINTS = 8


class Nonsense(Exception):
    """The front broke the link's rules; the connection ends."""


def frame(kind: int, payload: bytes) -> bytes:
    return FRAME_HEAD.pack(len(payload) + 1, kind) + payload


def numbered(kind: int, number: int, payload: bytes = b"") -> bytes:
    return FRAME_HEAD.pack(len(payload) + 5, kind) + NUMBER.pack(number) + payload


def returned(numbers: Iterable[int]) -> bytes:
    return frame(RETURNED, b"".join(map(NUMBER.pack, numbers)))
