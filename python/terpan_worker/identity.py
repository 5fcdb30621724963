"""Gives every application the same request, whatever the server makes of a Unix socket's peer.

The front alone can set the field ``X-Terpan-Origin`` (it strips it from clients):
``address port scheme serverName serverPort letters[ method][ script][ @name]``, single spaces between, ``-`` for empty. There is a letter for each
field about the client that says again what the others say (``IMPLIED``) and for X-Forwarded-Host (``h``), when it is the host that
the request names: no server has to read those. The other letters and the method say what the request was, where servers would
change it or refuse it, so that something else came on the wire. The script, which begins with a slash, is the path below which this request is,
where that is not the same for all. The name is for ``calls``, which takes it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from terpan_worker.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FIELD = "HTTP_X_TERPAN_ORIGIN"
UNKNOWN = "- - http - - -"
#: By letter, the field and which of the words is its value.
IMPLIED = {"f": ("X-Forwarded-For", 0), "p": ("X-Forwarded-Proto", 2), "o": ("X-Forwarded-Port", 4), "r": ("X-Real-IP", 0)}
HOST_LETTER = "h"
#: By letter, the version of the client's HTTP as WSGI and ASGI name it.
VERSIONS = {"0": ("HTTP/1.0", "1.0"), "2": ("HTTP/2.0", "2")}
VERSION_11 = ("HTTP/1.1", "1.1")
#: The target was ``*``, where ``/`` came.
ASTERISK_LETTER = "*"
#: By letter, the fields that the client did not send: a length of 0 and an empty host.
UNSENT = {"n": "Content-Length", "x": "Host"}
#: What WSGI servers make of these fields.
NAMES_OF = {"Content-Length": ("CONTENT_LENGTH", "HTTP_CONTENT_LENGTH"), "Host": ("HTTP_HOST",)}
#: Where servers show a target as it came.
TARGETS = ("REQUEST_URI", "RAW_URI", "RAW_PATH_INFO")


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
    #: Of ``VERSIONS`` or ``VERSION_11``.
    version: tuple[str, str]
    #: Whether the target is ``*``.
    asterisk: bool
    #: Names of fields that are not the client's.
    unsent: list[str]
    #: The client's method; empty: that which came.
    method: str
    #: The path below which the request is, where that is its own; else empty.
    script: str


def read(told: str) -> Origin | None:
    """Reads the field's text; None: it is not the front's, for `terpan probe` asks for what the server itself says."""
    words = told.split(" ")
    if not 6 <= len(words) <= 8:
        return None
    address, port, scheme, name, name_port, letters = ("" if word == "-" else word for word in words[:6])
    implied = [(IMPLIED[letter][0], words[IMPLIED[letter][1]]) for letter in letters if letter in IMPLIED]
    unsent = [UNSENT[letter] for letter in letters if letter in UNSENT]
    version = next((VERSIONS[letter] for letter in letters if letter in VERSIONS), VERSION_11)
    more = words[6:]
    script = more.pop() if more and more[-1].startswith("/") else ""
    if len(more) > 1:
        return None
    method = more[0] if more else ""
    # Neither may be empty (PEP 3333), not even on a Unix listener.
    name_port = name_port or ("443" if scheme == "https" else "80")
    name = name or "localhost"
    own_host, asterisk = HOST_LETTER in letters, ASTERISK_LETTER in letters
    return Origin(address, port, scheme, name, name_port, implied, own_host, version, asterisk, unsent, method, script)


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
    def made(told: str) -> tuple[dict, bool, bool, list[str], bool, str, str] | None:
        origin = read(told)
        if origin is None:
            return None
        entries = {
            "REMOTE_ADDR": origin.address,
            "wsgi.url_scheme": origin.scheme,
            "SERVER_NAME": origin.name,
            "SERVER_PORT": origin.name_port,
            "SERVER_PROTOCOL": origin.version[0],
            "wsgi.multiprocess": multiprocess,
        }
        if origin.port:
            entries["REMOTE_PORT"] = origin.port
        if origin.method:
            entries["REQUEST_METHOD"] = origin.method
        if multithread is not None:
            entries["wsgi.multithread"] = multithread
        entries.update(("HTTP_" + name.upper().replace("-", "_"), value) for name, value in origin.implied)
        unsent = [name for field in origin.unsent for name in NAMES_OF[field]]
        mounted = origin.script or prefix
        return entries, bool(origin.port), origin.own_host, unsent, origin.asterisk, mounted, mounted + "/"

    remembered = Remembered(made)

    def identified(environ: dict, start_response: Callable) -> Iterable[bytes]:
        known = remembered[environ.pop(FIELD, UNKNOWN)]
        if known is None:
            return application(environ, start_response)
        entries, has_port, own_host, unsent, asterisk, mounted, below = known
        environ.update(entries)
        if not has_port:
            environ.pop("REMOTE_PORT", None)
        if own_host:
            environ["HTTP_X_FORWARDED_HOST"] = environ["HTTP_HOST"]
        if "QUERY_STRING" not in environ:
            environ["QUERY_STRING"] = ""
        if mend is not None:
            mend(environ)
        for name in unsent:
            environ.pop(name, None)
        if asterisk:
            environ["PATH_INFO"] = "*"
            for name in TARGETS:
                if name in environ:
                    environ[name] = "*"
        if mounted:
            path = environ["PATH_INFO"]
            if path == mounted or path.startswith(below):
                environ["SCRIPT_NAME"] = mounted
                environ["PATH_INFO"] = path[len(mounted) :]
        return application(environ, start_response)

    return identified
