"""The well-behaved client: one kept connection, a request every few milliseconds, each timed. A process of its own."""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

PAUSE_SECONDS = 0.004
REQUEST = b"GET / HTTP/1.1\r\nHost: attacked\r\n\r\n"


@dataclass(frozen=True)
class Service:
    """What it saw. Milliseconds."""

    requests: int
    failures: int
    p50: float
    p99: float


def watch(port: int, seconds: float) -> Service:
    """Blocks for that long."""
    latencies, failures = [], 0
    until = time.monotonic() + seconds
    connection = connect(port)
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            connection.sendall(REQUEST)
            fine = connection.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            fine = False
        latencies.append(time.perf_counter() - began)
        if not fine:
            failures += 1
            connection.close()
            connection = connect(port)
        time.sleep(PAUSE_SECONDS)
    connection.close()
    cuts = statistics.quantiles(latencies, n=100)
    return Service(len(latencies), failures, cuts[49] * 1e3, cuts[98] * 1e3)


def connect(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(10)
    connection.bind(("127.0.0.100", 0))
    connection.connect(("127.0.0.1", port))
    return connection


class Watcher:
    """The client beside something else that runs."""

    def __init__(self, port: int, seconds: float) -> None:
        self.end, other = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=run, args=(other, port, seconds))
        self.process.start()

    def result(self) -> Service:
        service = self.end.recv()
        self.process.join()
        return service


def run(end: Connection, port: int, seconds: float) -> None:
    end.send(watch(port, seconds))
