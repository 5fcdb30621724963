"""The command line of benchmarks/applications."""

from __future__ import annotations

import contextlib
import datetime
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from terpan_bench import pages
from terpan_bench.environment import first_line, java, machine
from terpan_bench.open_load import Generator, OpenLoad
from terpan_bench.stack import free_port

ROUNDS = 7
WARM = 1
SECONDS = 6
RATE = 500
FLOOD = 64
ADMITTED = 1.2

BOTTLE = """\
import bottle
application = bottle.Bottle()

@application.route("/")
def page():
    return "bottle"
"""
DJANGO = """\
import time
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of a benchmark")
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

def page(request):
    time.sleep(0.1)
    return HttpResponse("django")

urlpatterns = [path("", page)]
application = get_wsgi_application()
"""
FASTAPI = """\
from fastapi import FastAPI
app = FastAPI()

@app.get("/")
async def page():
    return "fastapi"
"""
BROKEN = "raise RuntimeError('it does not import')\n"
APPLICATIONS = {"quiet": BOTTLE, "flooded": DJANGO, "reloaded": FASTAPI, "broken": BROKEN}


def host(name: str) -> str:
    """The generator of the load sends no other."""
    return "localhost" if name == "quiet" else f"{name}.test"


class Serving:
    """One Terpan with all four."""

    def __init__(self, home: Path, python: Path):
        self.home, self.run = home, tempfile.mkdtemp(prefix="terpan-applications-run-")
        folder = Path(tempfile.mkdtemp(prefix="terpan-applications-"))
        self.port = free_port()
        tables = []
        for name, code in APPLICATIONS.items():
            (folder / f"{name}.py").write_text(code, encoding="utf-8")
            server = '[applications.server]\nname = "uvicorn"\n' if name == "reloaded" else ""
            tables.append(f'[[applications]]\nname = "{name}"\nroutes = ["{host(name)}"]\n[applications.application]\nname = "{name}.py"\n{server}')
        (folder / "terpan.toml").write_text(f'bind = ["127.0.0.1:{self.port}"]\n' + "".join(tables) + "[workers]\ncount = 1\n", encoding="utf-8")
        command = [str(home / "terpan"), "serve", "--config", str(folder / "terpan.toml"), "--python", str(python), "--run-directory", self.run]
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        self.reloads = 0
        for name in ("quiet", "flooded", "reloaded"):
            self.until(name)

    def until(self, name: str) -> None:
        end = time.monotonic() + 60
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers={"Host": host(name)})
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(request, timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{name} is not served")

    @contextlib.contextmanager
    def flooded(self) -> Iterator[None]:
        """Meanwhile one application has more requests than it can answer."""
        load = ["wrk", "-t1", f"-c{FLOOD}", f"-d{WARM + SECONDS + 2}s", "-H", "Host: flooded.test", f"http://127.0.0.1:{self.port}/"]
        with subprocess.Popen(load, stdout=subprocess.DEVNULL) as flood:
            try:
                yield
            finally:
                flood.terminate()

    @contextlib.contextmanager
    def reloaded(self) -> Iterator[None]:
        """Meanwhile one application is reloaded again and again, and one that does not import is tried."""
        stop = threading.Event()
        thread = threading.Thread(target=self._reload_until, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)

    def _reload_until(self, stop: threading.Event) -> None:
        while not stop.is_set():
            subprocess.run([str(self.home / "terpan"), "reload", "reloaded", "--run-directory", self.run], capture_output=True, check=True)
            subprocess.run([str(self.home / "terpan"), "reload", "broken", "--run-directory", self.run], capture_output=True, check=False)
            self.reloads += 1
            stop.wait(1.0)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def p99(load: OpenLoad, seed: int) -> float:
    """Of the application that nothing happens to, in milliseconds; every answer has to be a good one."""
    figures = load.step(RATE, SECONDS, WARM, {"/": 100}, seed)
    if figures["errors"]:
        raise RuntimeError(f"requests failed: {figures}")
    return figures["p99"] / 1e3


def report(home: Path, python: Path) -> str:
    generator = Generator(home, java(home))
    with contextlib.closing(Serving(home, python)) as measured, contextlib.closing(Serving(home, python)) as beside:
        meanwhile: dict[str, Callable[[], AbstractContextManager[None]]] = {
            "nothing": contextlib.nullcontext,
            "another application is flooded": measured.flooded,
            "the same in another Terpan beside it": beside.flooded,
            "another is reloaded, and one that is broken is tried": measured.reloaded,
            "the same in another Terpan beside it ": beside.reloaded,
        }
        rows: dict[str, list[float]] = {name: [] for name in meanwhile}
        with generator.towards(measured.port) as load:
            for seed in range(3):
                p99(load, seed)
            for seed in range(ROUNDS):
                for name, happens in meanwhile.items():
                    with happens():
                        rows[name].append(p99(load, seed))
        reloads = measured.reloads
    lines = ["# What another application's clients see", ""]
    lines.append(f"`benchmarks/applications`, {datetime.date.today().isoformat()}: {machine()}. {first_line([str(python), '--version'])}.")
    lines.append(
        f"Four applications of one worker each: Bottle, which is measured ({RATE} requests a second, due at fixed times and counted from then; {SECONDS} s, {ROUNDS} rounds in turns), Django, whose view"
        f" sleeps 100 ms ({FLOOD} connections flood it), FastAPI on Uvicorn (reloaded {reloads} times), and one that does not import. p99 in milliseconds; at most {ADMITTED} of alone is what we ask of"
        " ourselves. What the machine itself has to do with it the rows of another Terpan tell: there the same happens to applications of a process that the measured one knows nothing of."
    )
    lines += ["", "| meanwhile | p99, median | least | most | of alone, median of the rounds |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, figures in rows.items():
        ratio = statistics.median(one / alone for one, alone in zip(figures, rows["nothing"]))
        lines.append(f"| {name.strip()} | {statistics.median(figures):.2f} | {min(figures):.2f} | {max(figures):.2f} | {ratio:.2f} |")
    return "\n".join(lines) + "\n"


def main(home: Path, arguments: list[str]) -> int:
    return pages.write(home, arguments, "applications", "Measures one of several applications while things happen to others; writes results/applications.md.", "an interpreter with Bottle, Django, FastAPI and Uvicorn", report)
