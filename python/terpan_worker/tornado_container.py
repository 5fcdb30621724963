"""A WSGI side for Tornado's HTTP server, in place of its own, which gathers whole answers, says nothing at all when something is
raised, and reads forms itself, refusing what it does not understand.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from tornado import httputil
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError

from terpan_worker.identity import path_of
from terpan_worker.native.heads import without_body

if TYPE_CHECKING:
    from collections.abc import Callable

BODY_IN_MEMORY = 1 << 20
END: Any = object()


class Container(httputil.HTTPServerConnectionDelegate):
    """Runs the application where the event loop is, or in an executor's threads."""

    def __init__(self, application: Callable, executor: Any) -> None:
        self._application = application
        self._executor = executor
        #: requests
        self.at_work = 0

    def start_request(self, server_conn: object, request_conn: httputil.HTTPConnection) -> httputil.HTTPMessageDelegate:
        return Request(self, request_conn)

    async def answer(self, request: Request) -> None:
        self.at_work += 1
        try:
            await self._answer(request)
        except StreamClosedError:
            pass  # the front has let go of it
        except Exception as error:
            # What the application raised was reported already: there the answer had begun, and it must not end as if whole.
            if isinstance(error, (httputil.HTTPOutputError, httputil.HTTPInputError)):
                print(f"tornado: {error} in {request.line.method} {request.line.path}", file=sys.stderr)
            request.connection.close()
        finally:
            self.at_work -= 1

    async def _answer(self, request: Request) -> None:
        answer = Answer(request)
        result = await self._run(self._application, _environ(request, self._executor is not None), answer.start_response)
        try:
            if type(result) in (list, tuple):
                answer.length = sum(map(len, result))
            pieces = iter(result)
            while True:
                piece = await self._run(next, pieces, END)
                if piece is END:
                    break
                if piece:
                    await answer.send(piece)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                await self._run(close)
        answer.finish()

    async def _run(self, call: Callable, *arguments: Any) -> Any:
        if self._executor is None:
            return call(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call, *arguments)


class Request(httputil.HTTPMessageDelegate):
    """A request's head and its body, which goes to a file when it is large."""

    def __init__(self, container: Container, connection: httputil.HTTPConnection) -> None:
        self.connection = connection
        self.body: Any = io.BytesIO()
        self._container = container
        self._received = 0

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> None:
        self.line = start_line
        self.headers = headers

    def data_received(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > BODY_IN_MEMORY and isinstance(self.body, io.BytesIO):
            file = tempfile.TemporaryFile()
            file.write(self.body.getbuffer())
            self.body = file
        self.body.write(chunk)

    def finish(self) -> None:
        self.body.seek(0)
        IOLoop.current().spawn_callback(self._container.answer, self)

    def on_connection_close(self) -> None:
        self.body.close()


class Answer:
    """The head leaves with the first piece of the body that is not empty."""

    def __init__(self, request: Request) -> None:
        self._connection = request.connection
        self._head = request.line.method == "HEAD"
        self._status = ""
        self._fields: list[tuple[str, str]] = []
        self._begun = False
        self.length = -1

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        if exc_info and self._begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if self._status and not exc_info:
            raise AssertionError("start_response was called before")
        self._status, self._fields = status, list(headers)

    async def send(self, piece: bytes) -> None:
        if not self._begun:
            await self._begin(piece)
        elif self._bodied():
            await self._connection.write(piece)

    def finish(self) -> None:
        if not self._begun:
            self._begin(b"")
        self._connection.finish()

    def _begin(self, piece: bytes) -> Any:
        if not self._status:
            raise AssertionError("the application did not call start_response")
        code, _, reason = self._status.partition(" ")
        fields = httputil.HTTPHeaders()
        for name, value in self._fields:
            fields.add(name, value)
        if self.length >= 0 and self._may_have_length() and "Content-Length" not in fields:
            fields.add("Content-Length", str(self.length))
        line = httputil.ResponseStartLine("HTTP/1.1", int(code), reason)
        self._begun = True
        return self._connection.write_headers(line, fields, piece if self._bodied() else None)

    def _may_have_length(self) -> bool:
        return not without_body(self._status)

    def _bodied(self) -> bool:
        return not self._head and self._may_have_length()


def _environ(request: Any, multithread: bool) -> dict:
    query = request.line.path.partition("?")[2]
    environ = {
        "REQUEST_METHOD": request.line.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path_of(request.line.path),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": request.line.version,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": multithread,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if "HTTP_" + name in environ:
            environ[name] = environ.pop("HTTP_" + name)
    return environ
