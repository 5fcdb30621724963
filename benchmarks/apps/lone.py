"""One process of a server without a command that would do: lone.py SERVER ADDRESS MODULE [THREADS].

ADDRESS is unix:PATH or HOST:PORT. Each server is started by its public interface, as its manual has it, without an access log;
what it needs beyond that says why.
"""

import importlib
import sys

BACKLOG = 4096
CONNECTIONS = 20_000
IDLE_SECONDS = 75


def main(server, address, module, threads=1):
    path = address[5:] if address.startswith("unix:") else None
    host, port = ("", 0) if path else (address.split(":")[0], int(address.split(":")[1]))
    STARTS[server](lambda: importlib.import_module(module).application, path, (host, port), int(threads))


def bjoern(load, path, address, threads):
    import bjoern

    if path:
        bjoern.run(load(), "unix:" + path)
    else:
        bjoern.run(load(), *address)


def meinheld(load, path, address, threads):
    from meinheld import server

    # Its own way to an address fails from Python 3.10 on.
    listener = bound(path, address)
    server.listen(socket_fd=listener.fileno())
    server.set_keepalive(30)
    server.set_access_logger(None)
    server.run(load())


def cheroot(load, path, address, threads):
    from cheroot import wsgi

    server = wsgi.Server(path or address, load(), numthreads=threads, request_queue_size=BACKLOG, timeout=IDLE_SECONDS)
    server.keep_alive_conn_limit = None  # from the eleventh on it would close them
    server.safe_start()


def cherrypy(load, path, address, threads):
    """The module that is its server, loaded as Terpan's launcher loads it: the package does not import from Python 3.11 on."""
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
    from terpan_worker.servers import cherrypy as launcher

    launcher.versions()
    kind = sys.modules[launcher.MODULE].CherryPyWSGIServer
    kind(path or address, load(), numthreads=threads, request_queue_size=BACKLOG, timeout=IDLE_SECONDS).start()


def eventlet(load, path, address, threads):
    import socket

    import eventlet
    from eventlet import wsgi

    eventlet.monkey_patch()
    listener = eventlet.listen(path or address, socket.AF_UNIX if path else socket.AF_INET, BACKLOG)
    wsgi.server(listener, load(), log_output=False, debug=False, max_size=CONNECTIONS)


def gevent(load, path, address, threads):
    from gevent import monkey

    monkey.patch_all()
    from gevent.pywsgi import WSGIServer

    WSGIServer(bound(path, address), load(), log=None).serve_forever()


def tornado(load, path, address, threads):
    import asyncio
    import logging

    from tornado.httpserver import HTTPServer
    from tornado.netutil import bind_unix_socket
    from tornado.wsgi import WSGIContainer

    async def serve():
        server = HTTPServer(WSGIContainer(load()))
        if path:
            server.add_socket(bind_unix_socket(path, backlog=BACKLOG))
        else:
            server.listen(address[1], address[0], backlog=BACKLOG)
        await asyncio.Event().wait()

    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    asyncio.run(serve())


def twisted(load, path, address, threads):
    from twisted.internet import reactor
    from twisted.internet.address import IPv4Address
    from twisted.python.threadpool import ThreadPool
    from twisted.web import server
    from twisted.web.wsgi import WSGIResource

    class Request(server.Request):
        """Its WSGI resource answers 500 where an address has no host, as on a Unix socket."""

        def getClientAddress(self):
            return IPv4Address("TCP", "127.0.0.1", 0)

        def getHost(self):
            return IPv4Address("TCP", "127.0.0.1", 0)

    class Site(server.Site):
        def log(self, request):
            pass

    pool = ThreadPool(threads, threads)
    site = Site(WSGIResource(reactor, pool, load()), *([Request] if path else []), timeout=IDLE_SECONDS)
    if path:
        reactor.listenUNIX(path, site, backlog=BACKLOG)
    else:
        reactor.listenTCP(address[1], site, backlog=BACKLOG, interface=address[0])
    reactor.callWhenRunning(pool.start)
    reactor.addSystemEventTrigger("after", "shutdown", pool.stop)
    reactor.run()


def bound(path, address):
    import socket

    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(path or address)
    listener.listen(BACKLOG)
    return listener


STARTS = {start.__name__: start for start in (bjoern, meinheld, cheroot, cherrypy, eventlet, gevent, tornado, twisted)}

if __name__ == "__main__":
    main(*sys.argv[1:])
