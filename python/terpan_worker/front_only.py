"""A worker on a loopback port, which every user of the machine can reach, answers nobody but the front.

What it is told with its orders the front sends with each request, in the field ``X-Terpan-Secret``; clients can not, for the front
lets no field of that family through.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELD = "HTTP_X_TERPAN_SECRET"
NAME = b"x-terpan-secret"
STATUS = 403
REFUSAL = b"This port is for Terpan alone: ask the address that Terpan serves.\n"
FIELDS = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(REFUSAL)))]


def guarded(application: Callable, secret: str) -> Callable:
    """Wraps a WSGI application."""
    expected = secret.encode("ascii")

    def guarding(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if not compare_digest(environ.pop(FIELD, "").encode("latin-1", "replace"), expected):
            start_response(f"{STATUS} Forbidden", FIELDS)
            return [REFUSAL]
        return application(environ, start_response)

    return guarding


def guarded_asgi(application: Callable, secret: str) -> Callable:
    """Wraps an ASGI application."""
    expected = secret.encode("ascii")

    async def guarding(scope: dict, receive: Callable, send: Callable) -> Any:
        if scope["type"] != "lifespan":
            told = [value for name, value in scope["headers"] if name == NAME]
            if len(told) != 1 or not compare_digest(told[0], expected):
                await _refuse(scope["type"], send)
                return
            scope["headers"] = [field for field in scope["headers"] if field[0] != NAME]
        await application(scope, receive, send)

    return guarding


async def _refuse(kind: str, send: Callable) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close"})  # before it was accepted: 403
        return
    headers = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in FIELDS]
    await send({"type": "http.response.start", "status": STATUS, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})
