"""An nginx beside Terpan that is attacked in its stead: what the well-behaved client of Terpan then sees is what the attacker's own
work takes from a machine that all share."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from pathlib import Path
from shutil import rmtree

from terpan_bench.environment import find
from terpan_soak.target import free_port

START_SECONDS = 10
BIG_BYTES = 100 * 1024  # as much as the path that the slow readers ask Terpan for

CONFIGURATION = """\
daemon off;
user root;
pid {folder}/pid;
error_log {folder}/error.log crit;
worker_processes 1;
worker_rlimit_nofile 20000;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_timeout 75s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/behind;
        location / {{ default_type text/plain; return 200 "fine"; }}
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ proxy_pass http://unix:{folder}/behind; }}
        location = /big {{ default_type text/plain; alias {folder}/big; }}
    }}
}}
"""


class Decoy:
    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="terpan-decoy-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.port = free_port()
        (self.folder / "big").write_bytes(b"x" * BIG_BYTES)
        file = self.folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=self.folder, port=self.port), encoding="ascii")
        command = [find("nginx") or "nginx", "-e", str(self.folder / "error.log"), "-c", str(file)]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_SECONDS)
        rmtree(self.folder)
