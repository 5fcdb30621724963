"""A WSGI server with none of the extras."""

import contextlib
import io
from wsgiref.util import setup_testing_defaults


class Asked:
    """What a server with none of the extras makes of one call."""

    def __init__(self, application, **environ):
        setup_testing_defaults(environ)
        environ.setdefault("QUERY_STRING", "")
        self.status = None
        self.headers = []
        self.pieces = []
        self.raised = None
        self.sent = False
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            try:
                self._take(application(environ, self._start))
            except Exception as error:
                self.raised = error
        self.errors = errors.getvalue()

    def _take(self, result):
        self.result = result
        try:
            for piece in result:
                self.sent = self.sent or bool(piece)
                self.pieces.append(piece)
        finally:
            if hasattr(result, "close"):
                result.close()

    def _start(self, status, headers, exc_info=None):
        assert self.status is None and not exc_info, "servers differ in what they do at a second head"
        self.status, self.headers = status, headers
        return None  # there is no write

    @property
    def body(self):
        return b"".join(self.pieces)


class Closed:
    """An iterable that knows whether it was closed."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.closed = 0

    def __iter__(self):
        return self._pieces

    def close(self):
        self.closed += 1


def start(start_response, *headers):
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])
