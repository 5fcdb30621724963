"""Each server that Terpan can start, and how one process of it is started without Terpan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

MODULE = "handlers"
# As many as any load here has, for each server that has a bound of its own.
CONNECTIONS = 20_000
BACKLOG = 4_096


@dataclass(frozen=True)
class Server:
    """A row: what `terpan serve` is given for it, and the command of one process on an address, `unix:PATH` or `HOST:PORT`."""

    name: str
    terpan: tuple[str, ...]
    command: Callable[[str], list[str]] | None = None  # none: it works behind Terpan's front only
    asgi: bool = False

    @property
    def terpan_name(self) -> str:
        return self.terpan[1]


class Servers:
    """How each serves a module's `application`, or its `asgi` when it has one. Threads and options of a server are the same in all
    its stacks: those with which it does best alone."""

    def __init__(self, python: Path, applications: Path, module: str = MODULE, asgi: bool = True):
        self.python = str(python)
        self.applications = applications
        self.module = module
        self.asgi = asgi

    def by_terpan_name(self) -> dict[str, Server]:
        """The first of each: Gunicorn has a row for each of its worker classes."""
        return {server.terpan_name: server for server in reversed(self.all())}

    def all(self) -> list[Server]:
        return [
            Server("builtin", ("--server", "builtin")),
            self._threaded("waitress", 4, self._waitress),
            self._threaded("cheroot", 10, self._lone("cheroot", 10)),
            self._threaded("cherrypy", 10, self._lone("cherrypy", 10)),
            self._gunicorn("sync", "sync", 1),
            self._gunicorn("gthread", "gthread", 4),
            self._gunicorn("gevent", "gevent", 1),
            self._gunicorn("meinheld", "meinheld.gmeinheld.MeinheldWorker", 1),
            self._looped("meinheld"),
            self._looped("bjoern"),
            self._looped("eventlet"),
            self._looped("gevent"),
            self._looped("tornado"),
            self._threaded("twisted", 10, self._lone("twisted", 10)),
            self._threaded("uwsgi", 1, self._uwsgi),
            self._asgi("uvicorn", self._uvicorn),
            self._granian(4),
            self._asgi("hypercorn", self._hypercorn, *option("worker-class=uvloop")),
        ]

    def _asgi(self, name: str, command: Callable[[str], list[str]], *options: str) -> Server:
        return Server(f"{name}, ASGI" if self.asgi else name, ("--server", name, *options), command, asgi=self.asgi)

    def _looped(self, name: str) -> Server:
        return Server(name, ("--server", name), self._lone(name, 1))

    @staticmethod
    def _threaded(name: str, threads: int, command: Callable[[str], list[str]]) -> Server:
        count = "" if threads == 1 else f", {threads} threads"
        return Server(f"{name}{count}", ("--server", name, "--threads", str(threads)), command)

    def _lone(self, name: str, threads: int) -> Callable[[str], list[str]]:
        launcher = str(self.applications / "lone.py")
        return lambda address: [self.python, launcher, name, address, self.module, str(threads)]

    def _waitress(self, address: str) -> list[str]:
        where = ["--unix-socket", address[5:]] if address.startswith("unix:") else ["--listen", address]
        command = [self.python, "-m", "waitress", *where, "--threads", "4", "--connection-limit", str(CONNECTIONS)]
        return [*command, "--backlog", str(BACKLOG), "--asyncore-use-poll", "--channel-timeout", "120", f"{self.module}:application"]

    def _gunicorn(self, name: str, kind: str, threads: int) -> Server:
        def command(address: str) -> list[str]:
            command = [self.python, "-m", "gunicorn", "--workers", "1", "--worker-class", kind, "--threads", str(threads)]
            command += ["--bind", address, "--backlog", str(BACKLOG), "--keep-alive", "75", "--log-level", "error"]
            # Its manual advises a folder in memory for the workers' heartbeats.
            return [*command, "--no-control-socket", "--worker-tmp-dir", "/dev/shm", f"{self.module}:application"]

        count = "" if threads == 1 else f", {threads} threads"
        given = ("--server", "gunicorn", "--threads", str(threads), *option(f"worker-class={name}"))
        return Server(f"gunicorn {name}{count}", given, command)

    def _uwsgi(self, address: str) -> list[str]:
        command = ["uwsgi", "--plugin", "python3", "--http-socket", address.removeprefix("unix:")]
        command += ["--master", "--processes", "1", "--listen", str(BACKLOG), "--disable-logging"]
        command += ["--module", f"{self.module}:application", "--need-app"]
        command += ["--add-header", "Connection: close"]  # it closes each, and does not say so
        packages = next((Path(self.python).parent.parent / "lib").glob("python3.*")) / "site-packages"
        return [*command, "--pythonpath", str(self.applications), "--pythonpath", str(packages), "--die-on-term"]

    def _uvicorn(self, address: str) -> list[str]:
        kind, name = ("asgi3", "asgi") if self.asgi else ("wsgi", "application")
        command = [self.python, "-m", "uvicorn", *host_and_port(address, "--uds"), "--interface", kind, "--ws", "none"]
        command += ["--backlog", str(BACKLOG), "--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "75"]
        return [*command, f"{self.module}:{name}"]

    def _granian(self, threads: int) -> Server:
        def command(address: str) -> list[str]:
            command = [str(Path(self.python).parent / "granian"), "--interface", "wsgi", "--workers", "1"]
            command += ["--blocking-threads", str(threads), *host_and_port(address, "--uds"), "--http", "1", "--no-ws"]
            command += ["--backlog", str(BACKLOG)]
            return [*command, "--no-access-log", "--log-level", "error", f"{self.module}:application"]

        # Its own WSGI, as in the two other stacks, not our bridge.
        given = ("--server", "granian", "--threads", str(threads), *option("native=true"))
        return Server(f"granian, WSGI, {threads} threads", given, command)

    def _hypercorn(self, address: str) -> list[str]:
        command = [self.python, "-m", "hypercorn", "--workers", "1", "--worker-class", "uvloop", "--bind", address]
        command += ["--backlog", str(BACKLOG), "--keep-alive", "75", "--log-level", "WARNING"]
        return [*command, f"{self.module}:asgi" if self.asgi else f"wsgi:{self.module}:application"]


def option(text: str) -> tuple[str, str]:
    return "--server-option", text


def host_and_port(address: str, path: str) -> list[str]:
    if address.startswith("unix:"):
        return [path, address[5:]]
    host, port = address.split(":")
    return ["--host", host, "--port", port]
