"""The image: a folder with everything that runs, which every package wraps and no package changes.

``runtime/`` is a Java with the modules that are needed, ``terpan.jar`` and ``lib/`` are ours, ``launch`` and ``run-java`` start them, and
``terpan.aot`` is the start-up cache: trained where the image is made, it serves wherever the image is put.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

from . import machines, parts
from .machines import ELF

#: jlink's. Not compressed: the archive around it does that better. Frames of the JDK's own code have no line numbers in traces, which makes
#: it 2 MiB smaller; ours have (docs/decisions/packages.md).
LINK = ["--no-header-files", "--no-man-pages", "--compress", "zip-0", "--strip-java-debug-attributes"]
LINK += ["--dedup-legal-notices", "error-if-not-same-content"]
#: What nothing of ours asks for: what other programs read the runtime with, sorting by AVX-512, the class list of a cache that we do not use, keytool.
LINK += ["--exclude-files", ",".join("/java.base/" + name for name in ("lib/jrt-fs.jar", "lib/libsimdsort.so", "lib/classlist", "bin/keytool"))]
#: And names of characters, and the tables of letters that are not UTF-8: a front reads and writes UTF-8 and bytes.
TABLES = ("GB", "EUC_", "Big5", "HKSCS", "Johab", "MS932", "SJIS", "JIS_", "PCK")
#: And keytool, what java itself says in other languages, ciphers and signatures that no TLS here speaks, what prints classes, and the
#: clients of HTTP and FTP that java.net.http has taken the place of. A package keeps something, or jlink refuses.
UNUSED = (
    "sun/security/tools/keytool/Main*.class",
    "sun/security/tools/keytool/resources/keytool_*.class",
    "sun/launcher/resources/launcher_*.class",
    "sun/security/provider/ML_*.class",
    "com/sun/crypto/provider/ML_*.class",
    "com/sun/crypto/provider/RC2*.class",
    "com/sun/crypto/provider/Blowfish*.class",
    "com/sun/crypto/provider/ARCFOUR*.class",
    "jdk/internal/classfile/impl/ClassPrinter*.class",
    "sun/net/ftp/impl/FtpClient*.class",
    "sun/net/www/http/Http*.class",
    "sun/net/www/protocol/http/HttpURLConnection*.class",
    "sun/net/www/protocol/http/ntlm/NTLMAuthentication.class",
    "com/sun/security/ntlm/Client.class",
)
LINK += ["--exclude-resources", ",".join(
    ["/java.base/java/lang/uniName.dat", *("/java.base/sun/nio/cs/%s*.class" % name for name in TABLES), *("/java.base/" + name for name in UNUSED)]
)]
#: The start-up cache is 1.5 MiB smaller without what the JVM learnt of the code that it ran; a start takes as long.
SMALL = ["-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining"]
MANIFEST = "META-INF/MANIFEST.MF"
GLIBC = re.compile(rb"GLIBC_2\.(\d+)")
LINK_SECONDS = 300
TRAIN_SECONDS = 300


class Image(NamedTuple):
    """An image that is made.

    ``glibc`` is the minor version of the oldest C library that its programs run with, ``java`` the version of its Java,
    ``runner`` a Java that runs here, whatever the image is for.
    """

    folder: Path
    version: str
    machine: str
    glibc: int
    java: str
    runner: Path


class Source(NamedTuple):
    """What an image is made from: the tree, a JDK to link with, and where modules for another machine lie."""

    tree: Path
    jdk: Path
    modules: List[str]
    jmods: Optional[Path] = None
    machine: str = platform.machine()

    @property
    def here(self) -> bool:
        """Whether what is made can be run here."""
        return self.machine == platform.machine()

    @property
    def stripper(self) -> str:
        """What takes symbols out of that machine's programs."""
        return "strip" if self.here else self.machine + "-linux-gnu-strip"


