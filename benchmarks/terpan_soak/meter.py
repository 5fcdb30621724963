"""What the front holds: memory, descriptors, threads, temporary files. Read from /proc, and from the JVM for its live objects."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .target import Target

KIB = 1024
QUIET_SECONDS = 30


@dataclass(frozen=True)
class Reading:
    """One look at the front. Memory in KiB."""

    seconds: float
    resident: int
    threads: int
    descriptors: int
    spool_files: int
    in_spool_folder: int
    worker_resident: int


def read(target: Target, began: float) -> Reading:
    status = (Path("/proc") / str(target.pid) / "status").read_text(encoding="ascii", errors="replace")
    links = descriptors(target.pid)
    return Reading(
        time.monotonic() - began,
        number(r"VmRSS:\s+(\d+)", status),
        number(r"Threads:\s+(\d+)", status),
        len(links),
        sum(1 for link in links if ".spool" in link),
        len(list(target.spool.iterdir())),
        sum(int(value) // KIB for name, value in target.metrics().items() if "resident_memory" in name),
    )


def descriptors(pid: int) -> list[str]:
    folder = Path("/proc") / str(pid) / "fd"
    links = []
    for name in os.listdir(folder):
        try:
            links.append(os.readlink(folder / name))
        except FileNotFoundError:
            continue  # it was closed while we looked
    return links


def quiet(target: Target) -> Reading:
    """Waits until no client is left and nothing is spooled, then reads; the last reading when that never comes."""
    deadline = time.monotonic() + QUIET_SECONDS
    while True:
        reading = read(target, 0.0)
        calm = target.metrics().get("terpan_connections_open", 1) == 0 and reading.spool_files == 0
        if calm or time.monotonic() > deadline:
            time.sleep(1)
            return read(target, 0.0)
        time.sleep(0.2)


def live_heap(home: Path, pid: int) -> int:
    """KiB of the heap that are in use after a full collection."""
    jcmd = subprocess.run(
        ["sh", "-c", f". '{home}/scripts/find-jdk' && echo \"$JAVA_HOME/bin/jcmd\""],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    for _ in range(2):
        subprocess.run([jcmd, str(pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run([jcmd, str(pid), "GC.heap_info"], check=True, capture_output=True, text=True).stdout
    used = re.findall(r"^\s*(?:DefNew|Tenured)\s+total \d+K, used (\d+)K", text, re.MULTILINE)
    if len(used) != 2:
        raise ValueError(f"not the heap of a serial collector: {text}")
    return sum(map(int, used))


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"nothing like {pattern!r} in {text[:200]!r}")
    return int(found.group(1))
