"""Gives every application the same request, whatever the server makes of a Unix socket's peer.

The front alone can set the field ``X-Terpan-Origin`` (it strips it from clients):
``address port scheme serverName serverPort``, single spaces between, ``-`` for empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELD = "HTTP_X_TERPAN_ORIGIN"
UNKNOWN = "- - http - -"


def identify(application: Callable, prefix: str = "", multiprocess: bool = True, multithread: bool | None = None) -> Callable:
    """Wraps a WSGI application for servers that speak HTTP on their socket."""
    below = prefix + "/"
    skipped = len(prefix)

    def identified(environ: dict, start_response: Callable) -> Iterable[bytes]:
        try:
            address, port, scheme, name, name_port = environ.pop(FIELD, UNKNOWN).split(" ")
        except ValueError:  # terpan probe asks for what the server itself says
            return application(environ, start_response)
        environ["REMOTE_ADDR"] = "" if address == "-" else address
        if port == "-":
            environ.pop("REMOTE_PORT", None)
        else:
            environ["REMOTE_PORT"] = port
        environ["wsgi.url_scheme"] = scheme
        # Neither may be empty (PEP 3333), not even on a Unix listener.
        environ["SERVER_NAME"] = "localhost" if name == "-" else name
        environ["SERVER_PORT"] = name_port if name_port != "-" else "443" if scheme == "https" else "80"
        environ["wsgi.multiprocess"] = multiprocess
        if multithread is not None:
            environ["wsgi.multithread"] = multithread
        environ.setdefault("QUERY_STRING", "")
        uri = environ.get("REQUEST_URI", "")
        # Waitress makes one slash of many; Cheroot and CherryPy leave %2F as it is.
        if uri.startswith("//") or (uri and "%2" in environ["PATH_INFO"]):
            environ["PATH_INFO"] = unquote_to_bytes(uri.partition("?")[0]).decode("latin-1")
        environ.pop("REMOTE_HOST", None)  # a server's guess at a Unix peer
        if prefix:
            path = environ["PATH_INFO"]
            if path == prefix or path.startswith(below):
                environ["SCRIPT_NAME"] = prefix
                environ["PATH_INFO"] = path[skipped:]
        return application(environ, start_response)

    return identified