def fail(message: str) -> None:
    sys.exit("packages: " + message)


def version_of(tree: Path) -> str:
    return re.search(r"<version>([^<]+)</version>", (tree / "pom.xml").read_text()).group(1)


def epoch_of(tree: Path) -> int:
    """The time of everything that is built, in seconds: SOURCE_DATE_EPOCH, else that of the project."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    written = re.search(r"<project.build.outputTimestamp>([^<]+)Z<", (tree / "pom.xml").read_text()).group(1)
    return int(named) if named else int(datetime.fromisoformat(written + "+00:00").timestamp())


def release_of(java: Path) -> dict:
    """What a Java says of itself."""
    lines = (java / "release").read_text().splitlines()
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


def make(source: Source, cache: bool = True) -> Image:
    """Makes the image below ``target/packages``; what is there already and still fits is taken as it is."""
    home = source.tree / "target" / "packages" / source.machine
    home.mkdir(parents=True, exist_ok=True)
    runtime = link(source, home)
    folder = home / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    # Hard links: the runtime is large, and nobody changes it.
    shutil.copytree(runtime, folder / "runtime", symlinks=True, copy_function=os.link)
    put_program(source, home, folder)
    parts.put(source.tree, folder, source.machine, release_of(runtime), {} if source.jmods else release_of(source.jdk))
    strangers = machines.strangers(folder, source.machine)
    if strangers:
        fail("not everything is for %s: %s" % (source.machine, ", ".join(strangers)))
    if cache and source.here:
        os.link(train(source, home, folder), folder / "terpan.aot")
    elif cache:
        print("packages: no start-up cache for %s, which cannot be run here: starts take longer" % source.machine, file=sys.stderr)
    runner = (folder / "runtime" if source.here else source.jdk) / "bin/java"
    return Image(folder, version_of(source.tree), source.machine, glibc_of(runtime), release_of(runtime)["JAVA_VERSION"], runner)


def stamp_of(*parts: object) -> str:
    return hashlib.sha256(json.dumps(list(map(str, parts))).encode()).hexdigest()


def fits(made: Path, stamp: str) -> bool:
    beside = made.with_name(made.name + ".stamp")
    return made.exists() and beside.exists() and beside.read_text() == stamp


def link(source: Source, home: Path) -> Path:
    runtime = home / "runtime"
    stamp = stamp_of(release_of(source.jdk), source.modules, source.jmods, LINK)
    if fits(runtime, stamp):
        return runtime
    shutil.rmtree(runtime, ignore_errors=True)
    command = [str(source.jdk / "bin/jlink"), "--add-modules", ",".join(source.modules), "--output", str(runtime), *LINK]
    if source.jmods:
        command += ["--module-path", str(source.jmods)]
    print("packages: linking the runtime", file=sys.stderr)
    linked = subprocess.run(command, capture_output=True, text=True, timeout=LINK_SECONDS)
    if linked.returncode:
        fail("jlink failed: " + (linked.stdout + linked.stderr).strip())
    strip(source, runtime)
    runtime.with_name("runtime.stamp").write_text(stamp)
    return runtime


def strip(source: Source, runtime: Path) -> None:
    """Takes out what only a debugger reads; without binutils for the machine it stays."""
    if shutil.which(source.stripper) is None:
        print("packages: the runtime keeps its symbols and is larger: there is no %s" % source.stripper, file=sys.stderr)
        return
    for program in programs_of(runtime):
        subprocess.run([source.stripper, "--strip-unneeded", str(program)], check=True)


def put_program(source: Source, home: Path, folder: Path) -> None:
    """The jar that was built, with the libraries that its manifest names and no other; for another machine, with that one's."""
    jar = source.tree / "target" / "terpan.jar"
    with zipfile.ZipFile(jar) as archive:
        manifest = archive.read(MANIFEST).decode()
    if source.here:
        libraries = {name: source.tree / "target" / name for name in machines.class_path(manifest)}
    else:
        libraries = {"lib/" + file.name: file for file in machines.libraries(source.tree, source.machine, home / "libraries.txt")}
        manifest = machines.with_class_path(manifest, list(libraries))
    put_jar(source, jar, folder / "terpan.jar", {MANIFEST: manifest.encode()})
    (folder / "lib").mkdir()
    for name, library in libraries.items():
        put_jar(source, library, folder / name)
    shutil.copyfile(source.tree / "scripts" / "run-java", folder / "run-java")
    shutil.copyfile(source.tree / "packaging" / "launch", folder / "launch")
    (folder / "launch").chmod(0o755)


