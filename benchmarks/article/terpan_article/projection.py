"""What more processors would carry: measured costs of front and worker, and how busy the simulator lets workers be."""

from __future__ import annotations

import re
from statistics import median

from terpan_bench.report import table

PROCESSORS = (2, 4, 8, 16, 64)
HANDLER_MILLISECONDS = (0.1, 1, 5, 20)
P99_MOST = 3.0  # in times of the handler: the simulated one takes 1 ms
LOOP_BUSY = 0.7  # of its processor: beyond, requests wait for the loop


def page(results: dict, simulation: str) -> str:
    """Empty when the costs were not measured."""
    costs = measured(results)
    if not costs:
        return ""
    busy = how_busy(simulation)
    text = [
        "# What more processors would carry",
        "Computed, not measured. *Costs*: CPU of front and worker for a request of the hello handler, from the table of the part "
        "`sockets`, a Unix socket each; for a worker it holds Bottle. *Busy*: the most at which the simulated dispatcher keeps the p99 below "
        f"{P99_MOST:g} times the handler's own time, from the table \"More workers\" of the project's `docs/simulation.md`. Every request "
        "takes front + worker + T of the processors, so N of them carry N x busy / (front + worker + T); clients and generator are taken to "
        f"be elsewhere. A loop of the front is full at {LOOP_BUSY:.0%} of a processor.",
        "At the low rate of that part little is batched, so the costs are high rather than low. What processors cost each other (caches, "
        "memory, a hypervisor) is not in it.",
    ]
    for server, (front, worker) in costs.items():
        head = ["processors", "busy", *(f"T = {one:g} ms" for one in HANDLER_MILLISECONDS)]
        rows = []
        for processors in PROCESSORS:
            share = busy[processors]
            rows.append([str(processors), f"{share:.0%}", *(cell(processors, share, front, worker, one) for one in HANDLER_MILLISECONDS)])
        text += [f"## {server}: front {front:.0f} us, worker {worker:.0f} us", table(head, rows)]
    text.append(
        "Loops in brackets where one does not suffice. The front takes one event loop for every four processors unless `loops` says otherwise."
    )
    return "\n\n".join(text) + "\n"


def cell(processors: int, busy: float, front: float, worker: float, milliseconds: float) -> str:
    rate = processors * busy * 1e6 / (front + worker + milliseconds * 1000)
    loops = rate * front / 1e6 / LOOP_BUSY
    return f"{rate:,.0f}/s" + (f" ({int(loops) + 1} loops)" if loops > 1 else "")


def measured(results: dict) -> dict[str, tuple[float, float]]:
    lines = results.get("sockets", {}).get("lines", [])
    return {
        line["server"]: (median(one["front_us"] for one in line["samples"]), median(one["workers_us"] for one in line["samples"]))
        for line in lines
        if line["samples"] and line["handler"] == "hello" and line["socket"] == "private"
    }


def how_busy(simulation: str) -> dict[int, float]:
    """By the number of workers, from the simulator's page."""
    section = simulation.split("## More workers", 1)[1].split("\n## ", 1)[0]
    found: dict[int, float] = {}
    for workers, busy, p99 in re.findall(r"^\| (\d+) \| (\d+) % \| \d+ \| [\d.]+ \| ([\d.]+) \|", section, re.MULTILINE):
        if float(p99) <= P99_MOST:
            found[int(workers)] = max(found.get(int(workers), 0.0), int(busy) / 100)
    return found
