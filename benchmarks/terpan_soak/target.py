"""The Terpan that is soaked: started from the source tree, usually with deadlines short enough to bite many times in a run."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 60
WORKERS = 3

SHORT_DEADLINES = """
[http]
head-timeout = "3s"
body-idle = "3s"
keep-alive-idle = "6s"
send-idle = "4s"
answer-idle = "2s"
"""

CONFIGURATION = """
bind = ["127.0.0.1:{port}"]

[application]
name = "{app}"

[workers]
count = {workers}
drain-timeout = "10s"
backoff-first = "100ms"

{settings}
[spool]
directory = "{spool}"
most = "{spool_most}"

[log]
level = "warn"
file = "{log}"
access = true
access-file = "{access}"

[admin]
run-directory = "{run}"
"""


class Target:
    """A running Terpan with a folder of its own for configuration, logs, spool files and sockets."""

    def __init__(self, home: Path, settings: str = SHORT_DEADLINES, spool_most: str = "256MiB") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="terpan-soak-", dir="/var/tmp"))
        self.port = free_port()
        self.spool, self.run = self.folder / "spool", self.folder / "run"
        self.access = self.folder / "access.log"
        self.spool.mkdir()
        configuration = self.folder / "terpan.toml"
        configuration.write_text(
            CONFIGURATION.format(
                port=self.port,
                app=home / "benchmarks/apps/soak.py",
                workers=WORKERS,
                settings=settings,
                spool=self.spool,
                spool_most=spool_most,
                log=self.folder / "terpan.log",
                access=self.access,
                run=self.run,
            ),
            encoding="utf-8",
        )
        command = [str(home / "terpan"), "serve", "--config", str(configuration)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.await_start()

    @property
    def pid(self) -> int:
        """The script becomes the Java process."""
        return self.process.pid

    def await_start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"Terpan ended with {self.process.returncode}; see {self.folder}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"Terpan did not start in {START_SECONDS} s; see {self.folder}")

    def rotate_access_log(self) -> None:
        """As logrotate does it: the file goes, then Terpan is told to open it anew."""
        self.access.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)

    def metrics(self) -> dict[str, float]:
        """Every series of the operators' socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.run / "operators"))
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            pieces = []
            while piece := connection.recv(65536):
                pieces.append(piece)
        series = {}
        for line in b"".join(pieces).decode("utf-8").splitlines():
            name, _, value = line.rpartition(" ")
            if name.startswith(("terpan_", "process_")):
                series[name] = float(value)
        return series

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
