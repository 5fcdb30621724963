"""What is shipped besides our own: the bill of materials (CycloneDX) that Maven's plugin writes, with the Java runtime added, and the texts of
all licences."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Dict, List

from . import machines

#: Reads the licences out of the libraries' own descriptions.
PLUGIN = "org.cyclonedx:cyclonedx-maven-plugin:2.9.3:makeBom"
OPTIONS = ["-DincludeTestScope=false", "-DoutputFormat=json", "-DincludeBomSerialNumber=false", "-DschemaVersion=1.6"]
SECONDS = 300
BOM = "terpan.cdx.json"
RUNTIME = "GPL-2.0-only WITH Classpath-exception-2.0"

HEAD = """\
Terpan is under the Apache License 2.0: LICENSE. What is shipped with it, each under its own licence:

"""
FOOT = """
Java's own licences, and those of what is part of it, lie in runtime/legal. Texts that a library brings along lie in the folder of its name, and
EPL-2.0.md is that of Logback, ZSTD.txt those of zstd-jni and of what is within, BROTLI.txt that of Brotli within brotli4j, BORINGSSL.txt that of BoringSSL within netty-tcnative. tomlj has ANTLR's runtime within: ANTLR.txt. uPlot 1.6.32, which draws the dashboard's charts, lies in Terpan's own jar: UPLOT.txt. The source code of all of them is where the last column says.
"""


def bill(tree: Path, machine: str) -> dict:
    """What Maven's plugin knows of our libraries on a machine; written anew only when the project's description has changed."""
    written = tree / "target" / ("bom-%s.json" % machine)
    if not written.exists() or written.stat().st_mtime < (tree / "pom.xml").stat().st_mtime:
        command = ["mvn", "-B", "-ntp", "-q", PLUGIN, *OPTIONS, "-DoutputName=" + written.stem]
        where = machines.maven_environment(machine)
        subprocess.run(command, cwd=tree, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL, env=where)
    return json.loads(written.read_text())


def put(tree: Path, folder: Path, machine: str, java: Dict[str, str], jdk: Dict[str, str]) -> None:
    """Writes the bill and the licences into an image.

    ``java`` is what its runtime says of itself, ``jdk`` what the JDK does that it was linked from, as far as that is known.
    """
    known = bill(tree, machine)
    for library in known["components"]:
        # Of each library as it was published: here it lies without its compression, and native code without its symbols.
        library["hashes"] = [one for one in library.get("hashes", []) if one["alg"] == "SHA-256"]
        places = library.get("externalReferences", [])
        library["externalReferences"] = [one for one in places if one["type"] in ("website", "vcs")]
    runtime = {
        "type": "platform",
        "bom-ref": "runtime",
        "name": "OpenJDK",
        "version": java["JAVA_VERSION"],
        "licenses": [{"expression": RUNTIME}],
        "properties": [{"name": "terpan:modules", "value": java["MODULES"]}],
    }
    if "IMPLEMENTOR" in jdk:
        runtime["supplier"] = {"name": jdk["IMPLEMENTOR"]}
    if "SOURCE_REPO" in jdk:
        runtime["externalReferences"] = [{"type": "vcs", "url": jdk["SOURCE_REPO"]}]
    program = dict(known["metadata"]["component"], type="application")
    dependencies = known["dependencies"]
    for one in dependencies:
        if one["ref"] == program["bom-ref"]:
            one["dependsOn"] = [*one.get("dependsOn", []), "runtime"]
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": known["specVersion"],
        "version": 1,
        "metadata": {"component": program},
        "components": [*known["components"], runtime],
        "dependencies": [*dependencies, {"ref": "runtime"}],
    }
    (folder / BOM).write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n")
    put_licences(tree, folder, whole["components"])


def put_licences(tree: Path, folder: Path, components: List[dict]) -> None:
    licences = folder / "licenses"
    shutil.copytree(tree / "packaging" / "licenses", licences)
    shutil.copyfile(tree / "LICENSE", licences / "LICENSE")
    rows = []
    for component in components:
        names = [one.get("expression") or one["license"].get("id") or one["license"]["name"] for one in component["licenses"]]
        # The sources, or a page that leads there.
        places = sorted(component.get("externalReferences", []), key=lambda one: one["type"] != "vcs")
        rows.append("%-42s %-12s %-42s %s" % (component["name"], component["version"], " or ".join(names), "".join(one["url"] for one in places[:1])))
        for jar in sorted((folder / "lib").glob("%s-%s*.jar" % (component["name"], component["version"]))):
            put_texts(jar, licences / component["name"])
    (licences / "README").write_text(HEAD + "\n".join(row.rstrip() for row in rows) + "\n" + FOOT)


def put_texts(jar: Path, folder: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            place, _, file = name.rpartition("/")
            if place == "META-INF" and os.path.splitext(file)[0] in ("LICENSE", "NOTICE"):
                folder.mkdir(exist_ok=True)
                (folder / file).write_bytes(archive.read(name))
