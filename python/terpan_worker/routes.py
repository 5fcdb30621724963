"""Which of its routes the application's framework found for a request: told to the front with the answer, which keeps it to itself.

The frameworks are looked for once, when the application has been imported; where there is none, requests cost nothing more. Bottle and
Starlette leave what they found in the environ or in the scope; Django, Falcon and Flask keep it in their requests, so a method of theirs
leaves it there, too. It is read as the front is told the answer's head. Nothing here raises, nor changes the answer: what can not be found
is not told.

It is the value of a field, printable ASCII, ``ROUTE_MOST`` at most, behind a word that only the front and its launchers know.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from terpan_worker.raised import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

FIELD = "X-Terpan-Route"
#: Of the orders, that has the word.
ORDER = "routes"
#: Characters of a route; the rest is cut.
ROUTE_MOST = 200
CUT = "..."
#: As many routes are remembered as the front is told.
KEPT_MOST = 1024
#: Where those are left that a framework keeps to itself.
LEFT = "terpan.route"
#: What a method of ours that stands in another's place has.
OURS = "terpan"
#: By module, whether a WSGI and an ASGI application may have its routes.
FRAMEWORKS = {
    "bottle": (True, False),
    "flask.ctx": (True, False),
    "django.core.handlers.base": (True, True),
    "falcon.app": (True, True),
    "starlette.routing": (False, True),
}


def of_environ(made: Callable[[str], Any]) -> Callable[[dict], Any] | None:
    """What finds what is made of the route of a WSGI application's request, by its environ; None: no framework is there that tells.

    It is asked for each request, so it is written for speed: no call but for what is new.
    """
    if not _are_found(0):
        return None
    kept: dict[object, Any] = {}

    def found(environ: dict) -> Any:
        try:
            route = environ.get(LEFT)
            if route is None:
                route = environ.get("bottle.route")
                if route is None:
                    return None
                route = route.rule
            path = environ.get("SCRIPT_NAME")
            key = (path, route) if path else route
            known = kept.get(key)
            return _keep(kept, key, made(_shown(path, route))) if known is None else known
        except Exception:
            return None

    return found


def of_scope(made: Callable[[str], Any]) -> Callable[[dict], Any] | None:
    """The same of an ASGI application's, by its scope."""
    if not _are_found(1):
        return None
    kept: dict[object, Any] = {}
    # What is not there is not looked for at each request.
    leaves = any(name in sys.modules for name in _LEAVING if FRAMEWORKS[name][1])
    includes = "fastapi" in sys.modules

    def found(scope: dict) -> Any:
        try:
            route = scope.get(LEFT) if leaves else None
            if route is None:
                route = scope.get("route")
                if includes and (included := scope.get("fastapi")):
                    # Routers that are included in another have the whole path there.
                    effective = included.get("effective_route_context")
                    if effective is not None:
                        route = effective
                if route is None:
                    return None
                # A mount's own path stands in the root path already.
                route = route.path if hasattr(route, "endpoint") else "/{path}"
            path = scope.get("root_path")
            key = (path, route) if path else route
            known = kept.get(key)
            return _keep(kept, key, made(_shown(path, route))) if known is None else known
        except Exception:
            return None

    return found


def on_the_link(word: str) -> Callable[[dict], bytes | None] | None:
    """What the built-in worker tells: the field with a colon between name and value. No word: nobody asks."""
    return of_environ(lambda route: f"{FIELD}:{word} {route}".encode("ascii")) if word else None


def in_a_field(word: str) -> Callable[[dict], tuple[str, str] | None] | None:
    """What other servers tell of a WSGI application."""
    return of_environ(lambda route: (FIELD, f"{word} {route}")) if word else None


def in_an_event(word: str) -> Callable[[dict], tuple[bytes, bytes] | None] | None:
    """What servers tell of an ASGI application."""
    name = FIELD.lower().encode("ascii")
    return of_scope(lambda route: (name, f"{word} {route}".encode("ascii"))) if word else None


def telling(send: Callable, scope: dict, found: Callable[[dict], tuple[bytes, bytes] | None]) -> Callable:
    """The ``send`` of an ASGI application, by which its answer's head has the field."""

    def tell(message: dict) -> Any:
        try:
            if message["type"] == "http.response.start" and type(message) is dict:
                field = found(scope)
                headers = message.get("headers", ())
                if field is not None and (type(headers) is list or isinstance(headers, (list, tuple))):
                    message = message.copy()
                    message["headers"] = [*headers, field]
        except Exception:
            pass  # What is no message is the server's to refuse.
        return send(message)

    return tell


def _keep(kept: dict[object, Any], key: object, made: Any) -> Any:
    if len(kept) >= KEPT_MOST:
        kept.clear()
    kept[key] = made
    return made


def _shown(path: str | None, route: str) -> str:
    """Bottle leaves a slash as the path behind what it has mounted, and Django's routes begin without one."""
    whole = (path or "").rstrip("/") + (route if route.startswith("/") else "/" + route)
    text = encoded(whole[: ROUTE_MOST + 1], " ")
    return text if len(text) <= ROUTE_MOST else text[: ROUTE_MOST - len(CUT)] + CUT


def _are_found(kind: int) -> bool:
    """Whether a framework was imported whose routes are known; has those leave them that have to."""
    found = [name for name in FRAMEWORKS if name in sys.modules]
    for name in found:
        if name in _LEAVING:
            _LEAVING[name](sys.modules[name])
    return any(FRAMEWORKS[name][kind] for name in found)


def _leave_flask(module: Any) -> None:
    for name in ("RequestContext", "AppContext"):  # one became the other
        context = vars(module).get(name)
        match = vars(context).get("match_request") if context is not None else None
        if match is not None and not hasattr(match, OURS):
            context.match_request = _matching(match)


def _matching(match: Callable) -> Callable:
    def match_request(self: Any) -> None:
        match(self)
        try:
            request = self.request
            rule = request.url_rule
            if rule is not None:
                request.environ[LEFT] = rule.rule
        except Exception:
            pass

    match_request.terpan = True  # type: ignore[attr-defined]
    return match_request


def _leave_django(module: Any) -> None:
    handler = module.BaseHandler
    resolve = getattr(handler, "resolve_request", None)  # since Django 3.1
    if resolve is None or hasattr(resolve, OURS):
        return

    def resolve_request(self: Any, request: Any) -> Any:
        found = resolve(self, request)
        try:
            place = getattr(request, "scope", None)
            (request.environ if place is None else place)[LEFT] = found.route
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
            place = getattr(request, "scope", None)
            (request.env if place is None else place)[LEFT] = found[3]
        except Exception:
            pass
        return found

    get_and_leave.terpan = True  # type: ignore[attr-defined]
    application._get_responder = get_and_leave


_LEAVING: dict[str, Callable[[Any], None]] = {
    "flask.ctx": _leave_flask,
    "django.core.handlers.base": _leave_django,
    "falcon.app": _leave_falcon,
}
