"""The command line of benchmarks/upgrade."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from terpan_bench import environment
from terpan_bench.environment import build_terpan, machine
from terpan_bench.stack import Part, Row, Stack

WORKERS = 2
THREADS = 8
UPGRADES = 10
#: which of them leads to a program that does not start
BROKEN = 5
ROLLED_BACK = 15
REFUSED = 9
#: of the requests, on a connection of their own
FRESH_PERCENT = 50
#: as many virtual threads of the clients run at once
CARRIERS = 1
WARM_SECONDS = 5
#: for the process before to answer what it has
DRAIN_SECONDS = 60.0
END_SECONDS = 400.0

PAGE = """\
# What a new Terpan in place of a running one costs

`benchmarks/upgrade --requests {requests} --connections {connections}`: clients that ask without a pause and retry nothing, every second one over TCP and
the others over a Unix socket ({fresh} % of the requests on a new connection, 20 % with a body of 1 to 16 KiB, 5 % of 50 ms), each answer checked to be that of its
request, while `terpan upgrade` replaces the front with {workers} workers of {threads} threads {upgrades} times, once by a program that does not start. *Longest gap*: the longest span in
which no answer of any client ended. {date}, {machine}.

| | aim | measured |
| --- | ---: | ---: |
| requests | 1,000,000 | {sent:,} |
| refused, reset, cut or answered with an error | 0 | {failed:,} |
| answered with another's answer | 0 | {wrong:,} |
| longest gap | 100 ms | {gap:,} ms |
| seconds | | {seconds:,} |

{failures}{moment}

What the commands said, and after how many seconds:

{commands}
"""


class Command(NamedTuple):
    """One upgrade: when it was ordered and when its command had ended, in milliseconds since 1970, and a line on what it said."""

    began: float
    ended: float
    said: str


def upgrade(home: Path, run: Path, broken: Path, number: int) -> Command:
    """Has it done. The process before the running one may still answer what it has: then it waits for that."""
    command = [str(home / "terpan"), "upgrade", *([str(broken)] if number == BROKEN else []), "--run-directory", str(run)]
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        began = time.time()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != REFUSED:
            break
        if time.monotonic() > deadline:
            raise AssertionError(f"the process before did not end within {DRAIN_SECONDS:.0f} s: {done.stderr}")
        time.sleep(0.2)
    if done.returncode != (ROLLED_BACK if number == BROKEN else 0):
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    said = (done.stderr if number == BROKEN else done.stdout).strip().splitlines()
    ended = time.time()
    return Command(began * 1000, ended * 1000, f"- {ended - began:.1f} s: {said[-1]}")


def moment(at: float, commands: list[Command]) -> str:
    """Where in the upgrades something was, for people."""
    before = [number for number, command in enumerate(commands) if command.began <= at]
    if not before:
        return "The longest gap began before the first upgrade."
    command = commands[before[-1]]
    place = f"{at - command.began:.0f} ms after upgrade {before[-1] + 1} of {len(commands)} was ordered"
    return f"The longest gap began {place}, whose command ended after {command.ended - command.began:.0f} ms."


def measure(home: Path, folder: Path, connections: int, requests: int) -> tuple[dict, list[Command]]:
    run, socket = folder / "run", folder / "clients.sock"
    run.mkdir(mode=0o700)
    shutil.copy(home / "benchmarks" / "apps" / "changes.py", folder / "changes.py")
    (folder / "version").write_text("1", encoding="ascii")
    broken = folder / "broken"
    broken.write_text("#!/bin/sh\necho a program that does not start >&2\nexit 7\n", encoding="ascii")
    broken.chmod(0o755)
    classes = home / "target" / "changes-load"
    java = environment.java(home)
    subprocess.run([str(java.with_name("javac")), "-d", str(classes), str(home / "benchmarks/changes_load/Changes.java")], check=True)
    serve = [str(home / "terpan"), "serve", "changes:application", "--chdir", str(folder), "--python", sys.executable]
    serve += ["--workers", str(WORKERS), "--threads", str(THREADS), "--run-directory", str(run), "--bind", f"unix:{socket}", "--log-level", "warn"]
    stack = Stack(Row("Terpan", lambda _, port: [Part([*serve, "--bind", f"127.0.0.1:{port}"])], path="/item?0"), folder, applications=folder)
    stack.start()
    load = None
    try:
        load = subprocess.Popen(
            [str(java), f"-Djdk.virtualThreadScheduler.parallelism={CARRIERS}", "-XX:+UseSerialGC", "-cp", str(classes), "Changes"]
            + [f"{stack.port},{socket}", str(connections), str(requests), "1", str(FRESH_PERCENT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        time.sleep(WARM_SECONDS)
        commands = [upgrade(home, run, broken, number) for number in range(UPGRADES)]
        out, _ = load.communicate("over\n", timeout=END_SECONDS)
        return json.loads(out), commands
    finally:
        if load is not None:
            load.kill()
            load.wait()
        # Who serves by now is no child of ours.
        subprocess.run([str(home / "terpan"), "stop", "--run-directory", str(run)], check=False, timeout=END_SECONDS)
        stack.stop()


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/upgrade", description="Upgrades under load; writes a table.")
    parser.add_argument("--requests", type=int, default=1_000_000, help="at least (default 1000000)")
    parser.add_argument("--connections", type=int, default=32, help="clients, half of them over the Unix socket (default 32)")
    parser.add_argument("--results", type=Path, help="where the report goes (default benchmarks/results/upgrade.md)")
    options = parser.parse_args(arguments)
    build_terpan(home)
    with tempfile.TemporaryDirectory(prefix="terpan-upgrade-") as folder:
        row, commands = measure(home, Path(folder), options.connections, options.requests)
    text = PAGE.format(
        requests=options.requests,
        connections=options.connections,
        fresh=FRESH_PERCENT,
        workers=WORKERS,
        threads=THREADS,
        upgrades=UPGRADES,
        date=datetime.date.today(),
        machine=machine(),
        sent=row["requests"],
        failed=row["failed"],
        wrong=row["wrong"],
        gap=row["longest_gap_ms"],
        seconds=row["seconds"],
        moment=moment(row["longest_gap_at"], commands),
        failures=f"The first failures: {row['failures']}\n\n" if row["failures"] else "",
        commands="\n".join(command.said for command in commands),
    )
    (options.results or home / "benchmarks" / "results" / "upgrade.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if row["failed"] == 0 and row["wrong"] == 0 else 1
