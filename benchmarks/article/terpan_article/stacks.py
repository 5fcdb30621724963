"""The stacks: one process of a server alone on TCP, or its workers in Terpan."""

from __future__ import annotations

import os
from pathlib import Path

from terpan_bench.servers import Servers
from terpan_bench.stack import Part, Row

QUEUE_SIZE = 10_000
BUILT_IN = "builtin"
MODULE = "article"


def servers(home: Path, python: Path) -> Servers:
    return Servers(python, home / "benchmarks" / "apps", MODULE, asgi=False)


def commands(home: Path, python: Path) -> list[list[str]]:
    """How each server is started alone, with the folders of this machine left out, and what Terpan is told."""
    rows = []
    for name, server in servers(home, python).by_terpan_name().items():
        alone = " ".join(server.command("HOST:PORT")) if server.command else ""
        for folder in (f"{python.parent}/", f"{python.parent.parent}/", f"{home}/"):
            alone = alone.replace(folder, "")
        rows.append([name, f"`{alone}`" if alone else "", f"`{' '.join(server.terpan)}`"])
    return rows


class Stacks:
    def __init__(self, home: Path, python: Path, spins: int):
        self.application = home / "benchmarks" / "apps" / f"{MODULE}.py"
        self.terpan_command = home / "terpan"
        self.python = python
        self.servers = servers(home, python).by_terpan_name()
        # Servers alone inherit it, and Terpan's workers are told.
        os.environ["ARTICLE_SPINS"] = str(spins)
        self.spins = spins

    def alone(self, server: str, cores: str = "") -> Row:
        def parts(folder: Path, port: int) -> list[Part]:
            return [Part(pinned(self.servers[server].command(f"127.0.0.1:{port}"), cores))]

        return Row(f"{server} alone", parts)

    def terpan(self, server: str, workers: int, socket: str = "private", cores: str = "") -> Row:
        def parts(folder: Path, port: int) -> list[Part]:
            command = [str(self.terpan_command), "serve", str(self.application), "--python", str(self.python)]
            command += [*self.servers[server].terpan, "--workers", str(workers), "--socket", socket]
            command += ["--queue-size", str(QUEUE_SIZE), "--env", f"ARTICLE_SPINS={self.spins}", "--log-level", "warn"]
            command += ["--bind", f"127.0.0.1:{port}", "--run-directory", str(folder / "run")]
            return [Part(pinned(command, cores), front=True, workers_below=True)]

        kind = "" if socket == "private" else f", {socket} socket" if socket == "shared" else ", TCP"
        return Row(f"{server} x{workers} in Terpan{kind}", parts, java=True)


def pinned(command: list[str], cores: str) -> list[str]:
    return ["taskset", "-c", cores, *command] if cores else command
