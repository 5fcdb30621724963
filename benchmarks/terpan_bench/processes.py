"""What a set of process trees costs, read from /proc: CPU time and memory of every process in them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

COMPILERS = ("C1 Compiler", "C2 Compiler")
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cpu:
    """CPU seconds used so far; user and kernel come in whole ticks, the total in nanoseconds."""

    total: float
    user: float
    kernel: float

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(self.total + other.total, self.user + other.user, self.kernel + other.kernel)

    def __sub__(self, other: Cpu) -> Cpu:
        return Cpu(self.total - other.total, self.user - other.user, self.kernel - other.kernel)


ZERO = Cpu(0.0, 0.0, 0.0)


def stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on: the second may hold spaces and brackets."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text[text.rindex(")") + 2 :].split()


def descendants(roots: list[int]) -> list[int]:
    """The processes below `roots`, without them."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                children.setdefault(int(stat_fields(int(name))[1]), []).append(int(name))
            except (OSError, ValueError):
                continue  # it ended while we looked
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


def cpu(pids: list[int]) -> Cpu:
    """utime + stime of `pids`. The total is read from each process's CPU clock, which counts the same time without ticks."""
    total = ZERO
    for pid in pids:
        fields = stat_fields(pid)
        # A clock id made of a process id, as clock_getcpuclockid(3) makes it: CPUCLOCK_SCHED is 2.
        nanoseconds = time.clock_gettime_ns((~pid << 3) | 2)
        total += Cpu(nanoseconds / 1e9, int(fields[11]) * TICK_SECONDS, int(fields[12]) * TICK_SECONDS)
    return total


def compiler_seconds(pids: list[int]) -> float:
    """The CPU seconds of a JVM's compiler threads; they come and go, so less may be found later than before."""
    nanoseconds = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            try:
                if (task / "comm").read_text(encoding="utf-8", errors="replace").startswith(COMPILERS):
                    nanoseconds += int((task / "schedstat").read_text(encoding="ascii").split()[0])
            except FileNotFoundError:
                continue  # it ended while we looked
    return nanoseconds / 1e9


def pss_megabytes(pids: list[int]) -> float:
    """Proportional set size: a page that N processes share counts as 1/N in each."""
    kilobytes = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024
