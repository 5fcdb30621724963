"""The Debian package: the image in /usr/lib/terpan, with everything around it that a service of Debian's has."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import List

from .image import Image, fail, files_of
from .machines import machine_of

MAINTAINER = "Terpan maintainers <maintainers@terpan.invalid>"
SCRIPTS = ("postinst", "prerm", "postrm")

CONTROL = """\
Package: terpan
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: adduser, init-system-helpers (>= 1.51), libc6 (>= 2.{glibc}), python3 (>= 3.9)
Recommends: python3-venv
Suggests: logrotate
Section: httpd
Priority: optional
Description: application server for Python web applications
 Terpan serves a Python web application on every core, with any WSGI server. It
 starts one Python process for each core, keeps them alive, and hands every HTTP
 request to one that is free now; requests wait in one queue, slow clients hold
 no worker, and workers are replaced without a gap.
 .
 It comes with a Java runtime of its own.
"""

CHANGELOG = """\
terpan ({version}) unstable; urgency=medium

  * The changes of this version are in /usr/share/doc/terpan/CHANGELOG.md.gz.

 -- {maintainer}  {when}
"""


def build(tree: Path, image: Image, output: Path, epoch: int, quick: bool) -> Path:
    """Writes the package into a folder and returns its path; one of the same name is replaced."""
    architecture = machine_of(image.machine).debian
    if shutil.which("dpkg-deb") is None:
        fail("a Debian package needs dpkg-deb, which is not on the path")
    root = tree / "target" / "packages" / image.machine / "debian"
    shutil.rmtree(root, ignore_errors=True)
    fill(tree, image, root, epoch)
    size = sum(file.stat().st_size for file in files_of(root)) // 1024
    control = CONTROL.format(
        version=image.version, architecture=architecture, maintainer=MAINTAINER, size=size, glibc=image.glibc
    )
    put_control(tree, root, control)
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    path = output / ("terpan_%s_%s.deb" % (image.version, architecture))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    command = ["dpkg-deb", "--root-owner-group", *(["-Zgzip", "-z1"] if quick else ["-Zxz"]), "--build", str(root), str(path)]
    built = subprocess.run(command, capture_output=True, text=True, env=environment)
    if built.returncode:
        fail("dpkg-deb failed: " + built.stderr.strip())
    return path


def fill(tree: Path, image: Image, root: Path, epoch: int) -> None:
    """Everything that is installed."""
    shutil.copytree(image.folder, root / "usr/lib/terpan", symlinks=True)
    for file in files_of(root):
        file.chmod(0o755 if os.access(file, os.X_OK) else 0o644)
    debian = tree / "packaging/debian"
    put(debian / "command", root / "usr/bin/terpan", 0o755)
    put(debian / "terpan.toml", root / "etc/terpan/terpan.toml")
    (root / "etc/terpan/applications").mkdir()
    put(debian / "logrotate", root / "etc/logrotate.d/terpan")
    put(debian / "lintian-overrides", root / "usr/share/lintian/overrides/terpan")
    for unit in sorted((tree / "packaging/systemd").iterdir()):
        put(unit, root / "lib/systemd/system" / unit.name)
    # The image's own Java may be another machine's.
    java = [str(image.runner), "-cp", str(image.folder / "terpan.jar")]
    manuals = root / "usr/share/man"
    for section in ("1", "5"):
        (manuals / ("man" + section)).mkdir(parents=True)
    subprocess.run([*java, "terpan.cli.ManPages", str(manuals)], check=True)
    for page in sorted(manuals.glob("*.[15]")):
        pack(page, manuals / ("man" + page.suffix[1:]) / (page.name + ".gz"))
        page.unlink()
    made = subprocess.run([*java, "terpan.cli.Main", "completion", "bash"], check=True, capture_output=True, text=True)
    completion = root / "usr/share/bash-completion/completions/terpan"
    completion.parent.mkdir(parents=True)
    completion.write_text(re.sub(r"\A#!.*\n", "", made.stdout))
    put(debian / "zsh-completion", root / "usr/share/zsh/vendor-completions/_terpan")
    documents = root / "usr/share/doc/terpan"
    documents.mkdir(parents=True)
    put(debian / "copyright", documents / "copyright")
    pack(tree / "CHANGELOG.md", documents / "CHANGELOG.md.gz")
    when = subprocess.run(["date", "-u", "-R", "-d", "@%d" % epoch], check=True, capture_output=True, text=True).stdout.strip()
    changelog = CHANGELOG.format(version=image.version, maintainer=MAINTAINER, when=when)
    (documents / "changelog.gz").write_bytes(gzip.compress(changelog.encode(), 9, mtime=0))


def put(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def pack(source: Path, target: Path) -> None:
    target.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))


def put_control(tree: Path, root: Path, control: str) -> None:
    folder = root / "DEBIAN"
    sums: List[str] = []
    for file in files_of(root):
        sums.append("%s  %s" % (hashlib.md5(file.read_bytes()).hexdigest(), file.relative_to(root)))
    configuration = ["/" + str(file.relative_to(root)) for file in files_of(root / "etc")]
    folder.mkdir()
    (folder / "control").write_text(control)
    (folder / "md5sums").write_text("\n".join([*sums, ""]))
    (folder / "conffiles").write_text("\n".join([*configuration, ""]))
    for script in SCRIPTS:
        put(tree / "packaging/debian" / script, folder / script, 0o755)
