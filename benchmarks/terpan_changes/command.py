"""The command line of benchmarks/changes."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from terpan_bench import environment
from terpan_bench.environment import build_terpan, install_packages, machine, make_python, versions
from terpan_bench.stack import Part, Row, Stack

WORKERS = 2
THREADS = 8
#: of the requests, on a connection of their own
FRESH_PERCENT = 10
WARM = 'warm = ["/item?0"]'
PROVE = 'prove = {share = "5%", for = "1s", requests = 100}'
RELOADS = 20
BROKEN = 5
RECYCLED = 20
#: what a peer, which does not tell when it is done, has for a reload
SETTLE_SECONDS = 1.5
SLOW_SECONDS = 5.0
END_SECONDS = 120.0
#: as many virtual threads of the clients run at once
CARRIERS = 1


class Site:
    """The application in a folder of its own, whose version changes."""

    def __init__(self, home: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="terpan-changes-"))
        shutil.copy(home / "benchmarks" / "apps" / "changes.py", self.folder / "changes.py")
        self.version("1")

    def version(self, version: str) -> None:
        fresh = self.folder / "version.new"
        fresh.write_text(version, encoding="ascii")
        fresh.rename(self.folder / "version")


#: what gives a stack new versions under load; returns what it did, in words
Changes = Callable[[Stack], "list[str]"]


def started(name: str, site: Site, parts: Callable[[int], list[Part]]) -> Stack:
    stack = Stack(Row(name, lambda folder, port: parts(port), path="/item?0"), site.folder, applications=site.folder)
    stack.start()
    return stack


def tell(stack: Stack, number: int) -> None:
    process = stack.running[0][1]
    if process.poll() is None:
        process.send_signal(number)


def terpan(home: Path, python: Path, site: Site) -> tuple[Stack, Changes]:
    run = site.folder / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    settings = site.folder / "terpan.toml"

    def write(port: int, application: str, more: str = "") -> None:
        settings.write_text(
            f'bind = ["127.0.0.1:{port}"{more}]\n[application]\nname = "changes.py"\n{application}\n'
            f'python = "{python}"\n[workers]\ncount = {WORKERS}\nthreads = {THREADS}\n',
            encoding="utf-8",
        )

    def parts(port: int) -> list[Part]:
        write(port, WARM)
        return [Part([str(home / "terpan"), "serve", "--config", str(settings), "--run-directory", str(run), "--log-level", "warn"])]

    stack = started("Terpan", site, parts)

    def order(*words: str, expected: int = 0) -> None:
        done = subprocess.run([str(home / "terpan"), *words, "--run-directory", str(run)], capture_output=True, text=True, check=False)
        if done.returncode != expected:
            raise AssertionError(f"terpan {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")

    def changes(stack: Stack) -> list[str]:
        for number in range(RELOADS):
            site.version(str(number))
            order("reload")
        site.version("slow")
        order("reload")
        for _ in range(BROKEN):
            site.version("broken")
            order("reload", expected=15)
        site.version("fails")
        order("reload", expected=15)
        write(stack.port, PROVE)
        order("reload", expected=15)
        site.version("1")
        order("reload")
        write(stack.port, WARM, f', "unix:{site.folder / "other.sock"}"')
        order("reload")
        write(stack.port, WARM)
        order("reload")
        order("rollback")
        for number in range(RECYCLED):
            order("restart", f"builtin-{number % WORKERS + 1}")
        order("scale", str(2 * WORKERS))
        order("scale", str(WORKERS))
        return [
            f"{RELOADS} reloads",
            "one to an application that imports for 3 s",
            f"{BROKEN} to one that does not import",
            "one to one that imports and answers 500 (warmed, rolled back)",
            "the same without a path to warm it by (proven by a twentieth of the requests, rolled back)",
            "one that proves itself and takes over",
            "a listener added and removed",
            "a rollback",
            f"{RECYCLED} workers replaced",
            f"{WORKERS} workers to {2 * WORKERS} and back",
        ]

    return stack, changes


def peer(name: str, site: Site, command: Callable[[int], list[str]], reload: Callable[[Stack], None]) -> tuple[Stack, Changes]:
    stack = started(name, site, lambda port: [Part(command(port))])

    def changes(stack: Stack) -> list[str]:
        for number in range(RELOADS):
            site.version(str(number))
            reload(stack)
            time.sleep(SETTLE_SECONDS)
        site.version("slow")
        reload(stack)
        time.sleep(SLOW_SECONDS)
        done = [f"{RELOADS} reloads", "one to an application that imports for 3 s"]
        for _ in range(BROKEN):
            site.version("broken")
            reload(stack)
            time.sleep(SETTLE_SECONDS)
        site.version("1")
        reload(stack)
        time.sleep(SETTLE_SECONDS)
        return [*done, f"{BROKEN} to one that does not import, and one to one that does"]

    return stack, changes


def gunicorn(home: Path, python: Path, site: Site) -> tuple[Stack, Changes]:
    command = [str(python.parent / "gunicorn"), "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)]
    command += ["--log-level", "error", "--backlog", "4096", "changes:application"]
    return peer("Gunicorn gthread", site, lambda port: [*command, "--bind", f"127.0.0.1:{port}"], lambda stack: tell(stack, signal.SIGHUP))


def granian(home: Path, python: Path, site: Site) -> tuple[Stack, Changes]:
    command = [str(python.parent / "granian"), "--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    command += ["--host", "127.0.0.1", "--log-level", "error", "--no-access-log", "changes:application"]
    return peer("Granian", site, lambda port: [*command, "--port", str(port)], lambda stack: tell(stack, signal.SIGHUP))


def uwsgi(home: Path, python: Path, site: Site) -> tuple[Stack, Changes]:
    chain = site.folder / "chain"
    chain.touch()
    packages = next((python.parent.parent / "lib").glob("python3.*")) / "site-packages"
    command = ["uwsgi", "--plugin", "http,python3", "--http-keepalive", "--master", "--processes", str(WORKERS)]
    command += ["--threads", str(THREADS), "--lazy-apps", "--touch-chain-reload", str(chain), "--module", "changes:application"]
    command += ["--need-app", "--disable-logging", "--listen", "1024", "--die-on-term", "--pythonpath", str(packages)]
    return peer("uWSGI chain reload", site, lambda port: [*command, "--http", f"127.0.0.1:{port}"], lambda stack: chain.touch())


STACKS = {"terpan": terpan, "gunicorn": gunicorn, "granian": granian, "uwsgi": uwsgi}


def measure(java: Path, classes: Path, stack: Stack, changes: Changes, connections: int, requests: int) -> dict:
    load = subprocess.Popen(
        [str(java), f"-Djdk.virtualThreadScheduler.parallelism={CARRIERS}", "-XX:+UseSerialGC", "-cp", str(classes), "Changes"]
        + [str(stack.port), str(connections), str(requests), "1", str(FRESH_PERCENT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        time.sleep(2)
        done = changes(stack)
        out, _ = load.communicate("over\n", timeout=END_SECONDS + requests / 500)
        return {**json.loads(out), "changes": done}
    finally:
        load.kill()
        load.wait()


def main(home: Path, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/changes", description="Reloads and their kind under load; writes a table.")
    parser.add_argument("stacks", nargs="*", choices=[*STACKS, []], metavar="STACK", help=f"of {', '.join(STACKS)}; all if none is named")
    parser.add_argument("--requests", type=int, default=1_000_000, help="of each load to Terpan at least (default 1000000)")
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 256], help="the loads (default 16 256)")
    parser.add_argument("--results", type=Path, help="where the report goes (default benchmarks/results/changes.md)")
    options = parser.parse_args(arguments)
    install_packages()
    python = make_python(home)
    build_terpan(home)
    java = environment.java(home)
    classes = home / "target" / "changes-load"
    source = home / "benchmarks" / "changes_load" / "Changes.java"
    subprocess.run([str(java.with_name("javac")), "-d", str(classes), str(source)], check=True)
    rows = []
    for name in options.stacks or STACKS:
        for connections in options.connections:
            site = Site(home)
            stack, changes = STACKS[name](home, python, site)
            try:
                requests = options.requests if name == "terpan" else 1
                row = {"name": stack.row.name, "connections": connections, **measure(java, classes, stack, changes, connections, requests)}
            finally:
                stack.stop()
            shutil.rmtree(site.folder, ignore_errors=True)
            print(json.dumps(row), file=sys.stderr, flush=True)
            rows.append(row)
    text = report(home, python, rows)
    (options.results or home / "benchmarks" / "results" / "changes.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if all(row["failed"] == 0 for row in rows if row["name"] == "Terpan") else 1


def report(home: Path, python: Path, rows: list[dict]) -> str:
    known = versions(home, python)
    lines = [
        "# What changes under load cost",
        "",
        "`benchmarks/changes`: clients that ask without a pause and retry nothing (10 % of the requests on a new connection, 20 % with a body of",
        "1 to 16 KiB, 5 % of 50 ms), each answer checked to be that of its request, while the server is reloaded and the like; two workers with eight",
        f"threads each. *Longest gap*: the longest span in which no answer of any client ended. {datetime.date.today()}, {machine()}.",
        "",
        "| stack | connections | requests | failed | wrong | longest gap | seconds | the first failures |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row['name']} | {row['connections']} | {row['requests']:,} | {row['failed']:,} | {row['wrong']:,} "
            f"| {row['longest_gap_ms']:,} ms | {row['seconds']} | {row['failures'].replace('|', '/')[:200]} |"
        )
    lines += ["", "What was changed:", ""]
    for name in dict.fromkeys(row["name"] for row in rows):
        done = next(row["changes"] for row in rows if row["name"] == name)
        lines.append(f"- {name}: {', '.join(done)}")
    lines += ["", ", ".join(f"{name} {known[key]}" for name, key in (("Terpan", "Terpan"), ("Gunicorn", "gunicorn"), ("Granian", "granian"), ("uWSGI", "uWSGI"))), ""]
    return "\n".join(lines)