def put_jar(source: Source, jar: Path, target: Path, instead: Optional[Dict[str, bytes]] = None) -> None:
    """Copies a jar without its compression: an archive makes less of it so, and classes are read sooner. Native code loses its symbols.

    ``instead`` is what some entries are to have, by name.
    """
    with zipfile.ZipFile(jar) as packed, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as plain:
        for entry in packed.infolist():
            content = (instead or {}).get(entry.filename) or packed.read(entry)
            if content.startswith(ELF) and shutil.which(source.stripper):
                content = stripped(source, content, target.with_suffix(".native"))
            entry.compress_type = zipfile.ZIP_STORED
            plain.writestr(entry, content)


def stripped(source: Source, content: bytes, scratch: Path) -> bytes:
    scratch.write_bytes(content)
    try:
        subprocess.run([source.stripper, "--strip-unneeded", str(scratch)], check=True)
        return scratch.read_bytes()
    finally:
        scratch.unlink()


def train(source: Source, home: Path, folder: Path) -> Path:
    """The start-up cache; it is good for this runtime, these jars and these flags alone."""
    cache = home / "terpan.aot"
    script = source.tree / "scripts" / "train-aot"
    jars = [folder / "terpan.jar", *sorted((folder / "lib").iterdir())]
    contents = [hashlib.sha256(file.read_bytes()).hexdigest() for file in [script, folder / "run-java", *jars]]
    stamp = stamp_of((home / "runtime.stamp").read_text(), [*SMALL, *contents])
    if fits(cache, stamp):
        return cache
    cache.unlink(missing_ok=True)
    print("packages: making the start-up cache", file=sys.stderr)
    flags = subprocess.run(
        ["sh", "-c", '. "$0"; echo $flags', str(folder / "run-java")], capture_output=True, text=True, check=True
    ).stdout.split()
    trained = subprocess.run(
        [sys.executable, str(script), str(cache), str(folder / "runtime/bin/java"), *flags, *SMALL, "-cp", str(folder / "terpan.jar")],
        capture_output=True,
        text=True,
        timeout=TRAIN_SECONDS,
    )
    if trained.returncode or "training by serving failed" in trained.stdout:
        fail("no start-up cache could be made: " + (trained.stdout + trained.stderr).strip())
    cache.with_name("terpan.aot.stamp").write_text(stamp)
    return cache


def glibc_of(runtime: Path) -> int:
    """The newest version of a symbol of the C library that a program or library of it asks for."""
    newest = max((int(found) for file in programs_of(runtime) for found in GLIBC.findall(file.read_bytes())), default=0)
    if not newest:
        fail("%s has no program that names its C library" % runtime)
    return newest


def programs_of(runtime: Path) -> List[Path]:
    """Programs and libraries, which have no Java in them."""
    found = []
    for path in sorted(runtime.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as content:
                if content.read(len(ELF)) == ELF:
                    found.append(path)
    return found


def files_of(folder: Path) -> List[Path]:
    """All files in a fixed order. Links, which archives do not all know, are those of licences that lie beside them once."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            if not path.resolve().is_file() or "legal" not in path.parts:
                fail("%s is a link, which a package cannot have" % path)
        elif path.is_file():
            found.append(path)
    return found
