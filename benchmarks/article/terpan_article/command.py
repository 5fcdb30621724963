"""The command line: which parts, how much of them, and where the results go."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from terpan_bench import environment
from terpan_bench.open_load import Generator
from terpan_bench.report import json_text
from terpan_bench.tables import say

from . import parts
from .plan import QUICK, SERVERS, SHORT, WHOLE, Plan
from .stacks import Stacks

DESCRIPTORS = 20_000
PACKAGES = {
    name: sign
    for name, sign in environment.PACKAGES.items()
    if name in ("uwsgi-core", "uwsgi-plugin-python3", "libev-dev", "gcc", "python3-venv")
}
SPIN_SECONDS = 0.001
CALIBRATE = """
import time
from article import spin
best = min(one for _ in range(60) for began in [time.perf_counter()] if [spin(20000)] for one in [time.perf_counter() - began])
print(round(20000 * {seconds} / best))
"""


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/article/run", description="The article's experiments, repeated and taken further; about three hours for all."
    )
    add = parser.add_argument
    told = "; ".join(f"{name}: {what}" for name, (_, what) in parts.PARTS.items())
    add("parts", nargs="*", metavar="PART", help=f"all if none is named. {told}")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="half an hour: one round, which the results say")
    how.add_argument("--short", action="store_true", help="a minute or two: shows that everything runs, and no more")
    add("--rounds", type=int, metavar="N", help="interleaved rounds (default 3; 1 with --quick)")
    add("--server", action="append", default=[], metavar="NAME", help="only this server; may be given several times")
    add("--results", type=Path, metavar="FOLDER", help="where to write (default benchmarks/results/article)")
    add("--render", action="store_true", help="only write tables and charts anew from results.json")
    options = parser.parse_args(arguments)
    for word, known in ((options.parts, parts.PARTS), (options.server, (*SERVERS, "builtin"))):
        for name in word:
            if name not in known:
                parser.error(f"unknown {name!r}; expected some of {', '.join(known)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds takes 1 or more")
    return options


def plan_of(options: argparse.Namespace) -> Plan:
    plan = QUICK if options.quick else SHORT if options.short else WHOLE
    if options.rounds:
        plan = replace(plan, rounds=options.rounds)
    if plan.rounds < WHOLE.rounds:
        few = "one round, so no spread is shown" if plan.rounds == 1 else f"{plan.rounds} rounds instead of {WHOLE.rounds}"
        plan = replace(plan, note="; ".join(filter(None, (plan.note, few))))
    if options.server:
        lists = ("mono_servers", "servers", "knee_servers", "socket_servers", "core_servers")
        kept = {name: tuple(server for server in getattr(plan, name) if server in options.server) for name in lists}
        plan = replace(plan, **kept, built_in="builtin" in options.server)
    return plan


def main(home: Path, arguments: list[str]) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the stacks are stopped
    folder = (options.results or home / "benchmarks" / "results" / "article").resolve()
    file = folder / "results.json"
    results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    python = prepare(home, options.render)
    if not options.render:
        folder.mkdir(parents=True, exist_ok=True)
        plan = plan_of(options)
        raise_descriptors()
        spins = calibrate(home, python)
        chosen = options.parts or list(parts.PARTS)
        # Short, for the workers' sockets lie in it and their paths are bounded.
        with tempfile.TemporaryDirectory(prefix="ta-") as scratch:
            tools = parts.Tools(
                Stacks(home, python, spins), Generator(home, environment.java(home)), python, Path(scratch), os.cpu_count() or 1
            )
            for i, name in enumerate(chosen):
                say(f"part {i + 1} of {len(chosen)}, {name}: {parts.PARTS[name][1]}")
                results[name] = run_part(name, tools, plan, home)
                file.write_text(json_text(results), encoding="utf-8")
    # Its own process: the charts' library is in the environment that was made, not where this runs.
    modules = f"{home / 'benchmarks' / 'article'}:{home / 'benchmarks'}"
    command = [str(python), "-B", "-m", "terpan_article.report", str(folder), str(home)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": modules})
    print(folder / "README.md")
    failed = [line for name in (options.parts or results) for line in results.get(name, {}).get("lines", []) if line["failure"]]
    return 1 if options.short and failed else 0


def prepare(home: Path, render: bool) -> Path:
    if not render:
        environment.install_packages(PACKAGES)
        if not shutil.which("taskset"):
            sys.exit("benchmarks: missing: taskset; on Debian: apt-get install util-linux")
        environment.build_terpan(home)
    return environment.make_python(home, "article-env", ("benchmarks/article/requirements.txt",))


def raise_descriptors() -> None:
    """7,000 users take as many connections in each of Locust, server and front; children inherit the bound."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < DESCRIPTORS:
        say(f"only {wanted} descriptors are allowed here, {DESCRIPTORS} are wanted: connections beyond will be refused")


def calibrate(home: Path, python: Path) -> int:
    """Turns of the application's loop in a millisecond, when nothing disturbs it."""
    command = [str(python), "-B", "-c", CALIBRATE.format(seconds=SPIN_SECONDS)]
    finished = subprocess.run(command, cwd=home / "benchmarks" / "apps", capture_output=True, text=True, check=True, timeout=60)
    return int(finished.stdout)


def run_part(name: str, tools: parts.Tools, plan: Plan, home: Path) -> dict:
    began = time.monotonic()
    about = {
        "date": time.strftime("%Y-%m-%d %H:%M %Z"),
        "machine": environment.machine(),
        "processors": tools.cores,
        "versions": versions(home, tools.python),
        "settings": {**asdict(plan), "spins": tools.stacks.spins},
        "load average before": round(os.getloadavg()[0], 1),
    }
    cases = parts.PARTS[name][0](tools, plan)
    lines = parts.run(cases, plan, tools.folder, home / "benchmarks" / "apps")
    about["load average after"] = round(os.getloadavg()[0], 1)
    return {**about, "minutes": round((time.monotonic() - began) / 60, 1), "lines": lines}


def versions(home: Path, python: Path) -> dict[str, str]:
    """Of what takes part; packages as they are installed."""
    listing = subprocess.run([str(python), "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True)
    installed = dict(line.lower().split("==") for line in listing.stdout.splitlines() if "==" in line)
    commit = environment.first_line(["git", "-C", str(home), "describe", "--always", "--dirty=+"])
    terpan = environment.first_line([str(home / "terpan"), "version"]).removeprefix("terpan ")
    java = environment.first_line([str(environment.java(home)), "-version"])
    found = {"Terpan": f"{terpan}, commit {commit}", "Java": java, "uwsgi": environment.first_line(["uwsgi", "--version"])}
    found["Python"] = environment.first_line([str(python), "--version"]).removeprefix("Python ")
    return {**found, **{name: installed[name] for name in (*SERVERS, "bottle", "locust", "pygal") if name in installed}}
