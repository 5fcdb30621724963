"""The command line of what builds packages."""

import argparse
import fcntl
import hashlib
import os
import platform
from pathlib import Path
from typing import List

from . import debian, image, tarball, wheel

ENDINGS = (".whl", ".deb", ".tar.gz")
KINDS = {"wheel": wheel.build, "deb": debian.build, "tarball": tarball.build}


def write_sums(output: Path) -> None:
    """The checksums of all packages in the folder, for sha256sum --check."""
    made = sorted(file for file in output.iterdir() if file.name.endswith(ENDINGS))
    lines = ["%s  %s" % (hashlib.sha256(file.read_bytes()).hexdigest(), file.name) for file in made]
    (output / "SHA256SUMS").write_text("\n".join([*lines, ""]))


def main(tree: Path, arguments: List[str]) -> int:
    """Builds packages and prints their paths. JAVA_HOME and JAVA_MODULES say with what their Java is linked."""
    parser = argparse.ArgumentParser(prog="build-package", description="Builds packages of Terpan, with a Java of its own.")
    parser.add_argument("kinds", nargs="+", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--output", type=Path, default=tree / "dist", help="where they are written (default: dist)")
    parser.add_argument("--no-cache", action="store_true", help="without start-up cache: the same bytes each time")
    parser.add_argument("--quick", action="store_true", help="packed soon instead of small, for trying out")
    parser.add_argument("--jmods", type=Path, help="the jmods of the JDK of another machine")
    parser.add_argument("--machine", default=platform.machine(), help="that machine, as uname -m names it")
    options = parser.parse_args(arguments)
    if (options.jmods is None) != (options.machine == platform.machine()):
        parser.error("--jmods and --machine belong together: the modules of another machine's JDK, and what it is called")
    if options.jmods and not (options.jmods / "java.base.jmod").is_file():
        parser.error("%s has no java.base.jmod, expected the folder jmods of a JDK" % options.jmods)
    source = image.Source(
        tree,
        Path(os.environ["JAVA_HOME"]),
        os.environ["JAVA_MODULES"].split(),
        options.jmods and options.jmods.absolute(),
        options.machine,
    )
    options.output.mkdir(parents=True, exist_ok=True)
    home = tree / "target" / "packages"
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until this process ends
        made = image.make(source, cache=not options.no_cache)
        for kind in options.kinds:
            print(KINDS[kind](tree, made, options.output, image.epoch_of(tree), options.quick), flush=True)
    write_sums(options.output)
    return 0
