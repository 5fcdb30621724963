"""The ASGI half of ``identity``: the scope tells client, server and scheme as the front knows them, whatever serves it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from terpan_worker import calls, children, raised
from terpan_worker.identity import read
from terpan_worker.native.heads import plain_failure
from terpan_worker.remembered import Remembered
from terpan_worker.routes import telling

if TYPE_CHECKING:
    from collections.abc import Callable

FIELD = b"x-terpan-origin"
#: The front sends it with handshakes for WebSocket alone.
UPGRADE = b"upgrade"
NO_WEBSOCKET = b"The server of this application finds no library for WebSocket: install websockets or wsproto beside it.\n"
UNKNOWN = b"- - http - - -"


class _Known(NamedTuple):
    """What one text of the field makes of a scope."""

    client: tuple[str, int] | None
    server: tuple[str, int]
    scheme: str
    secure: bool
    implied: list[tuple[bytes, bytes]]
    own_host: bool
    http_version: str
    asterisk: bool
    #: Names of fields that are not the client's.
    unsent: list[bytes]
    #: The client's method; empty: that which came.
    method: str
    #: The path below which the request is, where that is its own; else empty.
    script: str


def _known(told: bytes) -> _Known:
    origin = read(told.decode("latin-1"))
    if origin is None:
        raise ValueError(f"the front's field {told!r}")
    return _Known(
        (origin.address, int(origin.port or 0)) if origin.address else None,
        (origin.name, int(origin.name_port)),
        origin.scheme,
        origin.scheme == "https",
        [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in origin.implied],
        origin.own_host,
        origin.version[1],
        origin.asterisk,
        [name.lower().encode("ascii") for name in origin.unsent],
        origin.method,
        origin.script,
    )


def identify(
    application: Callable, prefix: str, startup_failed: Callable[[str], object], route_of: Callable | None = None
) -> Callable:
    """Wraps an ASGI application.

    ``startup_failed`` takes the reason when its lifespan can not start; it need not return. ``route_of`` is of ``routes.in_an_event``.
    """
    remembered = Remembered(_known)
    running = calls.Calls()

    async def identified(scope: dict, receive: Callable, send: Callable) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await _Lifespan(application, receive, send, startup_failed, running.wait_all).run(scope)
            return
        told, headers, switches = UNKNOWN, [], False
        for field in scope["headers"]:
            if field[0] == FIELD:
                told = field[1]
            else:
                switches |= field[0] == UPGRADE
                headers.append(field)
        origin, name, asked = calls.read(told)
        if asked is not None:
            await running.answer(asked, send)
            return
        if switches and kind == "http":
            await _refused_websocket(send)
            return
        known = remembered[origin]
        if known.unsent:
            headers = [field for field in headers if field[0] not in known.unsent]
        scope["headers"] = headers
        headers += known.implied
        if known.own_host:
            headers.append((b"x-forwarded-host", next(value for name, value in headers if name == b"host")))
        scope["client"] = known.client
        scope["server"] = known.server
        scope["scheme"] = known.scheme if kind == "http" else "wss" if known.secure else "ws"
        scope["http_version"] = known.http_version
        if known.method:
            scope["method"] = known.method
        if known.asterisk:
            scope["path"] = "*"
            scope["raw_path"] = b"*"
        mounted = known.script or prefix
        if mounted:
            path = scope["path"]
            # The path stays whole: since ASGI 2.3 frameworks take the root path off it themselves.
            scope["root_path"] = mounted if path == mounted or path.startswith(mounted + "/") else ""
        running.begin(name)
        tell = send if route_of is None or kind != "http" else telling(send, scope, route_of)
        try:
            await application(scope, receive, tell)
        except BaseException as error:
            if children.forked:
                children.end(error)
            if kind == "http" and isinstance(error, Exception):
                if _has_answered(error):
                    raised.tell_of(error, scope["method"], scope["path"], _field(headers, b"x-request-id"), _field(headers, b"traceparent"))
                    return
                if await _answered(error, scope, send, _field(headers, b"traceparent")):
                    return
            raise
        finally:
            running.end(name)
        if children.forked:
            children.end()

    return identified


async def _refused_websocket(send: Callable) -> None:
    """Answers a handshake that the server took for a request like any other, as it does without a library for it."""
    fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(NO_WEBSOCKET))]
    await send({"type": "http.response.start", "status": 501, "headers": fields})
    await send({"type": "http.response.body", "body": NO_WEBSOCKET})


def _has_answered(error: Exception) -> bool:
    """Whether Starlette, and with it FastAPI, has sent the whole of an answer of its own before it raised the error once more.

    Nobody but its outermost layer knows; the server would take the connection for broken, and write a traceback of no request.
    """
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_globals.get("__name__") == "starlette.middleware.errors" and frame.f_code.co_name == "__call__":
            return frame.f_locals.get("response_started") is False
        trace = trace.tb_next
    return False


def _field(headers: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")


async def _answered(error: Exception, scope: dict, send: Callable, traceparent: str) -> bool:
    """Answers in place of an application that raised, if it had not begun; otherwise it is the server's to break off and to tell of."""
    told = raised.told(raised.traceback_of(error))
    _, status, headers, body = plain_failure(0, told=told)
    fields = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers]
    try:
        await send({"type": "http.response.start", "status": int(status[:3]), "headers": fields})
    except Exception:
        return False  # It had.
    raised.tell(told, scope["method"], scope["path"], traceparent)
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
    return True


class _Lifespan:
    """Follows what the application says of its start.

    An application that raises before it took part, or takes the event for a request, does not support the protocol: it is served
    without it, and the server, which would warn of that at every start, is told what it waits for. One that says that its
    start failed, or raises once it has taken the startup event, has failed to start. One that returns early is asked no more.

    The shutdown begins when all calls have ended: not every server waits for what goes on behind an answer, but each for this.
    """

    def __init__(
        self,
        application: Callable,
        receive: Callable,
        send: Callable,
        startup_failed: Callable[[str], object],
        calls_ended: Callable,
    ) -> None:
        self._application = application
        self._receive = receive
        self._send = send
        self._startup_failed = startup_failed
        self._calls_ended = calls_ended
        self._taken = False
        self._told = False
        self._failed = False
        self._stopping = False
        self._foreign = False

    async def run(self, scope: dict) -> None:
        try:
            await self._application(scope, self._take, self._tell)
        except Exception:
            if self._told:
                raise
            if self._taken and not self._foreign:
                self._startup_failed(_traceback())
                raise
            await self._go_without()
        else:
            if self._told and not self._failed and not self._stopping:
                await self._stop()

    async def _take(self) -> Any:
        message = await self._receive()
        self._taken = True
        if message["type"] == "lifespan.shutdown":
            self._stopping = True
            await self._calls_ended()
        return message

    async def _tell(self, message: dict) -> None:
        kind = message["type"]
        if not kind.startswith("lifespan."):
            self._foreign = True
            raise ValueError(f"a message of type {kind} in the lifespan")
        if kind == "lifespan.startup.failed":
            self._failed = True
            self._startup_failed(message.get("message", "") or _traceback() or "the application gave no reason")
        self._told = True
        await self._send(message)

    async def _go_without(self) -> None:
        if not self._taken:
            await self._receive()
        await self._send({"type": "lifespan.startup.complete"})
        await self._stop()

    async def _stop(self) -> None:
        """In place of an application that takes no part."""
        await self._receive()
        await self._calls_ended()
        await self._send({"type": "lifespan.shutdown.complete"})


def _traceback() -> str:
    if sys.exc_info()[0] is None:
        return ""
    return raised.traceback_in_hand()
