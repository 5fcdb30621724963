"""Gunicorn: one worker under its master; ``sync`` with one thread, ``gthread`` with more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

# Imported in Gunicorn's own worker process, so that what the application starts at import lives where requests run.
IMPORTS_LATE = True

KEEP_IDLE_SECONDS = 30
FIELD_BYTES = 65536
FIELDS = 500


def versions() -> str:
    import gunicorn

    return "gunicorn " + gunicorn.__version__


def serve(launch: Launch) -> None:
    from gunicorn.app.base import BaseApplication

    os.set_inheritable(launch.listener.fileno(), True)

    class Application(BaseApplication):
        def load_config(self) -> None:
            for name, value in settings(launch).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self):
            return launch.application

    Application().run()


def settings(launch: Launch) -> dict[str, object]:
    given = {name.replace("-", "_"): value for name, value in launch.options.items()}
    return {
        "worker_class": "gthread" if launch.threads > 1 else "sync",
        "keepalive": KEEP_IDLE_SECONDS,
        "loglevel": "warning",
        **given,
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
        "post_worker_init": lambda worker: launch.ready(),
        "accesslog": None,
        "errorlog": "-",
    }
