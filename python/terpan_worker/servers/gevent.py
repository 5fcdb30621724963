"""gevent's pywsgi: a greenlet for each connection."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from terpan_worker import greenlets

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

# The standard library is patched before anything of the application's is imported.
IMPORTS_LATE = True

#: Imported beside the application where that is preloaded.
PRELOADS = ("gevent.pywsgi", "gevent.pool", "gevent.socket", "gevent.subprocess")

#: Longer than any request line that the front lets through.
REQUEST_LINE_MOST = 65536
#: The supervisor's deadline comes first.
STOP_SECONDS = 3600


def versions() -> str:
    import gevent

    return "gevent " + gevent.__version__


def prepare(launch: Launch) -> None:
    """Before the application is imported. No hub is made by it, so that it may be long before a fork."""
    if greenlets.whether(launch.options.get("patch", "true")):
        from gevent import monkey

        monkey.patch_all()


def serve(launch: Launch) -> None:
    if not launch.is_forked:
        prepare(launch)
    import gevent
    from gevent import pywsgi, socket
    from gevent.pool import Pool

    application = launch.application
    pywsgi.MAX_REQUEST_LINE = REQUEST_LINE_MOST
    size = int(launch.options.get("pool_size", greenlets.POOL_SIZE))
    family, kind = launch.listener.family, launch.listener.type
    listener = socket.socket(family, kind, fileno=launch.listener.detach())
    handlers: set = set()
    server = pywsgi.WSGIServer(
        listener,
        application,
        log=None,
        spawn=Pool(),  # the front keeps to the size; its idle connections come on top
        handler_class=_handler(pywsgi, handlers),
        environ={"wsgi.multithread": size > 1},
    )

    def stop() -> None:
        for handler in list(handlers):
            handler.leave()
        server.stop(STOP_SECONDS)

    gevent.signal_handler(signal.SIGTERM, stop)
    greenlets.tell_stacks()
    server.start()
    launch.ready()
    server.serve_forever(STOP_SECONDS)


def _handler(pywsgi, handlers: set) -> type:
    class Handler(pywsgi.WSGIHandler):
        """Knows whether it waits for a request: such a connection is let go at once when the server stops."""

        waits = True
        leaves = False

        def handle(self) -> None:
            handlers.add(self)
            try:
                super().handle()
            finally:
                handlers.discard(self)

        def read_requestline(self) -> str:
            if self.leaves:
                return ""
            self.waits = True
            try:
                return super().read_requestline()
            finally:
                self.waits = False

        def leave(self) -> None:
            self.leaves = True
            if self.waits and self.socket is not None:
                try:
                    self.socket.shutdown(2)
                except OSError:
                    pass  # the peer was faster

    return Handler
