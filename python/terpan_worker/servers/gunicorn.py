"""Gunicorn: one worker under its master. Its class is ``sync`` with one thread, ``gthread`` with more, unless it is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from terpan_worker import greenlets, stacks, title
from terpan_worker.launch import tell_when_late

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from terpan_worker.launch import Launch

# Imported in Gunicorn's own worker process, so that what the application starts at import lives where requests run.
IMPORTS_LATE = True
KEEPS = ("terpan_worker", "gunicorn")

KEEP_IDLE_SECONDS = 30
# What the class ``sync`` takes for a request beside the application.
OWN_MICROS = 250
FIELD_BYTES = 65536
FIELDS = 500
WORKER_ENDED = 1  # the master's exit status
#: What Gunicorn knows by another name than we do.
CLASSES = {"meinheld": "meinheld.gmeinheld.MeinheldWorker"}


def versions() -> str:
    import gunicorn

    return "gunicorn " + gunicorn.__version__


def preloads(launch: Launch) -> tuple[str, ...]:
    """What is imported beside the application where that is preloaded."""
    worker_class = worker_class_of(launch)
    place = CLASSES.get(worker_class, "gunicorn.workers." + {"gevent": "ggevent"}.get(worker_class, worker_class))
    return ("gunicorn.app.base", "gunicorn.arbiter", place.rpartition(".")[0] if worker_class in CLASSES else place)


PRELOADS = preloads


def prepare(launch: Launch) -> None:
    """Before the application is imported in a fork parent: Gunicorn's gevent worker would replace the library behind it."""
    if worker_class_of(launch) == "gevent" and not missing_for("gevent"):
        from gevent import monkey

        monkey.patch_all()


def serve(launch: Launch) -> None:
    from gunicorn.app.base import BaseApplication

    worker_class = worker_class_of(launch)
    missing = missing_for(worker_class)
    if missing:
        launch.fail("server", f"No module named {missing!r}, which the worker class {worker_class} needs")
    os.set_inheritable(launch.listener.fileno(), True)

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in settings(launch).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self):
            tell_when_late(launch.orders)
            return application(launch, worker_class)

    Application().run()


def worker_class_of(launch: Launch) -> str:
    return launch.options.get("worker_class", "gthread" if launch.threads > 1 else "sync")


def missing_for(worker_class: str) -> str:
    from importlib.util import find_spec

    return worker_class if worker_class in ("gevent", "meinheld") and find_spec(worker_class) is None else ""


def application(launch: Launch, worker_class: str) -> Callable:
    if worker_class == "gevent":
        return launch.adapted(multithread=True)  # requests overlap
    if worker_class == "meinheld":
        from terpan_worker.servers import meinheld

        meinheld.lift_limits()
        return meinheld.adapted(launch)
    return launch.adapted(own_micros=OWN_MICROS if worker_class == "sync" else 0)


def begin(launch: Launch, worker: Any, worker_class: str) -> None:
    """In Gunicorn's worker, once it has set its own signals. Its master would start a second one at SIGUSR2."""
    if launch.unpatched is not None:
        for listener in worker.sockets:
            listener.sock = launch.unpatched.plain(listener.sock)
        if worker_class == "gthread":
            worker.tpool = worker.get_thread_pool()  # the one from before has no thread yet
    if worker_class == "gevent":
        greenlets.tell_stacks()
    else:
        stacks.tell(wakes=False)
    launch.ready()


def end_with_worker(master: Any, worker: object) -> None:
    """The supervisor starts workers: it has to see that one died, and what is sent meanwhile would wait for another's import."""
    from gunicorn.errors import HaltServer

    if master.LISTENERS:  # it lets go of them first when it stops
        raise HaltServer("Its worker has ended.", WORKER_ENDED)


def leave_socket(master: Any) -> None:
    """Its name is not the master's to remove: the user that it is may not, and ended with a traceback."""
    master.systemd = True  # so it takes the socket for one that it was given, as it was


def settings(launch: Launch) -> dict[str, object]:
    worker_class = worker_class_of(launch)
    return {
        "keepalive": KEEP_IDLE_SECONDS,
        "loglevel": "warning",
        # Where the application's environment has setproctitle, Gunicorn names its processes anew.
        "proc_name": title.of_worker(launch.name, launch.orders["application"]),
        **launch.options,
        "worker_class": CLASSES.get(worker_class, worker_class),
        "bind": f"fd://{launch.listener.fileno()}",
        "workers": 1,
        "threads": launch.threads,
        # Deadlines are the front's: Gunicorn would kill a worker that has one long request.
        "timeout": 0,
        "graceful_timeout": 30,
        "control_socket_disable": True,
        "limit_request_line": 0,
        "limit_request_field_size": FIELD_BYTES,
        "limit_request_fields": FIELDS,
        # No client reaches this socket, and identity comes from the front.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "post_worker_init": lambda worker: begin(launch, worker, worker_class),
        "child_exit": end_with_worker,
        "when_ready": leave_socket,
        "accesslog": None,
        "errorlog": "-",
    }
