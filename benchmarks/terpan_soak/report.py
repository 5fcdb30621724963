"""What a soak found: a verdict on each thing that may not grow, and the tables."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from .meter import KIB, Reading
from .traffic import Stretch

HEAP_MOST_KIB = 3 * KIB
RESIDENT_MOST_KIB = 10 * KIB
THREADS_MOST = 4
DESCRIPTORS_MOST = 4
ROWS = 12


@dataclass(frozen=True)
class Still:
    """The front with nothing to do: a reading, and the live heap in KiB."""

    reading: Reading
    heap: int


@dataclass(frozen=True)
class Finding:
    what: str
    before: str
    after: str
    allowed: str
    fine: bool


def findings(before: Still, after: Still, stretch: Stretch, exit_code: int) -> list[Finding]:
    early, late = quarters(stretch.readings)
    old, new = before.reading, after.reading
    wrong = stretch.tally.wrong
    return [
        grown("live heap after a full collection, KiB", before.heap, after.heap, HEAP_MOST_KIB),
        grown("resident memory under load, median of the second and of the last quarter, KiB", early, late, RESIDENT_MOST_KIB),
        grown("open descriptors, nothing to do", old.descriptors, new.descriptors, DESCRIPTORS_MOST),
        grown("threads, nothing to do", old.threads, new.threads, THREADS_MOST),
        grown("spool files open, nothing to do", old.spool_files, new.spool_files, 0),
        grown("files in the spool folder", old.in_spool_folder, new.in_spool_folder, 0),
        Finding("answers that were wrong", "", str(len(wrong)), "0", not wrong),
        Finding("exit code", "", str(exit_code), "0", exit_code == 0),
    ]


def quarters(readings: list[Reading]) -> tuple[int, int]:
    size = max(1, len(readings) // 4)
    early, late = readings[size : 2 * size] or readings, readings[-size:]
    return median(early), median(late)


def median(readings: list[Reading]) -> int:
    return round(statistics.median(reading.resident for reading in readings))


def grown(what: str, before: int, after: int, most: int) -> Finding:
    return Finding(what, f"{before:,}", f"{after:,}", f"+{most:,}", after <= before + most)


def markdown(stretch: Stretch, found: list[Finding], machine: str, counters: dict[str, float]) -> str:
    tally = stretch.tally
    lines = [
        "# Soak",
        "",
        f"`benchmarks/soak --minutes {stretch.seconds / 60:.0f}`, {machine}.",
        "Good clients check every byte they get, bad ones do what a public address has to live with, and every 20 seconds a",
        "worker dies or hangs. The first readings are taken after a warm-up, the last ones when all clients are gone.",
        "",
        "| what | before | after | allowed | |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    lines += [f"| {f.what} | {f.before} | {f.after} | {f.allowed} | {'fine' if f.fine else 'GREW'} |" for f in found]
    lines += ["", f"Right answers: {tally.right:,}; requests lost with a worker that died or hung: {tally.lost:,}.", ""]
    lines += latencies(tally.latencies) + ["| bad client | times |", "| --- | ---: |"]
    lines += [f"| {name} | {count:,} |" for name, count in sorted(tally.bad.items())]
    lines += ["", "| counter | at the end |", "| --- | ---: |"]
    lines += [f"| `{name}` | {value:,.0f} |" for name, value in counters.items()]
    lines += ["", "| seconds | resident KiB | threads | descriptors | spool files |", "| ---: | ---: | ---: | ---: | ---: |"]
    step = max(1, len(stretch.readings) // ROWS)
    for r in stretch.readings[::step]:
        lines.append(f"| {r.seconds:.0f} | {r.resident:,} | {r.threads} | {r.descriptors} | {r.spool_files} |")
    if tally.wrong:
        lines += ["", "Wrong:", ""] + [f"- {line}" for line in tally.wrong[:20]]
    return "\n".join(lines) + "\n"


def latencies(seconds: list[float]) -> list[str]:
    if len(seconds) < 100:
        return []
    cuts = statistics.quantiles(seconds, n=100)
    text = f"Good requests of all kinds, as the generator saw them: p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.0f} ms."
    return [text, ""]
