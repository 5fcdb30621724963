"""`wsgi.file_wrapper`: an answer's body that is a file."""

import io
import os
import stat
import sys
from typing import Any, Iterator, NamedTuple, Optional


class RegularFile(NamedTuple):
    """What the front needs to send the bytes itself."""

    descriptor: int
    offset: int
    length: int
    device: int
    inode: int


class FileWrapper:
    """Iterates over a file-like object in blocks; the server looks inside before it does."""

    def __init__(self, filelike: Any, block_size: int = 64 * 1024) -> None:
        self.filelike = filelike
        self.block_size = block_size
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.filelike.read(self.block_size), b"")

    def regular_file(self) -> Optional[RegularFile]:
        """The regular file behind it from its present position; None when there is none."""
        file = self.filelike
        temporary = sys.modules.get("tempfile")  # Its import would cost every start.
        if temporary is not None and isinstance(file, getattr(temporary, "_TemporaryFileWrapper", ())):
            file = file.file
        # Other classes have descriptors too, but not of the bytes that they give (gzip).
        if type(file) not in (io.BufferedReader, io.BufferedRandom, io.FileIO) or type(getattr(file, "raw", file)) is not io.FileIO:
            return None
        try:
            descriptor = file.fileno()
            status = os.fstat(descriptor)
            offset = file.tell()
        except (OSError, ValueError):
            return None  # Closed, or a pipe: it is read in blocks, which says what is wrong.
        if not stat.S_ISREG(status.st_mode):
            return None
        return RegularFile(descriptor, offset, max(0, status.st_size - offset), status.st_dev, status.st_ino)
