"""The wheel: the image as the folder of a Python package, with the command ``terpan`` beside the environment's own."""

import base64
import hashlib
import os
import re
import time
import zipfile
from pathlib import Path
from typing import Dict, List, Tuple

from . import parts
from .image import Image, files_of

#: What is written of the wheel for pip.
METADATA = """\
Metadata-Version: 2.1
Name: terpan
Version: {version}
Summary: {summary}
License: Apache-2.0; the Java runtime within: GPL-2.0 with the Classpath Exception
Platform: Linux
Classifier: Development Status :: 3 - Alpha
Classifier: Environment :: Web Environment
Classifier: License :: OSI Approved :: Apache Software License
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Java
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Internet :: WWW/HTTP :: WSGI :: Server
Requires-Python: >=3.9
Description-Content-Type: text/markdown

"""
WHEEL = """\
Wheel-Version: 1.0
Generator: terpan build-wheel
Root-Is-Purelib: false
Tag: {tag}
"""


class Archive:
    """A zip whose bytes depend on nothing but its content."""

    def __init__(self, path: Path, when: Tuple[int, ...], level: int) -> None:
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.level = level
        self.when = when
        self.record: List[str] = []

    def add(self, name: str, content: bytes, executable: bool = False) -> None:
        entry = zipfile.ZipInfo(name, self.when)
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        entry.create_system = 3
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(entry, content, compresslevel=self.level)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self.record.append("%s,sha256=%s,%d" % (name, digest, len(content)))

    def close(self, record: str) -> None:
        content = "\n".join([*self.record, record + ",,", ""])
        self.add(record, content.encode())
        self.zip.close()


def build(tree: Path, image: Image, output: Path, epoch: int, quick: bool) -> Path:
    """Writes the wheel into a folder and returns its path; one of the same name is replaced."""
    tag = "py3-none-manylinux_2_%d_%s" % (image.glibc, image.machine)
    path = output / ("terpan-%s-%s.whl" % (image.version, tag))
    fresh = path.with_name("." + path.name)
    archive = Archive(fresh, time.gmtime(epoch)[:6], 1 if quick else 9)
    for name, (content, executable) in package(tree, image).items():
        archive.add(name, content, executable)
    info = "terpan-%s.dist-info" % image.version
    summary = re.search("<description>([^<]+)<", (tree / "pom.xml").read_text()).group(1)
    metadata = METADATA.format(version=image.version, summary=summary) + (tree / "README.md").read_text()
    archive.add(info + "/licenses/LICENSE", (tree / "LICENSE").read_bytes())
    archive.add(info + "/METADATA", metadata.encode())
    archive.add(info + "/WHEEL", WHEEL.format(tag=tag).encode())
    archive.close(info + "/RECORD")
    os.replace(fresh, path)
    return path


def package(tree: Path, image: Image) -> Dict[str, Tuple[bytes, bool]]:
    """Each file's name in the wheel, with its content and whether it is a program."""
    files = {}
    for file in sorted((tree / "packaging/wheel/terpan").glob("*.py")):
        files["terpan/" + file.name] = (file.read_bytes(), False)
    for file in files_of(image.folder):
        place = file.relative_to(image.folder).as_posix()
        # Where those who look at environments look for it.
        name = "terpan-%s.dist-info/sboms/%s" % (image.version, place) if place == parts.BOM else "terpan/" + place
        files[name] = (file.read_bytes(), os.access(file, os.X_OK))
    command = (tree / "packaging/wheel/command").read_text().replace("VERSION", image.version)
    files["terpan-%s.data/scripts/terpan" % image.version] = (command.encode(), True)
    return files
