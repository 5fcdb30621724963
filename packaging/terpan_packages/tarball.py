"""The tarball: the image in a folder, with the manual of two lines that it takes to use it."""

import gzip
import io
import os
import tarfile
from pathlib import Path

from .image import Image, files_of

INSTALL = """\
Terpan {version}, with a Java of its own; Python 3.9 or later and glibc 2.{glibc} are all it takes.

    tar -xzf {name}.tar.gz -C /opt
    ln -s /opt/{name}/terpan /usr/local/bin/terpan
    terpan serve app.py

To remove it: remove the link and the folder. Nothing is written into the folder.
"""


def build(tree: Path, image: Image, output: Path, epoch: int, quick: bool) -> Path:
    """Writes the archive into a folder and returns its path; one of the same name is replaced."""
    name = "terpan-%s-linux-%s" % (image.version, image.machine)
    path = output / (name + ".tar.gz")
    contents = {"%s/%s" % (name, file.relative_to(image.folder)): file for file in files_of(image.folder)}
    contents[name + "/terpan"] = tree / "packaging" / "tarball" / "terpan"
    contents[name + "/LICENSE"] = tree / "LICENSE"
    fresh = path.with_name("." + path.name)
    with fresh.open("wb") as raw, gzip.GzipFile("", "wb", 1 if quick else 9, raw, mtime=epoch) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            install = INSTALL.format(version=image.version, glibc=image.glibc, name=name).encode()
            add(archive, name + "/INSTALL", install, False, epoch)
            for entry, file in sorted(contents.items()):
                add(archive, entry, file.read_bytes(), os.access(file, os.X_OK), epoch)
    os.replace(fresh, path)
    return path


def add(archive: tarfile.TarFile, name: str, content: bytes, executable: bool, epoch: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mtime = epoch
    entry.mode = 0o755 if executable else 0o644
    archive.addfile(entry, io.BytesIO(content))
