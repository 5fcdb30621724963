"""The command line: which sections to run, for how long, and where the results go."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from . import environment, figures, queue, report, solo, tables, trios
from .open_load import Generator
from .rows import Rows
from .servers import MODULE, Servers

SIZES = {"static-1KiB": 1 << 10, "static-64KiB": 1 << 16, "static-1MiB": 1 << 20}
#: Kept connections over TLS, and a handshake for each request.
SECURE = {"tls": "", "tls-full": "full", "tls-resumed": "resumed"}
#: HTTP/2 over TLS, and how many requests each connection has at once.
STREAMS = {"http2": 1, "http2-32": 32}
SECTIONS = ("proxy", "hello", "seen", "bottle", *SIZES, *SECURE, *STREAMS, "compression", "start", "memory", "queue", "servers")
MODULES = {"hello": "hello", "bottle": "bottle_hello"}


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description="Measures Terpan beside its peers and writes the tables into benchmarks/results/."
    )
    add = parser.add_argument
    add("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all if none is named")
    loads_help = "the loads, and the whole seconds of a round of each (default 64:2 8:2 1:1)"
    add("--load", nargs="+", metavar="CONNECTIONS:SECONDS", default=["64:2", "8:2", "1:1"], help=loads_help)
    add("--rounds", type=int, default=5, help="rounds of each load (default 5; the open load has three at most)")
    row_help = "only the reference and rows whose name holds TEXT; may be given several times"
    add("--row", action="append", default=[], metavar="TEXT", help=row_help)
    beside_help = "another checkout whose Terpan gets rows too, such as before=../terpan-1.0; may be given several times"
    add("--beside", action="append", default=[], metavar="NAME=TREE", help=beside_help)
    warm_help = "load before measuring, for Java, and up to five times that until its compiler rests (default 10)"
    add("--warm", type=int, default=10, metavar="SECONDS", help=warm_help)
    add("--queue-seconds", type=int, default=10, metavar="SECONDS", help="a round of the open load (default 10)")
    servers_help = "rounds of the section servers, and the whole seconds of each (default 3:2)"
    add("--servers-load", default="3:2", metavar="ROUNDS:SECONDS", help=servers_help)
    add("--results", type=Path, metavar="FOLDER", help="where to write (default benchmarks/results)")
    add("--render", action="store_true", help="only write results.md anew from results.json")
    options = parser.parse_args(arguments)
    unknown = [section for section in options.sections if section not in SECTIONS]
    if unknown:
        parser.error(f"unknown section {unknown[0]!r}; expected one of {', '.join(SECTIONS)}")
    try:
        options.loads = [(int(c), int(s)) for c, s in (load.split(":") for load in options.load)]
    except ValueError:
        parser.error(f"--load takes CONNECTIONS:SECONDS in whole numbers, such as 64:2; got {' '.join(options.load)}")
    try:
        options.servers_rounds, options.servers_seconds = map(int, options.servers_load.split(":"))
    except ValueError:
        parser.error(f"--servers-load takes ROUNDS:SECONDS in whole numbers, such as 3:2; got {options.servers_load}")
    options.others = {name: Path(tree).resolve() for name, _, tree in (each.partition("=") for each in options.beside)}
    for name, tree in options.others.items():
        if not (tree / "terpan").is_file():
            parser.error(f"--beside takes NAME=TREE with the tree of a checkout; there is no 'terpan' in {tree} ({name!r})")
    return options


def main(home: Path, arguments: list[str]) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the stacks are stopped
    folder = options.results or home / "benchmarks" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not options.render:
        os.environ["PATH"] += ":/usr/sbin"  # where Debian keeps nginx and HAProxy
        environment.install_packages()
        for tree in (home, *options.others.values()):
            environment.build_terpan(tree)
        python = environment.make_python(home)
        # Short, for the workers' sockets lie in it and their paths are bounded.
        with tempfile.TemporaryDirectory(prefix="tb-") as scratch:
            for section in options.sections or SECTIONS:
                tables.say(section)
                results[section] = run_section(section, home, python, Path(scratch), options)
                file.write_text(report.json_text(results), encoding="utf-8")
    (folder / "results.md").write_text(report.markdown(results), encoding="utf-8")
    print(folder / "results.md")
    return 0


def run_section(section: str, home: Path, python: Path, scratch: Path, options: argparse.Namespace) -> dict:
    rows, applications = Rows(home, python, options.others), home / "benchmarks" / "apps"
    about = {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
        "machine": environment.machine(),
        "versions": environment.versions(home, python),
        "load average before": round(os.getloadavg()[0], 1),
        "settings": {"rounds": options.rounds, "loads": options.load, "java warm-up seconds": options.warm},
    }
    most = max(connections for connections, _ in options.loads)
    if section in ("proxy", "seen", "compression") or section in MODULES or section in SIZES or section in SECURE or section in STREAMS:
        if section in SIZES:
            offered = rows.files(SIZES[section])
        elif section in STREAMS:
            offered = rows.streams("hello", STREAMS[section])
        elif section == "seen":
            offered = rows.seen()
        elif section == "compression":
            offered = rows.compressed(most)
        elif section in SECURE:
            offered = rows.secure(most, SECURE[section])
        else:
            offered = rows.proxies(most) if section == "proxy" else rows.stacks(MODULES[section])
        table = tables.Table(section, filtered(offered, options.row), scratch, applications)
        measured = tables.measure_table(table, options.loads, options.rounds, options.warm)
    elif section == "memory":
        measured = solo.memory(filtered(rows.stacks("hello"), options.row), scratch, applications, 5)
    elif section == "start":
        named = [row for row in rows.stacks("hello") if row.name in (figures.TERPAN, "gunicorn sync x2", "Granian x2")]
        over_tls = [replace(row, name=row.name + figures.OVER_TLS) for row in rows.streams("hello", 1) if row.name == figures.TERPAN]
        measured = solo.starts(named + over_tls, scratch, applications, 7)
    elif section == "servers":
        chosen = [each for each in Servers(python, applications).all() if matches(each.name, options.row)]
        about["milliseconds"] = environment.set_computing(python, applications / f"{MODULE}.py")
        made = trios.Trios(home / "terpan", python, scratch, applications)
        measured = trios.measure_trios(made, chosen, options.servers_seconds, options.servers_rounds, options.warm)
    else:
        generator = Generator(home, environment.java(home))
        chosen = filtered(rows.queues("mixed"), options.row)
        measured = queue.measure_queues(
            chosen, scratch, applications, generator, options.queue_seconds, min(options.rounds, 3), options.warm
        )
    about["load average after"] = round(os.getloadavg()[0], 1)
    return {**about, **measured}


def filtered(rows: list, texts: list[str]) -> list:
    return [row for i, row in enumerate(rows) if i == 0 or matches(row.name, texts)]


def matches(name: str, texts: list[str]) -> bool:
    return not texts or any(text in name for text in texts)
