"""Twisted's WSGI resource: threads behind its reactor."""

from __future__ import annotations

import inspect
import os
import socket
import sys
from typing import TYPE_CHECKING, Any

from terpan_worker import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

# The front bounds heads; these only have to be out of its way.
HEAD_MOST = 1 << 17
FIELDS_MOST = 500
IDLE_SECONDS = 60.0
BACKLOG = 1024
STOP_TICK_SECONDS = 0.02
#: In no namespace of files: where Twisted remembers this, it has nothing to remove.
NO_FILE = b"\0"
KEEPS = ("terpan_worker", "twisted")
#: Imported beside the application where that is preloaded; not what imports the reactor, which begins to poll at once.
PRELOADS = ("twisted.python.threadpool", "twisted.logger", "twisted.python.failure")


def versions() -> str:
    import twisted

    return "twisted " + twisted.__version__


def serve(launch: Launch) -> None:
    from twisted.internet import reactor
    from twisted.python.threadpool import ThreadPool
    from twisted.web import http
    from twisted.web.wsgi import WSGIResource

    _log_to_standard_error()
    stacks.tell(wakes=False)
    http.HTTPChannel.totalHeadersSize = HEAD_MOST
    http.HTTPChannel.MAX_LENGTH = HEAD_MOST
    http.HTTPChannel.maxHeaders = FIELDS_MOST
    pool = ThreadPool(launch.threads, launch.threads, "terpan")
    application = _usual(launch.application, launch.threads > 1)
    open_requests: set = set()
    site = _site(WSGIResource(reactor, pool, application), open_requests, float(launch.options.get("timeout", IDLE_SECONDS)))
    port = _listen(reactor, launch.listener, site)

    def stop() -> None:
        port.stopReading()
        wait()

    def wait() -> None:
        # A thread of the pool that still wants to write needs the reactor: with it stopped, neither would ever end.
        if open_requests or pool.working:
            reactor.callLater(STOP_TICK_SECONDS, wait)
        else:
            reactor.stop()

    def begin() -> None:
        # The reactor has set its handlers by now; the one for ended children stays, so that spawnProcess works.
        launch.on_term(lambda: reactor.callFromThread(stop))
        pool.start()
        launch.ready()

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger("after", "shutdown", pool.stop)
    reactor.run()


def _listen(reactor: Any, listener: socket.socket, site: Any) -> Any:
    """Twisted opens the socket's file to everybody, shortens its backlog, and would remove it at the end: none of it is left."""
    listener.setblocking(False)
    port = reactor.adoptStreamPort(listener.fileno(), listener.family, site)
    if listener.family == socket.AF_UNIX:
        os.chmod(listener.getsockname(), 0o600)
        port._bindPath = NO_FILE
    listener.listen(BACKLOG)
    return port


def _site(resource: Any, open_requests: set, timeout: float) -> Any:
    from twisted.internet.address import IPv4Address
    from twisted.web import server

    nowhere = IPv4Address("TCP", "127.0.0.1", 0)

    class Request(server.Request):
        """A request by a Unix socket has addresses without host and port, which the WSGI resource can not bear."""

        def getClientAddress(self) -> IPv4Address:
            return nowhere

        def getHost(self) -> IPv4Address:
            return nowhere

        def process(self) -> None:
            open_requests.add(self)
            self.notifyFinish().addBoth(lambda _: open_requests.discard(self))
            super().process()

    class Site(server.Site):
        def log(self, request: Any) -> None:
            pass  # the access log is the front's

    more = {}
    if "parsePOSTFormSubmission" in inspect.signature(server.Site.__init__).parameters:
        # Forms are the application's to read: this would take each whole into memory, and refuse some.
        more["parsePOSTFormSubmission"] = False
    return Site(resource, Request, timeout=timeout, **more)


def _usual(application: Callable, multithread: bool) -> Callable:
    """The environ as other servers make it: nothing that is empty, and no body's field twice; errors where errors go."""

    def usual(environ: dict, start_response: Callable) -> Any:
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if not environ[name]:
                del environ[name]
            environ.pop("HTTP_" + name, None)
        environ["wsgi.multithread"] = multithread
        environ["wsgi.errors"] = sys.stderr
        return application(environ, start_response)

    return usual


def _log_to_standard_error() -> None:
    from twisted.logger import FilteringLogObserver, LogLevel, LogLevelFilterPredicate, globalLogBeginner, textFileLogObserver

    warnings = FilteringLogObserver(textFileLogObserver(sys.stderr), [LogLevelFilterPredicate(LogLevel.warn)])
    globalLogBeginner.beginLoggingTo([warnings], discardBuffer=True, redirectStandardIO=False)
