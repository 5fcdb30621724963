"""Starts a server as the article does, by the path of a Unix socket: ``on_a_path.py SERVER PATH WORD`` answers with the word."""

import socket
import sys

server, path, word = sys.argv[1:]


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(word)))])
    return [word.encode()]


def waitress():
    from waitress import serve

    serve(application, unix_socket=path)


def cheroot():
    from cheroot import wsgi

    wsgi.Server(path, application).safe_start()


def tornado():
    from tornado import httpserver, ioloop, netutil, wsgi

    httpserver.HTTPServer(wsgi.WSGIContainer(application)).add_socket(netutil.bind_unix_socket(path))
    ioloop.IOLoop.current().start()


def eventlet():
    import eventlet
    from eventlet import wsgi

    wsgi.server(eventlet.listen(path, family=socket.AF_UNIX), application, log_output=False)


def bjoern():
    import bjoern

    bjoern.run(application, "unix:" + path)


def twisted():
    from twisted.internet import reactor
    from twisted.web import resource, server

    class Word(resource.Resource):
        isLeaf = True

        def render_GET(self, request):
            return word.encode()

    reactor.listenUNIX(path, server.Site(Word()))
    reactor.run()


globals()[server]()
