"""A stack: the processes that together answer HTTP on one port, how they are started and what they cost."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import processes

START_SECONDS = 30
STOP_SECONDS = 15


class StackFailure(Exception):
    """A stack that can not be measured, and why."""


@dataclass(frozen=True)
class Part:
    """One command of a stack. A front takes the clients in; what it starts itself is front too, or its workers."""

    command: list[str]
    front: bool = False
    workers_below: bool = False
    socket: str = ""  # a Unix socket that has to be there before the next part is started
    watches: bool = False  # it looks at the stack and is none of it: what it takes itself does not count


@dataclass(frozen=True)
class Row:
    """A row of a table: its name, and what makes its parts from a folder of its own and a free port."""

    name: str
    parts: Callable[[Path, int], list[Part]]
    java: bool = False  # needs warming up
    path: str = "/"
    secure: bool = False  # it speaks TLS
    handshakes: str = ""  # each request has a connection and a handshake of its own: `full` or `resumed`
    streams: int = 0  # HTTP/2 with so many requests at once on a connection
    coding: str = ""  # what the clients take: their Accept-Encoding


@dataclass
class Stack:
    row: Row
    folder: Path
    applications: Path
    port: int = 0
    running: list[tuple[Part, subprocess.Popen]] = field(default_factory=list)

    def start(self) -> None:
        """Starts every part and waits for the first good answer; a StackFailure says why there is none."""
        try:
            self.launch()
            self._await(lambda: answer(self.port, self.row.path, self.row.secure) == 200, f"no answer on port {self.port}")
        except StackFailure:
            self.stop()
            raise

    def launch(self) -> None:
        """Starts every part; only waits for sockets that the next part needs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        for part in self.row.parts(self.folder, self.port):
            self._start_part(part)

    def stop(self) -> None:
        everything = self.front_pids() + self.worker_pids()
        for _, process in reversed(self.running):
            stop(process)
        self.running.clear()
        for pid in everything:  # a worker that outlived its parent would spoil the next measurement
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def front_pids(self) -> list[int]:
        return [pid for front, pid in self._pids() if front]

    def worker_pids(self) -> list[int]:
        return [pid for front, pid in self._pids() if not front]

    def _pids(self) -> list[tuple[bool, int]]:
        found = []
        for part, process in self.running:
            if process.poll() is None and not part.watches:
                found.append((part.front, process.pid))
                below = part.front and not part.workers_below
                found += [(below, pid) for pid in processes.descendants([process.pid])]
        return found

    def _start_part(self, part: Part) -> None:
        log = open(self.folder / "log", "ab")  # noqa: SIM115 the process keeps it
        with log:
            process = subprocess.Popen(
                part.command,
                cwd=self.folder,
                env=clean_environment(self.applications),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append((part, process))
        if part.socket:
            self._await(lambda: connects(part.socket), f"{Path(part.command[0]).name} made no socket")

    def _await(self, condition: Callable[[], bool], failure: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            ended = [process.args[0] for _, process in self.running if process.poll() is not None]
            if ended:
                raise StackFailure(f"{Path(ended[0]).name} ended: {self.last_line()}")
            if time.monotonic() > deadline:
                raise StackFailure(f"{failure} within {START_SECONDS} s: {self.last_line()}")
            time.sleep(0.02)

    def last_line(self) -> str:
        lines = (self.folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"


def clean_environment(applications: Path) -> dict[str, str]:
    """The caller's own settings have no place in a measurement."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TERPAN_", "GUNICORN_", "GRANIAN_"))}
    for name in ("PORT", "WEB_CONCURRENCY", "PYTHONPATH"):
        environment.pop(name, None)
    environment["PYTHONPATH"] = str(applications)
    return environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(port: int, path: str, secure: bool = False) -> int:
    """The status of one GET, 0 when nobody answers."""
    if secure:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=trusting())
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def trusting() -> ssl.SSLContext:
    """A client's, which trusts everybody: the certificates are signed by themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
            return True
        except OSError:
            return False


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
