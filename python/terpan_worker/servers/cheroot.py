"""Cheroot: threads behind one selector; a connection that has sent nothing yet holds a thread."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from terpan_worker import stacks
from terpan_worker.identity import mend_path
from terpan_worker.late_body import LateBody, bounded
from terpan_worker.launch import BACKLOG, installed_version

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

IDLE_SECONDS = 120
# Its writer copies what is left of a piece again and again: 50 MB in one take it ten seconds.
LONGEST_PIECE = 1 << 16
KEEPS = ("terpan_worker", "cheroot")
#: Imported beside the application where that is preloaded.
PRELOADS = ("cheroot.wsgi", "cheroot.workers.threadpool")


def versions() -> str:
    import cheroot

    return "cheroot " + installed_version("cheroot", cheroot)


def serve(launch: Launch) -> None:
    from cheroot import server as cheroot_server
    from cheroot import wsgi
    from cheroot.server import HTTPConnection, HTTPRequest

    stacks.tell()

    bounded(cheroot_server)

    class Request(LateBody, HTTPRequest):
        """Else it takes what follows two slashes for a host, and refuses it. What is no HTTP does not come this far."""

        def __init__(self, server, connection):
            super().__init__(server, connection, strict_mode=False)

        def read_request_line(self):
            try:
                return super().read_request_line()
            except ValueError as error:  # of a host like ``//[``
                self.simple_response("400 Bad Request", str(error))
                return False

    class Connection(HTTPConnection):
        RequestHandlerClass = Request

    class Server(wsgi.Server):
        ConnectionClass = Connection
        expiration_interval = float(launch.options.get("expiration_interval", 0.5))
        # How many there are is the front's to say.
        keep_alive_conn_limit = None

        def bind_unix_socket(self, bind_addr):
            self.socket = launch.listener

        def prepare(self):
            super().prepare()
            launch.ready()

    # The address is text of no use: Cheroot takes a Unix socket for it and asks nobody for names.
    server = Server(
        "terpan",
        launch.adapted(multithread=launch.threads > 1, mend=mend_path, longest=LONGEST_PIECE),
        numthreads=launch.threads,
        server_name="localhost",
        request_queue_size=BACKLOG,
        timeout=max(1.0, float(launch.options.get("timeout", IDLE_SECONDS))),
    )
    # Cheroot finishes what it has at an interrupt, and dies at once of the signal itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.safe_start()
    except KeyboardInterrupt:
        pass
