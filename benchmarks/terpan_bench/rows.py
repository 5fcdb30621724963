"""The rows of every table: each stack that is compared, as the commands that make it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

from . import configs
from .stack import Part, Row, free_port

REFERENCE = "HAProxy + bjoern"
#: As many requests as may wait behind HTTP/2: 64 connections with 32 at once are 2,048, and Terpan by itself refuses what is above 1,024.
STREAMS_MOST = 4_096
#: The same as `Terpan builtin x2` behind routes by host, beside two applications that have nothing to do: what it costs to tell whose a request is.
SEEN_BY_NOBODY = "Terpan builtin x2"
ONE_OF_THREE = "Terpan builtin x2, one of three applications"


def certificate(folder: Path) -> Path:
    """A PEM file with a certificate on P-256, signed by itself, and its key."""
    file = folder / "certificate.pem"
    if file.exists():  # of the round before: making one is no part of a start
        return file
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key"), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    file.write_text(file.read_text(encoding="ascii") + (folder / "key").read_text(encoding="ascii"), encoding="ascii")
    return file


def orders() -> str:
    """50 KB of JSON as an API answers it: the same fields again and again, with values that differ."""
    random = Random(50)
    states, streets = ("open", "paid", "sent", "returned"), ("Lindenweg", "Hauptstrasse", "Am Markt", "Gartenweg", "Ringstrasse")
    made: list[dict] = []
    while len(json.dumps(made)) < 50_000:
        total, address = round(random.uniform(5, 900), 2), f"{random.choice(streets)} {random.randint(1, 120)}"
        order = {"id": 100_000 + len(made), "customer": random.getrandbits(64), "state": random.choice(states), "total": total}
        made.append({**order, "address": address, "created": f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}", "note": None})
    return json.dumps(made)


class Rows:
    """Knows where Terpan, the applications and the Python of the benchmark are, and other builds of Terpan by name."""

    def __init__(self, home: Path, python: Path, others: dict[str, Path] | None = None):
        self.builds = {"": str(home / "terpan")}
        for name, tree in (others or {}).items():
            self.builds[f" of {name}"] = str(tree / "terpan")
        self.applications = home / "benchmarks" / "apps"
        self.python = python

    def proxies(self, connections: int) -> list[Row]:
        def backend(folder: Path) -> Part:
            socket = folder / "backend"
            return Part(configs.nginx_backend(folder, socket), socket=str(socket))

        def nginx(folder: Path, port: int) -> list[Part]:
            front = configs.nginx_proxy(folder, port, [folder / "backend"], keepalive=connections)
            return [backend(folder), Part(front, front=True)]

        def haproxy(folder: Path, port: int) -> list[Part]:
            return [backend(folder), Part(configs.haproxy(folder, port, [folder / "backend"]), front=True)]

        def terpan(build: str) -> Row:
            def parts(folder: Path, port: int) -> list[Part]:
                attach = f"unix:{folder / 'backend'},capacity={connections}"
                return [backend(folder), self._terpan(folder, port, "--attach", attach, build=build)]

            return Row(f"Terpan{build}", parts, java=True)

        return [Row("nginx", nginx), Row("HAProxy", haproxy), *map(terpan, self.builds)]

    def secure(self, connections: int, handshakes: str = "") -> list[Row]:
        """The fronts of `proxies`, over TLS with a certificate on P-256; `handshakes`: one for each request, `full` or `resumed`."""

        def backend(folder: Path) -> Part:
            socket = folder / "backend"
            return Part(configs.nginx_backend(folder, socket), socket=str(socket))

        def nginx(folder: Path, port: int) -> list[Part]:
            made = certificate(folder)
            front = configs.nginx_proxy(folder, port, [folder / "backend"], keepalive=connections, certificate=made)
            return [backend(folder), Part(front, front=True)]

        def haproxy(folder: Path, port: int) -> list[Part]:
            front = configs.haproxy(folder, port, [folder / "backend"], certificate=certificate(folder))
            return [backend(folder), Part(front, front=True)]

        def terpan(build: str, engine: str) -> Row:
            def parts(folder: Path, port: int) -> list[Part]:
                attach = ["--attach", f"unix:{folder / 'backend'},capacity={connections}"]
                tls = ["--tls-certificate", str(certificate(folder)), *(["--tls-engine", engine] if engine else [])]
                return [backend(folder), self._terpan(folder, port, *attach, *tls, build=build, secure=True)]

            name = f"Terpan{build}{', the JDK computes TLS' if engine else ''}"
            return Row(name, parts, java=True, secure=True, handshakes=handshakes)

        peers = [Row("nginx", nginx, secure=True, handshakes=handshakes), Row("HAProxy", haproxy, secure=True, handshakes=handshakes)]
        return [*peers, *(terpan(build, "") for build in self.builds), terpan("", "jdk")]

    def streams(self, module: str, streams: int) -> list[Row]:
        """Whole stacks with two workers that speak HTTP/2 over TLS, so many requests at once on a connection; the first row is the reference."""

        def before_bjoern(front):
            return lambda f, p: self._before_bjoern(front, f, p, module, 2, certificate=certificate(f), http2=True)

        def terpan(build: str, threads: int) -> Row:
            def parts(folder: Path, port: int) -> list[Part]:
                more = ("--tls-certificate", str(certificate(folder)), "--queue-size", str(STREAMS_MOST))
                return [self._builtin(folder, port, module, 2, threads, build, *more, secure=True)]

            return Row(self._builtin_name(threads, build), parts, java=True, secure=True, streams=streams)

        peers = {"nginx + bjoern x2": configs.nginx_proxy, f"{REFERENCE} x2": configs.haproxy}
        rows = [Row(name, before_bjoern(front), secure=True, streams=streams) for name, front in peers.items()]
        return [*rows, *(terpan(build, threads) for build in self.builds for threads in (1, 8))]

    def compressed(self, connections: int) -> list[Row]:
        """Fronts that compress the 50 KB of JSON that one nginx behind them has; the first row is the reference."""

        def backend(folder: Path) -> Part:
            (folder / "data.json").write_text(orders(), encoding="ascii")
            socket = folder / "backend"
            return Part(configs.nginx_backend(folder, socket), socket=str(socket))

        def nginx(folder: Path, port: int) -> list[Part]:
            front = configs.nginx_proxy(folder, port, [folder / "backend"], keepalive=connections, gzip=True)
            return [backend(folder), Part(front, front=True)]

        def terpan(build: str, coding: str) -> Row:
            def parts(folder: Path, port: int) -> list[Part]:
                attach = ["--attach", f"unix:{folder / 'backend'},capacity={connections}"]
                return [backend(folder), self._terpan(folder, port, *attach, *(["--compress", coding] if coding else []), build=build)]

            return Row(f"Terpan{build}, {coding or 'as it is'}", parts, java=True, path="/data.json", coding=coding)

        ours = [terpan(build, coding) for build in self.builds for coding in ("gzip", "br", "zstd", "")]
        return [Row("nginx, gzip", nginx, path="/data.json", coding="gzip"), *ours]

    def stacks(self, module: str) -> list[Row]:
        """Two workers of each; the first row is the reference."""
        return [
            Row(f"{REFERENCE} x2", lambda f, p: self._before_bjoern(configs.haproxy, f, p, module, 2)),
            Row("nginx + bjoern x2", lambda f, p: self._before_bjoern(configs.nginx_proxy, f, p, module, 2)),
            *(self._builtin_row(module, threads, build) for build in self.builds for threads in (1, 8)),
            Row(ONE_OF_THREE, lambda f, p: [self._one_of_three(f, p, module)], java=True),
            Row("gunicorn + MeinheldWorker x2", lambda f, p: [self._gunicorn(p, module, 2, "meinheld.gmeinheld.MeinheldWorker")]),
            Row("Granian x2", lambda f, p: [self._granian(p, module, 2)]),
            Row("nginx + uWSGI x2", lambda f, p: self._uwsgi(f, p, module, 2)),
            Row("gunicorn sync x2", lambda f, p: [self._gunicorn(p, module, 2, "sync")]),
            Row("gunicorn gthread x2, 8 threads", lambda f, p: [self._gunicorn(p, module, 2, "gthread", 8)]),
        ]

    def seen(self) -> list[Row]:
        """The same stack while somebody looks at it; the first row is the reference, which nobody looks at."""
        counts = ("--workers", "2", "--threads", "1")

        def logged(form: str):
            flags = ("--access-log", "--access-log-format", form, "--access-log-file")
            return lambda f, p: [self._serve(f, p, "hello", *counts, *flags, str(f / "access"))]

        def watched(what: str):
            def parts(folder: Path, port: int) -> list[Part]:
                socket = folder / "run" / "operators"
                stack = self._serve(folder, port, "hello", *counts, "--operators-bind", f"127.0.0.1:{free_port()}")
                watcher = [sys.executable, str(Path(__file__).parent / "watch.py"), what, str(socket)]
                return [replace(stack, socket=str(socket)), Part(watcher, watches=True)]

            return parts

        return [
            Row(SEEN_BY_NOBODY, lambda f, p: [self._serve(f, p, "hello", *counts)], java=True),
            *(Row(f"{SEEN_BY_NOBODY}, access log, {form}", logged(form), java=True) for form in ("json", "combined")),
            Row(f"{SEEN_BY_NOBODY}, metrics gathered each second", watched("metrics"), java=True),
            Row(f"{SEEN_BY_NOBODY}, a dashboard open", watched("dashboard"), java=True),
        ]

    def files(self, size: int) -> list[Row]:
        """One file of so many bytes; the first row is the reference."""

        def made(folder: Path) -> Path:
            static = folder / "static"
            static.mkdir(exist_ok=True)
            (static / "file.bin").write_bytes(bytes(range(256)) * (size // 256))
            return static

        def nginx(cached: bool):
            def parts(folder: Path, port: int) -> list[Part]:
                made(folder)
                return [Part(configs.nginx_files(folder, port, cached), front=True)]

            return parts

        def terpan(build: str) -> Row:
            def parts(folder: Path, port: int) -> list[Part]:
                return [self._serve(folder, port, "hello", "--workers", "1", "--static", f"/static/={made(folder)}", build=build)]

            return Row(f"Terpan{build}", parts, java=True, path="/static/file.bin")

        rows = [Row("nginx, open_file_cache", nginx(True), path="/static/file.bin"), Row("nginx", nginx(False), path="/static/file.bin")]
        return [*rows, *map(terpan, self.builds)]

    def queues(self, module: str) -> list[Row]:
        """Four workers that take one request at a time; the first row is the reference."""

        def haproxy(folder: Path, port: int) -> list[Part]:
            return self._before_bjoern(configs.haproxy, folder, port, module, 4, balance="leastconn", limit="maxconn 1")

        def nginx(folder: Path, port: int) -> list[Part]:
            return self._before_bjoern(configs.nginx_proxy, folder, port, module, 4, method="least_conn;")

        def served_by(server: str) -> Row:
            arguments = ("--workers", "4", "--threads", "1", "--server", server)
            name = f"Terpan + {server} x4"
            return Row(name, lambda f, p: [self._serve(f, p, module, *arguments)], java=True)

        return [
            Row(f"{REFERENCE} x4, maxconn 1", haproxy),
            Row("Terpan builtin x4", lambda f, p: [self._builtin(f, p, module, 4, 1)], java=True),
            served_by("waitress"),
            served_by("gunicorn"),
            Row("nginx least_conn + bjoern x4", nginx),
            Row("Granian x4", lambda f, p: [self._granian(p, module, 4)]),
            Row("gunicorn sync x4", lambda f, p: [self._gunicorn(p, module, 4, "sync")]),
        ]

    def _builtin_row(self, module: str, threads: int, build: str) -> Row:
        return Row(self._builtin_name(threads, build), lambda f, p: [self._builtin(f, p, module, 2, threads, build)], java=True)

    def _builtin_name(self, threads: int, build: str) -> str:
        return f"Terpan builtin x2{'' if threads == 1 else f', {threads} threads'}{build}"

    def _terpan(self, folder: Path, port: int, *arguments: str, build: str = "", secure: bool = False) -> Part:
        bind = ["--bind", f"127.0.0.1:{port}{',tls' if secure else ''}", "--run-directory", str(folder / "run"), "--log-level", "warn"]
        return Part([self.builds[build], "serve", *arguments, *bind], front=True, workers_below=True)

    def _serve(self, folder: Path, port: int, module: str, *arguments: str, build: str = "", secure: bool = False) -> Part:
        application = str(self.applications / f"{module}.py")
        return self._terpan(folder, port, application, "--python", str(self.python), *arguments, build=build, secure=secure)

    def _builtin(
        self, folder: Path, port: int, module: str, workers: int, threads: int, build: str = "", *more: str, secure: bool = False
    ) -> Part:
        sizes = ("--workers", str(workers), "--threads", str(threads))
        return self._serve(folder, port, module, *sizes, *more, build=build, secure=secure)

    def _one_of_three(self, folder: Path, port: int, module: str) -> Part:
        settings = folder / "three.toml"
        routes = {"measured": '"127.0.0.1", "localhost"', "other": '"*.example.org", "example.com/blog"', "rest": '"/rest"'}
        tables = [
            f'[[applications]]\nname = "{name}"\nroutes = [{hosts}]\n[applications.application]\n'
            f'name = "{self.applications / module}.py"\npython = "{self.python}"\n'
            f"[applications.workers]\ncount = {2 if name == 'measured' else 1}\nthreads = 1\n"
            for name, hosts in routes.items()
        ]
        settings.write_text("\n".join(tables))
        return self._terpan(folder, port, "--config", str(settings))

    def _before_bjoern(self, front, folder: Path, port: int, module: str, workers: int, **options) -> list[Part]:
        sockets = [folder / f"w{i}" for i in range(workers)]
        launcher = str(self.applications / "lone.py")
        commands = [[str(self.python), launcher, "bjoern", f"unix:{socket}", module] for socket in sockets]
        parts = [Part(command, socket=str(socket)) for command, socket in zip(commands, sockets)]
        return [*parts, Part(front(folder, port, sockets, **options), front=True)]

    def _gunicorn(self, port: int, module: str, workers: int, kind: str, threads: int = 1) -> Part:
        command = [str(self.python), "-m", "gunicorn", "--workers", str(workers), "--worker-class", kind]
        command += ["--threads", str(threads), "--bind", f"127.0.0.1:{port}", "--keep-alive", "75", "--log-level", "error"]
        # Its manual advises a folder in memory for the workers' heartbeats.
        command += ["--no-control-socket", "--worker-tmp-dir", "/dev/shm", f"{module}:application"]
        return Part(command)

    def _granian(self, port: int, module: str, workers: int) -> Part:
        command = [str(self.python.parent / "granian"), "--interface", "wsgi", "--workers", str(workers)]
        command += ["--blocking-threads", "1", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
        return Part([*command, "--no-access-log", f"{module}:application"])

    def _uwsgi(self, folder: Path, port: int, module: str, workers: int) -> list[Part]:
        socket = folder / "uwsgi"
        packages = next((self.python.parent.parent / "lib").glob("python3.*")) / "site-packages"
        command = ["uwsgi", "--plugin", "python3", "--uwsgi-socket", str(socket), "--master", "--processes", str(workers)]
        command += ["--module", f"{module}:application", "--need-app", "--disable-logging", "--listen", "1024"]
        command += ["--pythonpath", str(self.applications), "--pythonpath", str(packages), "--die-on-term"]
        return [Part(command, socket=str(socket)), Part(configs.nginx_uwsgi(folder, port, socket), front=True)]
