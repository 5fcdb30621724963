"""Fills what servers leave open in PEP 3333, so that an application behaves alike in all of them.

The server hears of an answer's head once, when nothing can replace it any more; what the application raises is reported and
answered like the built-in worker does it. A launcher asks for the rest that its server needs (``Launch.adapted``).
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from terpan_worker import children, raised
from terpan_worker.answer_head import OVER, TOLD, TRIED, UNTOLD, Head, KeepingHead, as_bytes
from terpan_worker.native.heads import plain_length
from terpan_worker.results import close_result, is_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


#: Bytes that any socket takes at once when nothing waits in it, with room for a head.
SHORT = 1 << 13


class Gaps(NamedTuple):
    """What a server leaves open."""

    #: It has no ``write``: what is written leaves when the application returns.
    writes: bool = False
    #: It errs with an answer that has no piece: such a one gets a length and a piece of no bytes.
    empties: bool = False
    #: It gives no end to an answer of which all was written and nothing returned: no bytes, written, are that.
    ends: bool = False
    #: It takes pieces of this many bytes best: longer ones are divided.
    longest: int = 0
    #: It lets an answer's end be the connection's end, and sends what is none of a HEAD's: such answers are framed.
    frames: bool = False
    #: Its ``wsgi.file_wrapper`` is none, or errs.
    files: bool = False
    #: It does not break off an answer that fails halfway as it should: this, called with the environ, breaks it off instead.
    cut: Callable[[dict], object] | None = None
    #: It must be made ready, by this called with the environ, before an answer longer than ``SHORT`` or one in pieces.
    long: Callable[[dict], object] | None = None
    #: It works on one request at a time, and takes about so many microseconds itself for one. The front is told how long each took: it
    #: could not tell a slow handler from a worker that waited for a processor.
    own_micros: int = 0
    #: What finds the field that tells the route of a request, of ``routes.in_a_field``.
    route_of: Callable[[dict], tuple[str, str] | None] | None = None


#: A handler that took no longer than this adds nothing to speak of to what the server takes itself.
QUICK_NANOS = 20_000


def filled(application: Callable, gaps: Gaps = Gaps()) -> Callable:
    """Wraps an application."""
    head_class = KeepingHead if gaps.writes else Head
    route_of = gaps.route_of
    file_wrapper = _file_wrapper() if gaps.files else None
    own_micros = gaps.own_micros
    took_own = _took(own_micros)
    frames = gaps.frames
    framed_class = _framed_class() if frames else None
    passes = _passing(gaps)

    def answering(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if file_wrapper is not None:
            environ["wsgi.file_wrapper"] = file_wrapper
        head = head_class()
        head.tell = start_response
        head.status = head.written = None
        head.state = UNTOLD
        # Now: the application may change its environ as it likes.
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        chunks = frames and environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        began = perf_counter_ns() if own_micros else 0
        result: Any = ()
        failure = None
        try:
            result = application(environ, head.start)
            if children.forked:
                children.end()
            if head.status is not None and head.state == UNTOLD and head.written is None:
                # As nearly everyone answers, looked for at first: one short piece, and its length in the head.
                length = plain_length(head.status, head.headers)
                if (
                    length >= 0
                    and type(result) is list
                    and len(result) == 1
                    and type(result[0]) is bytes
                    and len(result[0]) == length <= SHORT
                    and not (frames and is_head)
                ):
                    untouched = True
                else:
                    head.check()
                    untouched = passes(result, head, environ)
                if route_of is not None and (field := route_of(environ)) is not None:
                    head.headers = [*head.headers, field]
                if untouched:
                    headers = head.headers
                    if own_micros:
                        took = perf_counter_ns() - began
                        headers = [*headers, took_own if took < QUICK_NANOS else _took(own_micros + took // 1000)]
                    head.state = TRIED
                    start_response(head.status, headers)
                    head.state = OVER
                    return result
        except BaseException as error:
            if children.forked:
                children.end(error)
            # Told here: kept with its traceback it would keep the frames of the application, and all that is in them.
            failure = failed(error, environ, head)
        pieces = Pieces(result, head, environ, is_head, gaps, failure)
        if framed_class is None:
            return pieces
        framed = framed_class(pieces, is_head, chunks, start_response)
        head.tell = framed.start_response
        return framed

    return answering


def _took(micros: int) -> tuple[str, str]:
    """The front keeps this field to itself."""
    return "X-Terpan-Took", str(micros)


def _passing(gaps: Gaps) -> Callable[[Any, Head, dict], bool]:
    """Makes the question whether the server may have what the application returned, as it is."""
    empties, longest, frames, files, long = gaps.empties, gaps.longest, gaps.frames, gaps.files, gaps.long

    def passes(result: Any, head: Head, environ: dict) -> bool:
        if frames:
            return False
        if type(result) is not list and type(result) is not tuple:
            return not files and is_file(result, environ) and _is_as_long(result, head.length)
        if empties and not result:
            return False
        size = 0
        for piece in result:
            if type(piece) is not bytes or (longest and len(piece) > longest):
                return False
            if not piece and head.length is None:
                return False  # As a chunk it would be the answer's end, and what follows the next answer's begin.
            size += len(piece)
        if long is not None and size > SHORT:
            return False
        return head.length == size or (head.length is None and not (size and head.bodiless))

    return passes


def _framed_class() -> type:
    from terpan_worker.framing import Framed

    return Framed


def _is_as_long(result: Any, length: int | None) -> bool:
    """Servers differ in what they do with a file that is longer than the answer, or shorter."""
    if length is None:
        return True
    file = _file_wrapper()(getattr(result, "filelike", None) or getattr(result, "file", None)).regular_file()
    return file is not None and file.length == length


def _file_wrapper() -> type:
    from terpan_worker.native.files import FileWrapper

    return FileWrapper


class CutOff(RuntimeError):
    """Ends an answer that has begun. What the application raised was told; a server would end for some of it."""


class Failure(NamedTuple):
    """What is left of what was raised; not the exception itself, which holds frames."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    #: its kind and text
    reason: str


