"""Sees to what the benchmark compares: Debian packages, a virtual environment, Terpan's build; and says what it runs on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

# A package, and a path or command that is there when it is installed.
PACKAGES = {
    "nginx-light": "nginx",
    "haproxy": "haproxy",
    "wrk": "wrk",
    "nghttp2-client": "h2load",
    "uwsgi-core": "uwsgi",
    "uwsgi-plugin-python3": "/usr/lib/uwsgi/plugins/python3_plugin.so",
    "libev-dev": "/usr/include/ev.h",
    "gcc": "gcc",
    "python3-venv": "/usr/bin/python3",
}
# Their versions are in the results.
COMPARED = {
    *("bjoern", "bottle", "cheroot", "cherrypy", "eventlet", "gevent", "granian", "greenlet", "gunicorn", "httptools"),
    *("hypercorn", "meinheld", "tornado", "twisted", "uvicorn", "uvloop", "waitress"),
}
# Meinheld does not import on 3.13, and the packages are pinned for these.
PYTHONS = ("3.11", "3.12", "3.10")


def install_packages(packages: dict[str, str] = PACKAGES) -> None:
    missing = [name for name, sign in packages.items() if not (Path(sign).exists() or find(sign))]
    if not missing:
        return
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"benchmarks: missing: {' '.join(missing)}; on Debian: {' '.join(command)}")
    print(f"installing {' '.join(missing)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def find(program: str) -> str | None:
    """Debian keeps servers in folders that are not on everyone's path."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def make_python(home: Path, name: str = "bench-env", more: tuple[str, ...] = ()) -> Path:
    """target/NAME from benchmarks/requirements.txt and more such files, made anew when they or the interpreter change; its
    interpreter."""
    folder = home / "target" / name
    requirements = [home / file for file in ("benchmarks/requirements.txt", *more)]
    base = choose_python(home)
    stamp, made = "\n".join([base, *(file.read_text(encoding="ascii") for file in requirements)]), folder / ".made"
    if not made.exists() or made.read_text(encoding="utf-8") != stamp:
        print(f"making target/{name} with {base}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([base, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin/python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, *(word for file in requirements for word in ("-r", str(file)))], check=True)
        made.write_text(stamp, encoding="utf-8")
    return folder / "bin" / "python3"


def choose_python(home: Path) -> str:
    listing = subprocess.run([str(home / "scripts/find-pythons")], capture_output=True, text=True, check=True).stdout
    found = dict(line.split(" ", 1) for line in listing.splitlines())
    for version in PYTHONS:
        if version in found:
            return found[version]
    sys.exit(f"benchmarks: needs Python {', '.join(PYTHONS)}: bjoern and Meinheld are built for it")


def build_terpan(home: Path) -> None:
    subprocess.run([str(home / "terpan"), "version"], check=True, stdout=subprocess.DEVNULL)


def machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    congestion = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text(encoding="ascii").strip()
    name = model.group(1) if model else platform.machine()
    return f"{os.cpu_count()} x {name}, {memory:.0f} GiB, Linux {platform.release()}, TCP {congestion}"


def set_computing(python: Path, handlers: Path) -> float:
    """Has the computing handler of every stack take a millisecond on this machine; how many it takes then, with nothing else at work."""
    steps = 10_000
    for _ in range(2):
        os.environ["HANDLER_STEPS"] = str(steps)
        taken = float(first_line([str(python), str(handlers)]))
        steps = round(steps / taken)
    return round(taken, 2)


def versions(home: Path, python: Path) -> dict[str, str]:
    """What was compared; of Terpan the commit too, with a + when the tree had changes."""
    commit = first_line(["git", "-C", str(home), "describe", "--always", "--dirty=+"])
    found = {
        "Terpan": f"{first_line([str(home / 'terpan'), 'version']).removeprefix('terpan ')}, commit {commit}",
        "nginx": first_line(["nginx", "-v"]).removeprefix("nginx version: nginx/"),
        "HAProxy": first_line(["haproxy", "-v"]).split()[2],
        "uWSGI": first_line(["uwsgi", "--version"]),
        "wrk": first_line(["wrk", "-v"]).split(" [")[0].removeprefix("wrk "),
        "Python": first_line([str(python), "--version"]).removeprefix("Python "),
    }
    listing = subprocess.run([str(python), "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        name, _, version = line.partition("==")
        if name.lower() in COMPARED:
            found[name.lower()] = version
    return found


def first_line(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (finished.stdout + finished.stderr).strip().splitlines()
    return lines[0] if lines else "unknown"


def java(home: Path) -> Path:
    script = f'. "{home}/scripts/find-jdk" && echo "$JAVA_HOME"'
    found = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        sys.exit(found.stderr)
    return Path(found.stdout.strip()) / "bin" / "java"
