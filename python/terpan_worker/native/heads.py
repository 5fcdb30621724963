"""What may stand in the head of an answer."""

import re
from typing import Any, List, NamedTuple, Optional, Tuple

Header = Tuple[str, str]

_STATUS = re.compile(r"[1-9][0-9]{2}( [^\x00-\x08\x0a-\x1f\x7f]*)?\Z")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_BAD_VALUE = re.compile(r"[\x00\r\n]|[^\x00-\xff]")
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


class Head(NamedTuple):
    """A head with nothing odd in it."""

    status: str
    headers: List[Header]
    length: Optional[int]


def check_head(status: Any, headers: Any) -> Head:
    """Exact types made; raises TypeError or ValueError saying what is wrong."""
    if status is None:
        raise TypeError("the application did not call start_response before its first bytes")
    if not isinstance(status, str):
        raise TypeError(f"status {status!r} of type {type(status).__name__}, expected str")
    if not _STATUS.match(status):
        raise ValueError(f"status {status!r}, expected three digits, a space and a reason")
    if not isinstance(headers, list):
        raise TypeError(f"headers of type {type(headers).__name__}, expected list")
    if len(headers) > FIELDS_MOST:
        raise ValueError(f"{len(headers)} headers, expected at most {FIELDS_MOST}")
    exact: List[Header] = []
    length: Optional[int] = None
    for header in headers:
        if not isinstance(header, tuple) or len(header) != 2:
            raise TypeError(f"header {header!r}, expected a tuple of name and value")
        name, value = header
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"header {header!r}, expected name and value of type str")
        name, value = str.__str__(name), str.__str__(value)
        if not _NAME.match(name):
            raise ValueError(f"header name {name!r}, expected letters, digits and -")
        if _BAD_VALUE.search(value):
            raise ValueError(f"header {name}: value {value!r}, expected latin-1 without CR, LF and NUL")
        lowered = name.lower()
        if lowered in HOP_BY_HOP:
            raise ValueError(f"header {name}: hop-by-hop headers belong to the server, not to the application")
        if lowered == "content-length":
            length = content_length(value)
        exact.append((name, value))
    return Head(str.__str__(status), exact, length)


def content_length(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 18:
        raise ValueError(f"header Content-Length: value {value!r}, expected a number of bytes")
    return int(value)


def plain_failure(number: int, detail: str = "") -> Tuple[int, str, List[Header], bytes]:
    """The answer to a request whose application failed before its answer began."""
    body = (detail or "Internal Server Error\n").encode("utf-8", "backslashreplace")
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    return (number, "500 Internal Server Error", headers, body)


def without_body(status: str) -> bool:
    """Whether an answer of this status has no body whatever its Content-Length says."""
    return status[:3] in ("204", "304") or status[:1] == "1"
