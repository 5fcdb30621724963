"""Waitress: threads behind one asynchronous reader."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING

from terpan_worker import stacks
from terpan_worker.identity import mend_path

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

# The front bounds bodies and heads; these only have to be out of its way.
ABOVE_EVERY_BODY = 1 << 62
ABOVE_EVERY_HEAD = 1 << 18
ABOVE_ALL_CONNECTIONS = 1 << 16
KEEPS = ("terpan_worker", "waitress")
#: Imported beside the application where that is preloaded.
PRELOADS = ("waitress.server",)


def versions() -> str:
    import waitress

    from terpan_worker.launch import installed_version

    return "waitress " + installed_version("waitress", waitress)


def serve(launch: Launch) -> None:
    from waitress.server import create_server

    options = {
        "channel_timeout": "120",
        **launch.options,
        "threads": launch.threads,
        "connection_limit": ABOVE_ALL_CONNECTIONS,
        "expose_tracebacks": False,
        "max_request_body_size": ABOVE_EVERY_BODY,
        "max_request_header_size": ABOVE_EVERY_HEAD,
        # The front has set the forwarded fields: they are right, and the application may want them.
        "clear_untrusted_proxy_headers": False,
    }
    if launch.is_private:
        # The queue that it warns of is one whose thread has answered and is not back yet.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    stacks.tell()
    server = create_server(launch.adapted(multithread=launch.threads > 1, mend=mend), sockets=[launch.listener], **options)
    # Waitress finishes what it has at an interrupt, and dies at once of the signal itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    launch.ready()
    server.run()


def mend(environ: dict) -> None:
    mend_path(environ)
    del environ["REMOTE_HOST"]  # its guess at a Unix socket's peer
