"""Looks at a running Terpan as a person or a program does: watch.py metrics|dashboard SOCKET. Ends when Terpan does."""

import http.client
import re
import socket
import sys
import time
from pathlib import Path

SECONDS = 10


class Operators(http.client.HTTPConnection):
    """A connection to the operators' socket."""

    def __init__(self, path: str):
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask(path: str, method: str, target: str) -> str:
    connection = Operators(path)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 300:
            raise RuntimeError(f"{target}: {answer.status} {text[:200]}")
        return text
    finally:
        connection.close()


def metrics(path: str) -> None:
    while True:
        if "terpan_requests_total" not in ask(path, "GET", "/metrics"):
            raise RuntimeError("these are not Terpan's metrics")
        time.sleep(1)


def dashboard(path: str) -> None:
    """Reads what a browser with the dashboard open is sent."""
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", ask(path, "POST", "/dashboard/link"))
    if not found:
        raise RuntimeError("there is no dashboard")
    token = (Path(path).parent / "operators-token").read_text(encoding="ascii").strip()
    connection = http.client.HTTPConnection("127.0.0.1", int(found.group(1)), timeout=SECONDS)
    connection.request("GET", "/feed", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"the feed: {answer.status}")
    while answer.read1(1 << 16):
        pass


if __name__ == "__main__":
    try:
        {"metrics": metrics, "dashboard": dashboard}[sys.argv[1]](sys.argv[2])
    except ConnectionError:
        sys.exit(0)  # it has ended
