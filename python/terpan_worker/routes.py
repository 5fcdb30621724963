"""Which of its routes the application's framework found for a request: a field of the answer that the front keeps to itself.

The frameworks are looked for once, when the application has been imported; where there is none, requests cost nothing more. Bottle, Flask and
Starlette leave what they found in the environ or in the scope; Django and Falcon keep it in their requests, so a method of theirs leaves it
there, too. It is read as the answer begins, for Flask takes it away at its end. Nothing here raises, nor changes the answer: what can not be
found is not told.

The field's value is a word that only the front and its launchers know, a space, and the route: printable ASCII, ``ROUTE_MOST`` at most.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from terpan_worker.raised import encoded
from terpan_worker.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

FIELD = "X-Terpan-Route"
#: Of the orders, that has the word.
ORDER = "routes"
#: Characters of a route; the rest is cut.
ROUTE_MOST = 200
CUT = "..."
#: Where Django's and Falcon's are left.
LEFT = "terpan.route"
#: What a method of ours that stands in another's place has.
OURS = "terpan"


def of_environ(word: str) -> Callable[[dict], tuple[str, str] | None] | None:
    """What finds the field for the environ of a request that a WSGI application answers now; None: nobody can tell, or is asked to."""
    finders = _finders({"bottle": _of_bottle, "flask": _of_flask, "django.core.handlers.base": _left, "falcon.app": _left})
    if not (word and finders):
        return None
    fields = Remembered(lambda route: (FIELD, f"{word} {_shown(route)}"))

    def found(environ: dict) -> tuple[str, str] | None:
        try:
            for find in finders:
                route = find(environ)
                if route is not None:
                    script = environ.get("SCRIPT_NAME", "")
                    return fields[route if script == "/" else script + route]  # Bottle leaves a slash behind a mount
        except Exception:
            pass
        return None

    return found


def of_scope(word: str) -> Callable[[dict], tuple[bytes, bytes] | None] | None:
    """The same for the scope of a request that an ASGI application answers."""
    finders = _finders({"django.core.handlers.base": _left, "falcon.app": _left, "starlette.routing": _of_starlette})
    if not (word and finders):
        return None
    name = FIELD.lower().encode("ascii")
    fields = Remembered(lambda route: (name, f"{word} {_shown(route)}".encode("ascii")))

    def found(scope: dict) -> tuple[bytes, bytes] | None:
        try:
            for find in finders:
                route = find(scope)
                if route is not None:
                    return fields[scope.get("root_path", "") + route]
        except Exception:
            pass
        return None

    return found


def telling(send: Callable, scope: dict, found: Callable[[dict], tuple[bytes, bytes] | None]) -> Callable:
    """The ``send`` of an ASGI application, by which its answer's head has the field."""

    def tell(message: dict) -> Any:
        if type(message) is dict and message.get("type") == "http.response.start":
            field = found(scope)
            headers = message.get("headers", ())
            if field is not None and isinstance(headers, (list, tuple)):
                message = {**message, "headers": [*headers, field]}
        return send(message)

    return tell


def _shown(route: str) -> str:
    text = encoded(route[: ROUTE_MOST + 1], " ")
    return text if len(text) <= ROUTE_MOST else text[: ROUTE_MOST - len(CUT)] + CUT


def _finders(by_module: dict[str, Callable]) -> list[Callable]:
    """Those of the frameworks that have been imported, each once."""
    for module, leave in _LEAVING.items():
        if module in sys.modules:
            leave(sys.modules[module])
    return list(dict.fromkeys(find for module, find in by_module.items() if module in sys.modules))


def _of_bottle(environ: dict) -> str | None:
    route = environ.get("bottle.route")
    return None if route is None else route.rule


def _of_flask(environ: dict) -> str | None:
    request = environ.get("werkzeug.request")
    rule = None if request is None else request.url_rule
    return None if rule is None else rule.rule


def _of_starlette(scope: dict) -> str | None:
    included = scope.get("fastapi")  # FastAPI's routers that are included in another keep the whole path there
    if included:
        effective = included.get("effective_route_context")
        if effective is not None:
            return effective.path
    route = scope.get("route")
    if route is None:
        return None
    # A mount's own path stands in the root path already.
    return route.path if hasattr(route, "endpoint") else "/{path}"


def _left(place: dict) -> str | None:
    return place.get(LEFT)


def _leave(request: Any, environ: str, route: Any) -> None:
    place = getattr(request, environ, None)
    place = request.scope if place is None else place
    place[LEFT] = route


def _leave_django(module: Any) -> None:
    handler = module.BaseHandler
    resolve = getattr(handler, "resolve_request", None)  # since Django 3.1
    if resolve is None or hasattr(resolve, OURS):
        return

    def resolve_request(self: Any, request: Any) -> Any:
        found = resolve(self, request)
        try:
            _leave(request, "environ", "/" + found.route)
        except Exception:
            pass
        return found

    resolve_request.terpan = True  # type: ignore[attr-defined]
    handler.resolve_request = resolve_request


def _leave_falcon(module: Any) -> None:
    application = module.App
    get_responder = getattr(application, "_get_responder", None)
    if get_responder is None or hasattr(get_responder, OURS):
        return

    def get_and_leave(self: Any, request: Any) -> Any:
        found = get_responder(self, request)
        try:
            _leave(request, "env", found[3])
        except Exception:
            pass
        return found

    get_and_leave.terpan = True  # type: ignore[attr-defined]
    application._get_responder = get_and_leave


_LEAVING: dict[str, Callable[[Any], None]] = {"django.core.handlers.base": _leave_django, "falcon.app": _leave_falcon}
