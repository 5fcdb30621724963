"""`wsgi.early_hints`, as Gunicorn has it: fields that a client may use before the answer is there (RFC 8297)."""

from _thread import get_ident
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import frames
from .answer import Answer
from .heads import HOP_BY_HOP, checked_field
from .link import Entry, Link

CALLS_MOST = 16
"""What is said more often for one request is dropped: the front takes no more."""
SIZE_MOST = 8 * 1024
FIELDS_MOST = 100
_STATUS = "HTTP/1.1 103 Early Hints\r\n"

Present = Callable[[], Tuple[Entry, Optional[Answer], int]]


def hinting(constants: Dict[str, Any], link: Link, present: Present) -> Dict[str, Any]:
    """These with the callable of one thread; `present` tells of its request, of what was answered, and whose thread it is."""
    last: Optional[Entry] = None
    calls = 0

    def early_hints(headers: Any) -> None:
        """Sends these fields now. Nothing happens where the client cannot take them, or the answer has begun."""
        nonlocal last, calls
        entry, answer, owner = present()
        if get_ident() != owner:
            raise RuntimeError("wsgi.early_hints belongs to the thread that was called with the request")
        data = _head(headers)
        if (answer is not None and answer.begun) or entry[1]["SERVER_PROTOCOL"] == "HTTP/1.0":
            return
        if entry is not last:
            last, calls = entry, 0
        calls += 1
        if calls <= CALLS_MOST:
            link.send(frames.numbered(frames.HINTS, entry[0], data))

    return {**constants, "wsgi.early_hints": early_hints}


def _head(headers: Any) -> bytes:
    """The fields as a head of HTTP/1.1; raises TypeError or ValueError saying what is wrong."""
    lines: List[str] = [_STATUS]
    for header in headers:
        name, value = checked_field(tuple(map(_text, header)))
        if name.lower() not in HOP_BY_HOP and name.lower() != "content-length":
            lines.append(f"{name}: {value.strip()}\r\n")
    lines.append("\r\n")
    data = "".join(lines).encode("latin-1")
    if len(data) > SIZE_MOST or len(lines) - 2 > FIELDS_MOST:
        raise ValueError(
            f"early hints of {len(lines) - 2} fields and {len(data)} bytes, expected at most {FIELDS_MOST} and {SIZE_MOST}"
        )
    return data


def _text(part: Any) -> Any:
    return part.decode("latin-1") if isinstance(part, bytes) else part
