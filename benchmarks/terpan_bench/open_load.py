"""Runs the generator of open loads, load/OpenLoad.java: a process for each server, warm from step to step. Vegeta was looked at
instead: it counts from the moment one of its workers takes a request, so the lateness of its own loop, or of a load beyond
its workers, is not in its latencies."""

from __future__ import annotations

import json
import selectors
import subprocess
from pathlib import Path
from types import TracebackType

CONNECTIONS = 2000
PATIENCE_SECONDS = 10
START_SECONDS = 30


def histogram(home: Path) -> Path:
    """The library that the generator counts with; Terpan itself does without it."""
    folder = home / "target" / "load-lib"
    if not list(folder.glob("HdrHistogram-*.jar")):
        copy = ["dependency:copy-dependencies", "-DincludeArtifactIds=HdrHistogram", f"-DoutputDirectory={folder}"]
        subprocess.run(["mvn", "-q", "-B", "-ntp", *copy], cwd=home, check=True)
    return next(folder.glob("HdrHistogram-*.jar"))


class Generator:
    """Compiles the generator, and knows how it is started."""

    def __init__(self, home: Path, java: Path):
        library = histogram(home)
        classes = home / "target" / "load"
        sources = map(str, sorted((home / "benchmarks" / "load").glob("*.java")))
        subprocess.run([str(java.with_name("javac")), "-cp", str(library), "-d", str(classes), *sources], check=True)
        # A young generation that is never full in such a run: no pause of the generator's own in the latencies.
        memory = ["-XX:+UseSerialGC", "-Xms400m", "-Xmx400m", "-Xmn300m"]
        self.command = [str(java), *memory, "-cp", f"{library}:{classes}", "OpenLoad"]

    def towards(self, port: int, connections: int = CONNECTIONS) -> OpenLoad:
        return OpenLoad([*self.command, str(port), str(connections)])


class OpenLoad:
    """One running generator; to be used in a `with`."""

    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def step(
        self, rate: float, seconds: int, warm: int, mix: dict[str, int], seed: int, patience: int = PATIENCE_SECONDS
    ) -> dict:
        """One step: `rate` requests a second for `warm` and then `seconds`, of the paths of `mix` with so many percent each."""
        paths = " ".join(f"{path}={percent}" for path, percent in mix.items())
        self.process.stdin.write(f"{rate:.3f} {seconds} {warm} {patience} {seed} {paths}\n")
        self.process.stdin.flush()
        # It prints whole lines, one for each step.
        if not self.selector.select(START_SECONDS + seconds + warm + patience):
            raise TimeoutError(f"the generator of the load did not end a step of {seconds} s")
        line = self.process.stdout.readline()
        if not line:
            raise ChildProcessError(f"the generator of the load ended with {self.process.wait(START_SECONDS)}")
        return json.loads(line)

    def __enter__(self) -> OpenLoad:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.selector.close()
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(START_SECONDS)
        self.process.stdout.close()
