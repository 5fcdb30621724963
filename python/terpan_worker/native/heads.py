"""What may stand in the head of an answer."""

import re
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .. import raised
from .report import DEBUG, report

Header = Tuple[str, str]

_STATUS = re.compile(r"[0-9]{3}( [^\x00-\x08\x0a-\x1f\x7f]*)?\Z")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_BAD_VALUE = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
#: Whoever stands in front may send the file that is named here in the place of the body.
NAMES_FILE = ("x-sendfile", "x-accel-redirect")
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)


FIELDS_MOST = 256
HEAD_MOST = 128 * 1024
"""Characters of all names and values together; the front takes no longer head."""

ODD = -2
"""Stands for the length of a head that needs the closer look of `check_head`."""

_REMEMBERED_MOST = 1024
_REMEMBERED_LENGTH = 1024
_PLAIN_VALUE_MOST = 4096
_plain_statuses: Set[str] = set()
"""Statuses that were looked at, of answers with a body."""
_plain_fields: Dict[Header, int] = {}
"""
Fields that were looked at and are as they should be, for nearly every answer of an application has the same few: the number of a
Content-Length, -1 for any other.
"""
_dropped: Set[str] = set()


class Head(NamedTuple):
    """A head with nothing odd in it."""

    status: str
    headers: List[Header]
    length: Optional[int]


class NotFinal(ValueError):
    """A status that can not be the one of a final answer; answered as a gateway does."""


def plain_length(status: Any, headers: Any) -> int:
    """
    The Content-Length of a head with nothing odd in it and with a body to come, -1 where it has none; else `ODD`. Cheap, for every
    request.
    """
    if type(status) is not str or status not in _plain_statuses or type(headers) is not list or len(headers) > FIELDS_MOST:
        return ODD
    length = -1
    try:
        for header in headers:
            known = _plain_fields.get(header)
            if known is None:
                known = _look_at(header)
            if known != -1:
                if known == ODD or length != -1:
                    return ODD
                length = known
    except TypeError:  # It can not be looked for: a list.
        return ODD
    return length


def _look_at(header: Any) -> int:
    if type(header) is not tuple or len(header) != 2:
        return ODD
    name, value = header
    if type(name) is not str or type(value) is not str or len(value) > _PLAIN_VALUE_MOST:
        return ODD
    lowered = name.lower()
    if lowered == "content-length":
        if len(value) > 18 or not (value.isascii() and value.isdigit()):
            return ODD
        known = int(value)
    elif not _NAME.match(name) or _BAD_VALUE.search(value) or lowered in HOP_BY_HOP:
        return ODD
    else:
        known = -1
    # Cookies are nobody's to keep, and seldom twice the same.
    if len(name) + len(value) <= _REMEMBERED_LENGTH and lowered != "set-cookie":
        if len(_plain_fields) >= _REMEMBERED_MOST:
            _plain_fields.clear()
        _plain_fields[header] = known
    return known


def listed(headers: Any) -> Any:
    """A list of its own where they are something like one: servers take tuples, and the items of a dictionary."""
    return headers if isinstance(headers, (str, bytes)) or not hasattr(headers, "__iter__") else list(headers)


def check_head(status: Any, headers: Any) -> Head:
    """Exact types made, hop-by-hop fields left out; raises TypeError or ValueError saying what is wrong."""
    if status is None:
        raise TypeError("the application did not call start_response before its first bytes")
    exact_status = _check_status(status)
    headers = listed(headers)
    if type(headers) is not list:
        raise TypeError(f"headers of type {type(headers).__name__}, expected list")
    if len(headers) > FIELDS_MOST:
        raise ValueError(f"{len(headers)} headers, expected at most {FIELDS_MOST}")
    exact: List[Header] = []
    length: Optional[int] = None
    size = 0
    names_file = False
    for header in headers:
        name, value = checked_field(header)
        lowered = name.lower()
        names_file = names_file or lowered in NAMES_FILE
        if lowered in HOP_BY_HOP:
            _say_dropped(lowered)
            continue
        if lowered == "content-length":
            given = content_length(value)
            if length not in (None, given):
                raise ValueError(f"header Content-Length: value {value!r}, and {length} before")
            if length is None:
                exact.append((name, str(given)))
            length = given
            continue
        size += len(name) + len(value)
        if size > HEAD_MOST:
            raise ValueError(f"header {name}: the head becomes longer than {HEAD_MOST} bytes")
        exact.append((name, value))
    if names_file and length:
        # Flask and others tell the length of the file, and give no body.
        exact = [field for field in exact if field[0].lower() != "content-length"]
        length = None
    return Head(exact_status, exact, length)


def _check_status(status: Any) -> str:
    if not isinstance(status, str):
        raise TypeError(f"status {status!r} of type {type(status).__name__}, expected str")
    exact = str.__str__(status)
    if not _STATUS.match(exact):
        raise ValueError(f"status {status!r}, expected three digits, a space and a reason")
    if not "200" <= exact[:3] <= "599":
        raise NotFinal(f"status {status!r}, which no final answer can have: expected one from 200 to 599")
    if not exact[4:].strip():
        exact = f"{exact[:3]} {_reason(exact[:3])}"  # Twisted never answers without one.
    if not exact.isascii() and _BAD_VALUE.search(exact):
        raise ValueError(f"status {status!r}, expected latin-1")
    if not without_body(exact):
        if len(_plain_statuses) >= _REMEMBERED_MOST:
            _plain_statuses.clear()
        _plain_statuses.add(exact)
    return exact


def _reason(code: str) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(int(code)).phrase
    except ValueError:
        return "Unknown"


def checked_field(header: Any) -> Header:
    """Of exact types; raises TypeError or ValueError saying what is wrong."""
    if not isinstance(header, (tuple, list)) or len(header) != 2:
        raise TypeError(f"header {header!r}, expected a tuple of name and value")
    name, value = header
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"header {header!r}, expected name and value of type str")
    name, value = str.__str__(name), str.__str__(value)
    if not _NAME.match(name):
        raise ValueError(f"header name {name!r}, expected letters, digits and -")
    if _BAD_VALUE.search(value):
        raise ValueError(f"header {name}: value {value!r}, expected latin-1 without control characters such as CR, LF and NUL")
    return name, value


def _say_dropped(name: str) -> None:
    if name not in _dropped:  # Once for each: there are nine of them.
        _dropped.add(name)
        report(f"the header {name} of the application is dropped here and from now on: hop-by-hop headers belong to the server", DEBUG)


def content_length(value: str) -> int:
    digits = value.strip(" \t")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise ValueError(f"header Content-Length: value {value!r}, expected a number of bytes")
    return int(digits)


def failure_of(error: BaseException, number: int = 0, told: str = "") -> Tuple[int, str, List[Header], bytes]:
    """
    The answer to a request whose application raised this before its answer began; `told` is what `raised` tells of it, by which
    the front makes a page of its own.
    """
    return plain_failure(number, "502 Bad Gateway" if isinstance(error, NotFinal) else "500 Internal Server Error", told)


def plain_failure(
    number: int, status: str = "500 Internal Server Error", told: str = ""
) -> Tuple[int, str, List[Header], bytes]:
    """The answer to a request whose application failed before its answer began."""
    body = (status[4:] + "\n").encode("ascii")
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    if told:
        headers.append((raised.FIELD, told))
    return (number, status, headers, body)


def without_body(status: str) -> bool:
    """Whether an answer of this status has no body whatever its Content-Length says."""
    return status[:3] in ("204", "304") or status[:1] == "1"
