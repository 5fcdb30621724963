"""Machines: what of an image depends on the processor, and how what another one needs is come by.

The Java runtime is linked from that machine's modules (image.py); the libraries with native code are Maven's to find, which is told that it
runs there; and whatever was made is looked through, so that nothing of one machine goes to the other.
"""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

ELF = b"\x7fELF"
SECONDS = 300
#: How many bytes a line of a manifest has at most, without its end (JAR File Specification).
LINE_BYTES = 72


class Machine(NamedTuple):
    """``java`` is what a JVM calls it (os.arch), ``debian`` what dpkg does, ``elf`` its number in the head of a program (e_machine)."""

    java: str
    debian: str
    elf: int


#: By what uname -m says. Others have no native libraries of ours.
MACHINES = {"x86_64": Machine("amd64", "amd64", 62), "aarch64": Machine("aarch64", "arm64", 183)}


def machine_of(name: str) -> Machine:
    if name not in MACHINES:
        sys.exit("packages: there are no native libraries for %s, expected a machine of %s" % (name, ", ".join(MACHINES)))
    return MACHINES[name]


def maven_environment(name: str) -> Dict[str, str]:
    """The environment for a Maven that finds the libraries of a machine: its profiles, and those of libraries, ask for the processor."""
    options = "%s -Dos.arch=%s" % (os.environ.get("MAVEN_OPTS", ""), machine_of(name).java)
    return {**os.environ, "MAVEN_OPTS": options.strip()}


def libraries(tree: Path, name: str, scratch: Path) -> List[Path]:
    """Our libraries as that machine has them, in the order of the class path; they lie in Maven's repository, fetched if need be.

    ``scratch`` is a file that is written on the way.
    """
    command = ["mvn", "-B", "-ntp", "-q", "dependency:build-classpath", "-DincludeScope=runtime", "-Dmdep.outputFile=%s" % scratch.absolute()]
    # Told to be elsewhere, the JVM warns of what it cannot load, on its standard error.
    found = subprocess.run(command, cwd=tree, env=maven_environment(name), capture_output=True, text=True, timeout=SECONDS)
    if found.returncode:
        sys.exit("packages: Maven finds no libraries for %s: %s" % (name, (found.stdout + found.stderr).strip()))
    return [Path(jar) for jar in scratch.read_text().strip().split(os.pathsep)]


def class_path(manifest: str) -> List[str]:
    """The names of a manifest's Class-Path, whose lines may be folded."""
    whole = re.sub(r"\r?\n ", "", manifest)
    return re.search(r"^Class-Path: (.*?)\r?$", whole, re.MULTILINE).group(1).split()


def with_class_path(manifest: str, names: List[str]) -> str:
    """A manifest with another Class-Path, in the place and in the form of the one before."""
    line = "Class-Path: " + " ".join(names)
    folded = [line[:LINE_BYTES]]
    rest = line[LINE_BYTES:]
    while rest:
        folded.append(" " + rest[: LINE_BYTES - 1])
        rest = rest[LINE_BYTES - 1 :]
    return re.sub(r"^Class-Path: .*\r?\n(?: .*\r?\n)*", lambda _: "".join(part + "\r\n" for part in folded), manifest, flags=re.MULTILINE)


def elf_machine(content: bytes) -> Optional[int]:
    """For which processor a program or library is; nothing of what is neither."""
    if not content.startswith(ELF) or len(content) < 20:
        return None
    return int.from_bytes(content[18:20], "little" if content[5] == 1 else "big")


def strangers(folder: Path, name: str) -> List[str]:
    """What in an image is for another machine than the one named: programs, and libraries in jars."""
    wanted = machine_of(name).elf
    return ["%s (e_machine %d)" % (place, found) for place, found in native_code(folder) if found != wanted]


def native_code(folder: Path) -> Iterator[Tuple[str, int]]:
    """Where there is native code in a folder and in its jars, and for which processor (e_machine)."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        place = str(path.relative_to(folder))
        if path.suffix == ".jar":
            with zipfile.ZipFile(path) as jar:
                for entry in jar.namelist():
                    yield from told("%s!%s" % (place, entry), jar.read(entry)[:20])
        else:
            with path.open("rb") as content:
                yield from told(place, content.read(20))


def told(place: str, head: bytes) -> Iterator[Tuple[str, int]]:
    machine = elf_machine(head)
    if machine is not None:
        yield place, machine
