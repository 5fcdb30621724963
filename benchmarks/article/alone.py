"""One process of one server on a TCP port, as its manual says, without Terpan: alone.py SERVER PORT. It serves `application` of
the module application. What is set beside address and application stands in SETTINGS, for the tables name it."""

import importlib.util
import logging
import os
import socket
import sys
from pathlib import Path

HOST = "127.0.0.1"
BACKLOG = 4096
SETTINGS = {
    "bjoern": "as it is",
    "meinheld": "keepalive 30 s, no access log, own socket handed over",
    "cherrypy": "10 threads, which is its default; queue of 4,096 connections",
    "waitress": "4 threads, which is its default; connection_limit 20,000, asyncore_use_poll, backlog 4,096",
    "cheroot": "10 threads, which is its default; keep_alive_conn_limit None",
    "gunicorn": "one sync worker, heartbeat in memory",
    "gevent": "the standard library patched, no log",
    "eventlet": "the standard library patched, 20,000 green threads, no log",
    "tornado": "WSGIContainer on its loop, no access log",
    "twisted": "a pool of 5 to 20 threads, which is its default",
    "uvicorn": "interface wsgi, no access log",
    "hypercorn": "one worker, no access log",
    "granian": "interface wsgi, one worker, one blocking thread, no access log",
    "uwsgi": "http-socket, one process, no log",
}


def application():
    return importlib.import_module("application").application


def listener(port):
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    bound.listen(BACKLOG)
    return bound


def bjoern(port):
    import bjoern

    bjoern.run(application(), HOST, port)


def meinheld(port):
    from meinheld import server

    bound = listener(port)  # an address of its own binding does not work from Python 3.10 on
    server.listen(socket_fd=bound.fileno())
    server.set_keepalive(30)
    server.set_access_logger(None)
    server.run(application())


def cherrypy(port):
    # The package around this module does not import from Python 3.11 on.
    package = Path(importlib.util.find_spec("cherrypy").submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("wsgiserver", package / "wsgiserver" / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["wsgiserver"] = module
    spec.loader.exec_module(module)
    module.CherryPyWSGIServer((HOST, port), application(), numthreads=10, request_queue_size=BACKLOG).start()


def waitress(port):
    from waitress import serve

    serve(application(), host=HOST, port=port, threads=4, connection_limit=20000, asyncore_use_poll=True, backlog=BACKLOG)


def cheroot(port):
    from cheroot import wsgi

    class Server(wsgi.Server):
        keep_alive_conn_limit = None

    Server((HOST, port), application(), numthreads=10, request_queue_size=BACKLOG).start()


def gunicorn(port):
    command = ["gunicorn", "--workers", "1", "--bind", f"{HOST}:{port}", "--backlog", str(BACKLOG), "--log-level", "error"]
    become(sys.executable, "-m", *command, "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "application:application")


def gevent(port):
    from gevent import monkey

    monkey.patch_all()
    from gevent import pywsgi

    pywsgi.WSGIServer((HOST, port), application(), log=None, backlog=BACKLOG).serve_forever()


def eventlet(port):
    import eventlet

    eventlet.monkey_patch()
    from eventlet import wsgi

    wsgi.server(eventlet.listen((HOST, port), backlog=BACKLOG), application(), log_output=False, max_size=20000)


def tornado(port):
    import asyncio

    from tornado.httpserver import HTTPServer
    from tornado.wsgi import WSGIContainer

    logging.getLogger("tornado.access").setLevel(logging.ERROR)

    async def serve():
        server = HTTPServer(WSGIContainer(application()))
        server.listen(port, HOST, backlog=BACKLOG)
        await asyncio.Event().wait()

    asyncio.run(serve())


def twisted(port):
    from twisted.internet import reactor
    from twisted.python.threadpool import ThreadPool
    from twisted.web.server import Site
    from twisted.web.wsgi import WSGIResource

    pool = ThreadPool()
    pool.start()
    reactor.addSystemEventTrigger("after", "shutdown", pool.stop)
    reactor.listenTCP(port, Site(WSGIResource(reactor, pool, application())), backlog=BACKLOG, interface=HOST)
    reactor.run()


def uvicorn(port):
    import uvicorn

    uvicorn.run(
        "application:application", host=HOST, port=port, interface="wsgi", access_log=False, log_level="error", backlog=BACKLOG
    )


def hypercorn(port):
    command = [beside("hypercorn"), "--bind", f"{HOST}:{port}", "--workers", "1", "--backlog", str(BACKLOG)]
    become(*command, "--log-level", "ERROR", "wsgi:application:application")


def granian(port):
    command = [beside("granian"), "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--host", HOST]
    command += ["--port", str(port), "--backlog", str(BACKLOG), "--log-level", "error", "--no-access-log"]
    become(*command, "application:application")


def uwsgi(port):
    command = ["uwsgi", "--plugin", "python3", "--http-socket", f"{HOST}:{port}", "--module", "application:application"]
    command += ["--need-app", "--disable-logging", "--listen", str(BACKLOG), "--die-on-term", "--master"]
    for folder in (os.path.dirname(os.path.abspath(__file__)), *(path for path in sys.path if path.endswith("site-packages"))):
        command += ["--pythonpath", folder]
    become(*command)


def beside(program):
    return os.path.join(os.path.dirname(sys.executable), program)


def become(*command):
    os.execvp(command[0], command)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in SETTINGS:
        sys.exit(f"alone.py: expected one of {', '.join(SETTINGS)} and a port")
    # Only what has to come before an application is imported is done before it: each of these imports it itself.
    globals()[sys.argv[1]](int(sys.argv[2]))
