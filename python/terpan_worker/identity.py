"""Gives every application the same request, whatever the server makes of a Unix socket's peer.

The front alone can set the field ``X-Terpan-Origin`` (it strips it from clients):
``address port scheme serverName serverPort implied``, single spaces between, ``-`` for empty. ``implied`` has a letter for each
field about the client that says again what the others say (``IMPLIED``) and for X-Forwarded-Host (``h``), when it is the host that
the request names: no server has to read those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELD = "HTTP_X_TERPAN_ORIGIN"
UNKNOWN = "- - http - - -"
#: By letter, the field and which of the words is its value.
IMPLIED = {"f": ("X-Forwarded-For", 0), "p": ("X-Forwarded-Proto", 2), "o": ("X-Forwarded-Port", 4), "r": ("X-Real-IP", 0)}
HOST_LETTER = "h"
#: As many texts of the field are remembered: a connection of a client's has one for all its requests.
ORIGINS_MOST = 1024


class Origin(NamedTuple):
    """What the field says; every word that the front leaves empty is empty."""

    address: str
    port: str
    scheme: str
    name: str
    name_port: str
    #: Names and values of the fields that it implies, but for X-Forwarded-Host.
    implied: list[tuple[str, str]]
    #: Whether X-Forwarded-Host is the request's host.
    own_host: bool


def read(told: str) -> Origin | None:
    """Reads the field's text; None: it is not the front's, for `terpan probe` asks for what the server itself says."""
    words = told.split(" ")
    if len(words) != 6:
        return None
    address, port, scheme, name, name_port, letters = ("" if word == "-" else word for word in words)
    implied = [(IMPLIED[letter][0], words[IMPLIED[letter][1]]) for letter in letters if letter != HOST_LETTER]
    # Neither may be empty (PEP 3333), not even on a Unix listener.
    name_port = name_port or ("443" if scheme == "https" else "80")
    return Origin(address, port, scheme, name or "localhost", name_port, implied, HOST_LETTER in letters)


class Remembered(dict):
    """What is made of each text of the field, ``ORIGINS_MOST`` of them, by ``make``."""

    def __init__(self, make: Callable) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, told: object) -> object:
        made = self._make(told)
        if len(self) >= ORIGINS_MOST:
            self.clear()
        self[told] = made
        return made


def path_of(uri: str) -> str:
    """The ``PATH_INFO`` of a target as it came, whose dot segments and slashes are the application's."""
    return unquote_to_bytes(uri.partition("?")[0]).decode("latin-1")


def mend_path(environ: dict) -> None:
    """For servers that make one slash of many at the beginning of a path (Waitress), or leave ``%2F`` as it is (Cheroot, CherryPy)."""
    uri = environ["REQUEST_URI"]
    if uri.startswith("//") or (uri and "%2" in environ["PATH_INFO"]):
        environ["PATH_INFO"] = path_of(uri)


def identify(
    application: Callable,
    prefix: str = "",
    multiprocess: bool = True,
    multithread: bool | None = None,
    mend: Callable[[dict], object] | None = None,
) -> Callable:
    """Wraps a WSGI application for servers that speak HTTP on their socket.

    ``mend`` puts right in an environ what this server alone says wrongly.
    """
    below = prefix + "/"
    skipped = len(prefix)

    def made(told: str) -> tuple[dict, bool, bool] | None:
        origin = read(told)
        if origin is None:
            return None
        entries = {
            "REMOTE_ADDR": origin.address,
            "wsgi.url_scheme": origin.scheme,
            "SERVER_NAME": origin.name,
            "SERVER_PORT": origin.name_port,
            "wsgi.multiprocess": multiprocess,
        }
        if origin.port:
            entries["REMOTE_PORT"] = origin.port
        if multithread is not None:
            entries["wsgi.multithread"] = multithread
        entries.update(("HTTP_" + name.upper().replace("-", "_"), value) for name, value in origin.implied)
        return entries, bool(origin.port), origin.own_host

    remembered = Remembered(made)

    def identified(environ: dict, start_response: Callable) -> Iterable[bytes]:
        known = remembered[environ.pop(FIELD, UNKNOWN)]
        if known is None:
            return application(environ, start_response)
        entries, has_port, own_host = known
        environ.update(entries)
        if not has_port:
            environ.pop("REMOTE_PORT", None)
        if own_host:
            environ["HTTP_X_FORWARDED_HOST"] = environ["HTTP_HOST"]
        if "QUERY_STRING" not in environ:
            environ["QUERY_STRING"] = ""
        if mend is not None:
            mend(environ)
        if prefix:
            path = environ["PATH_INFO"]
            if path == prefix or path.startswith(below):
                environ["SCRIPT_NAME"] = prefix
                environ["PATH_INFO"] = path[skipped:]
        return application(environ, start_response)

    return identified