def failed(error: BaseException, environ: dict, head: Head) -> Failure:
    """Tells of it, unless it was the server that raised."""
    from terpan_worker.native.heads import failure_of

    told = reason = ""
    if not (head.state == TOLD and head.broken):
        detail = raised.traceback_of(error)
        reason = detail.rpartition("\n")[2]
        told = _report(detail, environ)
    _, status, headers, body = failure_of(error, 0, told)
    return Failure(status, headers, body, reason)


class Pieces:
    """An answer in pieces, in place of what the application returned, which is closed with it."""

    def __init__(
        self, result: Any, head: Head, environ: dict, is_head: bool, gaps: Gaps, failure: Failure | None
    ) -> None:
        self._result = result
        self._head = head
        self._environ = environ
        self._gaps = gaps
        self._is_head = is_head
        self._failure = failure
        self._pieces = self._all() if failure is None else head.taken_as_told()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
            if children.forked:
                children.end()
            return piece
        except StopIteration:
            if children.forked:
                children.end()
            failure, self._failure = self._failure, None
            if failure is None:
                raise
        except BaseException as error:
            if self._head.state == TOLD and self._head.broken and isinstance(error, Exception):
                raise
            if children.forked:
                children.end(error)
            failure = failed(error, self._environ, self._head)
        # Not within the handler of what was raised: that would go along as the context.
        return self._instead(failure)

    def close(self) -> None:
        """Closes the result, and lets go of all that is the application's: what a server keeps of this is its own."""
        result, self._result, self._pieces = self._result, (), iter(())
        self._head.end()
        try:
            close_result(result)
        except BaseException as error:
            _report(raised.traceback_of(error), self._environ)

    def _all(self) -> Iterator[bytes]:
        head, gaps, is_head = self._head, self._gaps, self._is_head
        if gaps.long is not None:
            gaps.long(self._environ)
        if gaps.frames and type(self._result) in (list, tuple) and head.status is not None and head.written is None:
            head.measure(sum(map(len, self._result)))
        empty = True
        for piece in self._given():
            head.give()
            if head.bodiless:
                break  # An answer without end must not be run where none belongs.
            piece = piece if is_head else head.cut(piece)
            if piece:
                empty = False
                yield from self._divided(piece)
            if is_head or head.cuts:
                break
        if head.state != TOLD and head.status is not None and not is_head:
            if gaps.empties:
                head.measure(0)
            else:
                head.check()
        if head.status is not None and not is_head and head.left:
            raise ValueError(f"the answer ended {head.left} bytes before its Content-Length")
        written = head.state == TOLD and empty
        head.give()
        if written and gaps.ends:
            head.write_end()
        if head.cuts:
            _say(f"the answer to {self._environ.get('PATH_INFO')} is cut: it is longer than its Content-Length")
        if empty and gaps.empties:
            yield b""

    def _divided(self, piece: bytes) -> Iterator[bytes]:
        most = self._gaps.longest or len(piece)
        if len(piece) <= most:
            yield piece
            return
        for start in range(0, len(piece), most):
            yield piece[start : start + most]

    def _given(self) -> Iterator[bytes]:
        """What was written and what was returned, without pieces of no bytes."""
        taken = self._head.taken
        yield from taken()
        for piece in self._result:
            yield from taken()
            if piece:
                yield piece if type(piece) is bytes else as_bytes(piece)
        yield from taken()

    def _instead(self, failure: Failure) -> bytes:
        """What the client gets in place of what failed: an answer that says so, or the end of its connection."""
        self._pieces = iter(())
        head = self._head
        if head.state == TOLD:
            if head.left == 0 or head.bodiless or self._is_head:
                raise StopIteration  # The answer is whole: its connection may be in use for the next one.
            if self._gaps.cut is None:
                raise CutOff(failure.reason)
            self._gaps.cut(self._environ)
            raise StopIteration
        head.replace(failure.status, failure.headers)
        head.give()
        return b"" if self._is_head else failure.body


def _report(detail: str, environ: dict) -> str:
    told = raised.told(detail)
    traceparent = environ.get("HTTP_TRACEPARENT", "")
    raised.tell(told, environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"), traceparent)
    return told


def _say(text: str) -> None:
    from terpan_worker.native.report import report

    report(text)
