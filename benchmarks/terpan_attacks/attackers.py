"""The attacks: slowhttptest's four, idle connections, and a flood of connects that are reset at once."""

from __future__ import annotations

import multiprocessing
import os
import re
import socket
import struct
import subprocess
import time
from multiprocessing.connection import Connection

CONNECTIONS = 1_000
RAMP = 100  # connections a second
RESET = struct.pack("ii", 1, 0)
NO_PORT_YET = 24  # IP_BIND_ADDRESS_NO_PORT of Linux
ADDRESSES = 20

SLOW = {
    "slowloris": ["-H", "-i", "5", "-x", "24"],
    "slow body": ["-B", "-i", "5", "-s", "8192", "-x", "10", "-t", "POST"],
    "slow read": ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"],
    "range": ["-R", "-a", "1", "-b", "3000", "-t", "HEAD"],
}
# More than is kept in memory or fits into sockets, and little work: what is measured is whom the slow readers hold up.
PATHS = {"slow read": "/big?100"}


def slow(name: str, port: int, seconds: int) -> str:
    """Runs slowhttptest; gives its last word on the connections."""
    url = f"http://127.0.0.1:{port}{PATHS.get(name, '/')}"
    command = ["slowhttptest", *SLOW[name], "-c", str(CONNECTIONS), "-r", str(RAMP), "-l", str(seconds), "-p", "5", "-u", url]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    text = re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout)
    counts = {what: re.findall(rf"^{what}: +(\d+)", text, re.MULTILINE) for what in ("connected", "closed", "error")}
    if not counts["connected"]:
        raise RuntimeError(f"slowhttptest said nothing of its connections: {text[-500:]} {finished.stderr[-500:]}")
    most = max(map(int, counts["connected"]))
    return f"{most:,} connected at once, {counts['closed'][-1]} closed, {counts['error'][-1]} failed at the end"


class Crowd:
    """Connections that have made a request each and say nothing more."""

    def __init__(self, port: int, count: int) -> None:
        self.connections = []
        for number in range(count):
            connection = socket.socket()
            connection.bind((f"127.0.0.{number % ADDRESSES + 1}", 0))
            connection.settimeout(10)
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: idle\r\nCookie: a=b\r\n\r\n")
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("a request of an idle client was refused")
            self.connections.append(connection)

    def still_open(self) -> int:
        count = 0
        for connection in self.connections:
            connection.setblocking(False)
            try:
                count += connection.recv(1) != b""
            except BlockingIOError:
                count += 1
        return count

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


def flood(port: int, seconds: float) -> int:
    """Connects and resets as fast as one core goes, from twenty addresses; gives the connects a second."""
    end, other = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=run_flood, args=(other, port, seconds))
    process.start()
    made = end.recv()
    process.join()
    return round(made / seconds)


def run_flood(end: Connection, port: int, seconds: float) -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    until, made = time.monotonic() + seconds, 0
    target = ("127.0.0.1", port)
    while time.monotonic() < until:
        for number in range(1, ADDRESSES + 1):
            connection = socket.socket()
            connection.setsockopt(socket.IPPROTO_IP, NO_PORT_YET, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            try:
                connection.bind((f"127.0.0.{number}", 0))
                connection.connect(target)
                made += 1
            except OSError:
                pass  # the accept queue is full, or no port is free at the moment: both are part of a flood
            finally:
                connection.close()
    end.send(made)
