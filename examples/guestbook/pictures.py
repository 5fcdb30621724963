"""Uploaded pictures: checked by what they are, not by what they are called, and kept as files of our own naming."""

import os
import secrets
from pathlib import Path
from typing import BinaryIO, NamedTuple

LARGEST = 4 * 2**20
ACCEPTED = "image/png,image/jpeg,image/gif,image/webp"


class Refused(ValueError):
    """A picture that is not taken; the text is for the visitor."""


class Picture(NamedTuple):
    content: bytes
    ending: str

    @staticmethod
    def read(file: BinaryIO) -> "Picture":
        content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Refused(f"Please choose a picture of at most {LARGEST // 2**20} MiB.")
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return Picture(content, "png")
        if content.startswith(b"\xff\xd8\xff"):
            return Picture(content, "jpg")
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return Picture(content, "gif")
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return Picture(content, "webp")
        raise Refused("Please choose a PNG, JPEG, GIF or WebP picture.")


class Album:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, picture: Picture) -> str:
        """Stores the picture and returns its name; it is never seen half written."""
        name = f"{secrets.token_hex(16)}.{picture.ending}"
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(picture.content)
        os.replace(unfinished, self.folder / name)
        return name
