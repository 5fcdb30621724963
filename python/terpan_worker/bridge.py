"""A WSGI application as an ASGI one, for servers that run ASGI at their best: a pool of threads, one for each request.

Written because what the servers bring themselves lacks ``write()``, bounds or holds whole bodies in memory, or goes on with
an answer whose client has left.
"""

from __future__ import annotations

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from terpan_worker import calls
from terpan_worker.identity import FIELD

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES_MOST = 512
PLAIN_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
WITHOUT_BODY = (204, 304)
#: How long the rest of a body is taken that the application left unread. The front ends such a connection with the answer.
REST_SECONDS = 5


class ClientLeft(OSError):
    """Raised where the application's answer is taken, so that it ends; never told to the application itself."""


class Bridge:
    """The ASGI callable. Made in any thread, called in the loop's."""

    def __init__(self, application: Callable, threads: int, software: str) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._names: dict[bytes, str] = dict(PLAIN_NAMES)
        self._running = calls.Calls()
        self._constant = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_SOFTWARE": software,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": threads > 1,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await _lifespan(receive, send, self._running.wait_all)
            return
        if kind != "http":
            raise ValueError(f"a WSGI application can not serve a scope of type {kind}")
        environ = self._environ(scope)
        if FIELD in environ:
            environ[FIELD], name, asked = calls.read(environ[FIELD])
            if asked is not None:
                await self._running.answer(asked, send)
                return
        else:
            name = object()
        self._running.begin(name)
        try:
            await self._run(environ, receive, send)
        finally:
            self._running.end(name)

    async def _run(self, environ: dict, receive: Callable, send: Callable) -> None:
        loop = asyncio.get_running_loop()
        body = await _body(environ, receive, loop)
        environ["wsgi.input"] = body
        call = _Call(self._application, environ, loop, receive, send, body)
        try:
            await loop.run_in_executor(self._pool, call.run)
        except ClientLeft:
            return
        except Exception:
            # Reported already. The server sees an answer without an end, and breaks the connection off.
            if not call.begun:
                raise
            return
        else:
            unread = loop.create_task(call.take_rest()) if call.leaves_body() else None
            if not call.finished:
                await call.finish()
            if unread is not None:
                await asyncio.wait([unread], timeout=REST_SECONDS)
                unread.cancel()
        finally:
            call.unwatch()

    def _environ(self, scope: dict) -> dict:
        environ = self._constant.copy()
        raw = scope.get("raw_path") or scope["path"].encode()
        path = raw.partition(b"?")[0]
        environ["REQUEST_METHOD"] = scope["method"]
        environ["PATH_INFO"] = (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")
        environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
        environ["SERVER_PROTOCOL"] = "HTTP/" + scope["http_version"]
        names = self._names
        for field, value in scope["headers"]:
            name = names.get(field) or self._name(field)
            text = value.decode("latin-1")
            environ[name] = text if name not in environ else environ[name] + ("; " if field == b"cookie" else ", ") + text
        return environ

    def _name(self, field: bytes) -> str:
        name = "HTTP_" + field.decode("latin-1").upper().replace("-", "_")
        if len(self._names) < NAMES_MOST:
            self._names[field] = name
        return name


async def _lifespan(receive: Callable, send: Callable, ended: Callable) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await ended()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(environ: dict, receive: Callable, loop: Any) -> Any:
    """The body as a file: what came whole in memory, anything longer as it is read."""
    if environ.get("CONTENT_LENGTH", "0") in ("", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
        return io.BytesIO()
    message = await receive()
    if message["type"] != "http.request":
        raise ClientLeft
    first = message.get("body", b"")
    if not message.get("more_body"):
        return io.BytesIO(first)
    return io.BufferedReader(_Incoming(first, receive, loop), 1 << 16)


class _Incoming(io.RawIOBase):
    """Read by the request's thread; each piece is fetched in the loop."""

    def __init__(self, first: bytes, receive: Callable, loop: Any) -> None:
        super().__init__()
        self._piece = memoryview(first)
        self._receive = receive
        self._loop = loop
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece and not self.ended:
            message = asyncio.run_coroutine_threadsafe(self._fetch(), self._loop).result()
            if message["type"] != "http.request":
                self.ended = True
                raise ClientLeft("the body ended before its length")
            self._piece = memoryview(message.get("body", b""))
            self.ended = not message.get("more_body")
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    async def _fetch(self) -> dict:
        return await self._receive()  # not every server's is a coroutine


class _Call:
    """One request. ``run`` is the thread's; the rest is the loop's, which waits while the thread runs and the other way round."""

    def __init__(self, application: Callable, environ: dict, loop: Any, receive: Callable, send: Callable, body: Any) -> None:
        self._application = application
        self._environ = environ
        self._loop = loop
        self._receive = receive
        self._send = send
        self._incoming = getattr(body, "raw", None)
        self._head: dict | None = None
        self._last = b""
        self._left = False
        self._watch: Any = None
        #: whether the head was given to the server, and all of the answer
        self.begun = False
        self.finished = False

    def run(self) -> None:
        result = self._application(self._environ, self._start_response)
        if type(result) in (list, tuple):
            self._last = result[0] if len(result) == 1 else b"".join(result)
            self._check_head()
            self._measure(len(self._last))
            return
        try:
            for piece in result:
                if piece:
                    self._emit(piece)
            self._check_head()
            # What the application does when its result is closed is not the client's to wait for.
            self._in_loop(self.finish())
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def _check_head(self) -> None:
        if self._head is None:
            raise AssertionError("the application did not call start_response")

    def _start_response(self, status: str, headers: list, exc_info: Any = None) -> Callable:
        if exc_info:
            try:
                if self.begun:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._head is not None:
            raise AssertionError("start_response was called twice without exc_info")
        self._head = {
            "type": "http.response.start",
            "status": int(status[:3]),
            # Django's cookies begin with a space, at which Uvicorn's parser raises.
            "headers": [(name.lower().encode("latin-1"), value.strip(" \t").encode("latin-1")) for name, value in headers],
        }
        return self._write

    def _write(self, data: bytes) -> None:
        if data:
            self._emit(data)

    def _measure(self, length: int) -> None:
        """Tells the length of an answer that is whole, where the application did not."""
        head = self._head
        if head is None or self.begun or self._environ["REQUEST_METHOD"] == "HEAD":
            return
        if head["status"] >= 200 and head["status"] not in WITHOUT_BODY:
            if not any(name in (b"content-length", b"transfer-encoding") for name, _ in head["headers"]):
                head["headers"].append((b"content-length", b"%d" % length))

    def _emit(self, piece: bytes) -> None:
        """Called in the thread: returns when the server has taken the piece."""
        self._check_head()
        self._in_loop(self._give(piece))

    def _in_loop(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _give(self, piece: bytes) -> None:
        await self._begin()
        if self._watch is None and (self._incoming is None or self._incoming.ended):
            self._watch = self._loop.create_task(self._watch_client())
        if self._left:
            raise ClientLeft
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _begin(self) -> None:
        if not self.begun:
            self.begun = True
            await self._send(self._head)

    async def _watch_client(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._left = True
                return

    def leaves_body(self) -> bool:
        """Whether the application has answered without reading the body to its end."""
        return self._watch is None and self._incoming is not None and not self._incoming.ended

    async def take_rest(self) -> None:
        """Takes the body's rest: a server that waits to hand it over reads nothing else, not even that the client has left."""
        while True:
            message = await self._receive()
            if message["type"] != "http.request" or not message.get("more_body"):
                return

    def unwatch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def finish(self) -> None:
        await self._begin()
        self.finished = True
        self.unwatch()
        await self._send({"type": "http.response.body", "body": self._last, "more_body": False})
