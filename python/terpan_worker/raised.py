"""Tells the front of an application that raised: a line for its log, and a field of the answer by which it finds the request.

The line stands even where nobody waits for the answer any more; the field has the same text and number, so that the front makes one
record of both, with the request's id, and a page. Both are bounded, and of printable ASCII alone.
"""

from __future__ import annotations

import os
import sys
from itertools import count

#: Begins the line; the front looks for it.
BEGIN = "raised: "
FIELD = "X-Terpan-Raised"
#: Of a traceback the end is what matters most.
TRACE_MOST = 6000
#: Bytes of the traceback as they are sent; the front takes lines of 16 KiB.
SENT_MOST = 9000
TARGET_MOST = 600

_numbers = count(1)


def traceback_of(error: BaseException) -> str:
    import traceback  # Costs milliseconds that no start needs.

    return "".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip()


def traceback_in_hand() -> str:
    """The traceback in hand without the frames that are ours or the import machinery's."""
    import traceback

    kind, error, trace = sys.exc_info()
    ours = os.path.dirname(os.path.abspath(__file__))
    report = traceback.TracebackException(kind, error, trace)
    _trim(report, ours)
    return "".join(report.format())


def _trim(report, ours: str) -> None:
    while report is not None:
        kept = [
            frame
            for frame in report.stack
            if not frame.filename.startswith(ours) and not frame.filename.startswith("<frozen importlib")
        ]
        report.stack[:] = kept
        report = report.__cause__ or report.__context__


def told(detail: str) -> str:
    """The field's value: a number that this process gives once, and the traceback."""
    return f"{os.getpid()}-{next(_numbers)} {_shortened(detail)}"


def tell(value: str, method: object, path: object, traceparent: str = "") -> None:
    """Writes the line for a value of ``told``, with the request's trace if it has one."""
    from terpan_worker.native.report import report

    number, _, trace = value.partition(" ")
    report(f"{BEGIN}{number}{_trace_of(traceparent)} {_word(str(method))} {_word(str(path))} {trace}")


def tell_of(error: BaseException, method: object, path: object, request: str, traceparent: str = "") -> None:
    """Writes the line for an application that has answered itself: no field can go with that, so the line has the request's id."""
    from terpan_worker.native.report import report

    words = " ".join(_word(str(word)) for word in (request, method, path))
    report(f"{BEGIN}-{_trace_of(traceparent)} {words} {_shortened(traceback_of(error))}")


def _trace_of(traceparent: str) -> str:
    """The trace's id behind a slash; nothing where there is none."""
    trace = traceparent[3:35]  # W3C Trace Context, section 3.2.2
    return "/" + trace if len(trace) == 32 and set(trace) <= set("0123456789abcdef") else ""


def _shortened(detail: str) -> str:
    text = detail if len(detail) <= TRACE_MOST else "...\n" + detail[-TRACE_MOST:]
    sent = encoded(text)
    while len(sent) > SENT_MOST:
        text = "..." + text[len(text) // 2 :]
        sent = encoded(text)
    return sent


def _word(text: str) -> str:
    # A path in a WSGI environ is latin-1 of bytes.
    return encoded(text[: TARGET_MOST // 3], " ") or "-"


def encoded(text: str, more: str = "") -> str:
    """Percent-encoded: what is not printable ASCII, ``%``, and ``more``."""
    kept = set(range(0x20, 0x7F)) - set(("%" + more).encode("ascii"))
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in text.encode("utf-8", "backslashreplace"))
