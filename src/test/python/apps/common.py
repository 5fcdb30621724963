"""What the real applications do alike, whatever framework they are written with."""

import hashlib
import os
import time

BLOCK = bytes(range(256)) * 256
WAIT_MOST = 20.0


class Digest:
    """Length and hash of a body that is read piece by piece."""

    def __init__(self):
        self._hash = hashlib.sha256()
        self._length = 0

    def add(self, piece):
        self._hash.update(piece)
        self._length += len(piece)

    def __str__(self):
        return f"{self._length} {self._hash.hexdigest()}"


def digest(read):
    """The digest of what a function reads, by pieces of 64 KiB."""
    made = Digest()
    for piece in iter(lambda: read(1 << 16), b""):
        made.add(piece)
    return str(made)


def blocks(length):
    """A known pattern of so many bytes."""
    while length > 0:
        yield BLOCK[:length]
        length -= len(BLOCK)


def stream(until):
    """The second piece only once a file is there: the test has the first by then."""
    yield b"first\n"
    deadline = time.monotonic() + WAIT_MOST
    while not os.path.exists(until):
        if time.monotonic() > deadline:
            raise TimeoutError(until)
        time.sleep(0.005)
    yield b"last\n"


def fail_later():
    yield b"half of it"
    raise RuntimeError("failed after the first byte")


async def asynchronous(pieces):
    """The same pieces for an event loop; each is made in a thread, for making it may take its time."""
    import asyncio

    loop = asyncio.get_running_loop()
    while True:
        piece = await loop.run_in_executor(None, next, pieces, None)
        if piece is None:
            return
        yield piece
