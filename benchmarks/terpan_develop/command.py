"""The command line of benchmarks/develop."""

from __future__ import annotations

import datetime
import http.client
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from terpan_bench import pages
from terpan_bench.environment import first_line, machine
from terpan_bench.stack import free_port

SAVES = 25
MOST_SECONDS = 20.0
ADMITTED_MS = 300
BETWEEN_SECONDS = 0.5

PLAIN = """\
from page import PAGE

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(PAGE)))])
    return [PAGE.encode()]
"""
BOTTLE = """\
import bottle
from page import PAGE

application = bottle.Bottle()

@application.route("/")
def page():
    return PAGE
"""
FLASK = """\
import flask
from page import PAGE

application = flask.Flask(__name__)

@application.route("/")
def page():
    return PAGE
"""
APPLICATIONS = (("a function", PLAIN), ("Bottle", BOTTLE), ("Flask", FLASK))


def save(folder: Path, text: str) -> float:
    """As editors do it: another file takes the place of the one before. Returns when that was."""
    fresh = folder / ".page.py.new"
    fresh.write_text(f"PAGE = {text!r}\n", encoding="utf-8")
    os.replace(fresh, folder / "page.py")
    return time.perf_counter()


def asked(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()


def until(port: int, text: str) -> float:
    """When the answer is this one, on the clock of save."""
    end = time.perf_counter() + MOST_SECONDS
    while time.perf_counter() < end:
        if asked(port) == text:
            return time.perf_counter()
        time.sleep(0.002)
    raise RuntimeError(f"what was saved does not answer after {MOST_SECONDS:.0f} s")


def measured(home: Path, python: Path, code: str) -> list[float]:
    folder = Path(tempfile.mkdtemp(prefix="terpan-develop-"))
    (folder / "app.py").write_text(code, encoding="utf-8")
    save(folder, "first")
    port = free_port()
    command = [str(home / "terpan"), "serve", "app:application", "--chdir", str(folder), "--python", str(python), "--development"]
    command += ["--workers", "1", "--bind", f"127.0.0.1:{port}", "--run-directory", tempfile.mkdtemp(prefix="terpan-develop-run-")]
    with open(folder / "log", "wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process:
        try:
            until(port, "first")
            times = []
            for number in range(SAVES):
                time.sleep(BETWEEN_SECONDS)
                saved = save(folder, f"save {number}")
                times.append(1000 * (until(port, f"save {number}") - saved))
            return times
        finally:
            process.terminate()
            process.wait(30)


def report(home: Path, python: Path) -> str:
    lines = ["# From a save to its answer, in development", ""]
    lines.append(f"`benchmarks/develop`, {datetime.date.today().isoformat()}: {machine()}. {first_line([str(python), '--version'])}. {SAVES} saves each, half a second apart.")
    lines.append(f"From the moment in which the file is in place to the first answer that has it, asked again and again on new connections; at most {ADMITTED_MS} ms is what we ask of ourselves.")
    lines += ["", "| application | median | least | most |", "| --- | ---: | ---: | ---: |"]
    for name, code in APPLICATIONS:
        times = measured(home, python, code)
        lines.append(f"| {name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {max(times):.0f} ms |")
    lines += ["", "110 ms of it are waited for further files that an editor or a tool may save together with the first."]
    return "\n".join(lines) + "\n"


def main(home: Path, arguments: list[str]) -> int:
    return pages.write(home, arguments, "develop", "Measures how long after a save its code answers; writes results/develop.md.", "an interpreter with Bottle and Flask", report)
