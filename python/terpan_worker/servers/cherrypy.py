"""CherryPy 8.9.1's wsgiserver: each connection has a thread as long as it is open."""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib import util
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from terpan_worker import stacks
from terpan_worker.identity import mend_path
from terpan_worker.late_body import LateBody, bounded
from terpan_worker.launch import BACKLOG, installed_version

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

IDLE_SECONDS = 120
# Its writer copies what is left of a piece again and again: 50 MB in one take it ten seconds.
LONGEST_PIECE = 1 << 16
KEEPS = ("terpan_worker",)  # its server's module is called like one of ours
MODULE = "terpan_worker.servers.cherrypy.wsgiserver"


def versions() -> str:
    package = _package()
    _wsgiserver(package)
    return "cherrypy " + installed_version("cherrypy", SimpleNamespace(__file__=os.path.join(package, "__init__.py")))


def serve(launch: Launch) -> None:
    stacks.tell()

    wsgiserver = sys.modules[MODULE]
    bounded(wsgiserver)

    class Request(LateBody, wsgiserver.HTTPRequest):
        pass

    class Connection(wsgiserver.HTTPConnection):
        RequestHandlerClass = Request

    class Server(wsgiserver.CherryPyWSGIServer):
        ConnectionClass = Connection

        def bind(self, family, type, proto=0):
            self.socket = launch.listener

        def tick(self):
            if not told:
                told.append(True)
                launch.ready()
            super().tick()

    told: list[bool] = []
    # An address that is text means a Unix socket; the file of that name would be removed, so it is not the real one's.
    server = Server(
        "",
        launch.adapted(multithread=launch.threads > 1, mend=mend_path, longest=LONGEST_PIECE),
        numthreads=launch.threads,
        server_name="localhost",
        request_queue_size=BACKLOG,
        shutdown_timeout=1,
        timeout=max(1.0, float(launch.options.get("timeout", IDLE_SECONDS))),
    )
    # It finishes what it has at an interrupt, and dies at once of the signal itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()


def _package() -> str:
    found = util.find_spec("cherrypy")
    if found is None or not found.submodule_search_locations:
        raise ImportError("No module named 'cherrypy'")
    return found.submodule_search_locations[0]


def _wsgiserver(package: str) -> None:
    """Loads the one module of it that is the server: the package around it does not import from Python 3.11 on."""
    place = os.path.join(package, "wsgiserver", "__init__.py")
    spec = util.spec_from_file_location(MODULE, place)
    if spec is None or spec.loader is None or not os.path.isfile(place):
        raise ImportError("this CherryPy has no wsgiserver: install cherrypy==8.9.1, or use the server cheroot")
    module: Any = util.module_from_spec(spec)
    sys.modules[MODULE] = module
    # It would be asked for a version number alone, and costs a third of a second.
    asked = sys.modules.get("pkg_resources", sys)
    sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["pkg_resources"]
        if asked is not sys:
            sys.modules["pkg_resources"] = asked
    # Python's own class has it no more since 3.9.
    module.WorkerThread.isAlive = threading.Thread.is_alive
