"""The least a WSGI application can be: what is left is the server."""

BODY = b"Hello, World!"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", "13")]


def application(environ, start_response):
    start_response("200 OK", HEADERS[:])
    return [BODY]
