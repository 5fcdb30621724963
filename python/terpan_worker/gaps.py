"""Fills what servers leave open in PEP 3333, so that an application behaves alike in all of them.

The server hears of an answer's head once, when nothing can replace it any more; what the application raises is reported and
answered like the built-in worker does it. A launcher asks for the rest that its server needs (``Launch.adapted``).
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from terpan_worker.answer_head import BODILESS, TOLD, TRIED, UNTOLD, Head, KeepingHead, as_bytes

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
    #: It takes pieces of this many bytes best: longer ones are divided.
    longest: int = 0
    #: It does not hold the body against Content-Length.
    lengths: bool = False
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


#: A handler that took no longer than this adds nothing to speak of to what the server takes itself.
QUICK_NANOS = 20_000


def filled(application: Callable, gaps: Gaps = Gaps(), development: bool = False) -> Callable:
    """Wraps an application."""
    head_class = KeepingHead if gaps.writes else Head
    file_wrapper = _file_wrapper() if gaps.files else None
    own_micros = gaps.own_micros
    took_own = _took(own_micros)
    frames = gaps.frames
    framed_class = _framed_class() if frames else None
    measured = gaps.lengths or frames
    passes = _passing(gaps)

    def answering(environ: dict, start_response: Callable) -> Iterable[bytes]:
        if file_wrapper is not None:
            environ["wsgi.file_wrapper"] = file_wrapper
        head = head_class()
        head.tell = start_response
        head.status = head.written = None
        head.state = UNTOLD
        began = perf_counter_ns() if own_micros else 0
        try:
            result = application(environ, head.start)
            # As nearly everyone answers, looked for at first and without a call: one short piece, and its length in the head.
            if (
                head.status is not None
                and head.state == UNTOLD
                and head.written is None
                and (
                    (
                        measured
                        and type(result) is list
                        and len(result) == 1
                        and type(result[0]) is bytes
                        and (size := len(result[0])) <= SHORT
                        and ("Content-Length", str(size)) in head.headers
                        and not (frames and (environ["REQUEST_METHOD"] == "HEAD" or head.status[:3] in BODILESS))
                    )
                    or passes(result, head, environ)
                )
            ):
                headers = head.headers
                if own_micros:
                    took = perf_counter_ns() - began
                    headers = [*headers, took_own if took < QUICK_NANOS else _took(own_micros + took // 1000)]
                head.state = TRIED
                start_response(head.status, headers)
                return result
        except Exception as error:
            result = _raising(error)
        pieces = _Pieces(result, head, environ, gaps, development)
        if framed_class is None:
            return pieces
        framed = framed_class(pieces, environ, start_response)
        head.tell = framed.start_response
        return framed

    return answering


def _took(micros: int) -> tuple[str, str]:
    """The front keeps this field to itself."""
    return "X-Terpan-Took", str(micros)


def _passing(gaps: Gaps) -> Callable[[Any, Head, dict], bool]:
    """Makes the question whether the server may have what the application returned, as it is."""
    empties, longest, lengths, frames, files, long = gaps.empties, gaps.longest, gaps.lengths, gaps.frames, gaps.files, gaps.long

    def passes(result: Any, head: Head, environ: dict) -> bool:
        if frames:
            return False
        if type(result) is not list and type(result) is not tuple:
            return not files and is_file(result, environ)
        if empties and not result:
            return False
        if longest and any(len(piece) > longest for piece in result):
            return False
        if not lengths and long is None:
            return True
        if any(type(piece) is not bytes for piece in result):
            return False
        size = sum(map(len, result))
        if long is not None and size > SHORT:
            return False
        return not lengths or head.length in (None, size)

    return passes


def _framed_class() -> type:
    from terpan_worker.framing import Framed

    return Framed


def is_file(result: Any, environ: dict) -> bool:
    """A class of the server's means that it knows a better way to send a file than piece by piece."""
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(result, wrapper)


def _file_wrapper() -> type:
    from terpan_worker.native.files import FileWrapper

    return FileWrapper


def _raising(error: Exception) -> Iterator[bytes]:
    raise error
    yield b""


class _Pieces:
    """An answer in pieces, in place of what the application returned, which is closed with it."""

    def __init__(self, result: Any, head: Head, environ: dict, gaps: Gaps, development: bool) -> None:
        self._result = result
        self._head = head
        self._environ = environ
        self._gaps = gaps
        self._development = development
        self._pieces = self._all()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        close_result(self._result)

    def _all(self) -> Iterator[bytes]:
        try:
            if self._gaps.long is not None:
                self._gaps.long(self._environ)
            if self._gaps.frames and type(self._result) in (list, tuple) and self._head.written is None:
                self._head.measure(sum(map(len, self._result)))
            empty = True
            for piece in self._measured() if self._gaps.lengths else self._given():
                self._head.give()
                empty = False
                yield from self._divided(piece)
            if empty and self._gaps.empties and not self._is_head():
                self._head.measure(0)
            self._head.give()
            if empty and self._gaps.empties:
                yield b""
        except Exception:
            detail = _report(self._environ)
            if self._head.state == TOLD:
                if self._gaps.cut is None:
                    raise
                self._gaps.cut(self._environ)
                return
            yield self._failure(detail if self._development else "")

    def _divided(self, piece: bytes) -> Iterator[bytes]:
        most = self._gaps.longest or len(piece)
        if len(piece) <= most:
            yield piece
            return
        for start in range(0, len(piece), most):
            yield piece[start : start + most]

    def _measured(self) -> Iterator[bytes]:
        """No byte more than Content-Length says, and none less."""
        missing = None
        for piece in self._given():
            if missing is None and self._head.length is None:
                yield piece
                continue
            missing = (self._head.length if missing is None else missing) - len(piece)
            if missing < 0:
                piece = piece[:missing]
                _say(f"the answer to {self._environ.get('PATH_INFO')} is cut: it is longer than its Content-Length")
            if piece:
                yield piece
            if missing < 0:
                return
        if missing is None:
            missing = self._head.length
        if missing and not self._is_head():
            raise ValueError(f"the answer ended {missing} bytes before its Content-Length")

    def _given(self) -> Iterator[bytes]:
        """What was written and what was returned, without pieces of no bytes."""
        taken = self._head.taken
        yield from taken()
        for piece in self._result:
            yield from taken()
            if piece:
                yield piece if type(piece) is bytes else as_bytes(piece)
        yield from taken()

    def _is_head(self) -> bool:
        return self._environ["REQUEST_METHOD"] == "HEAD"

    def _failure(self, detail: str) -> bytes:
        from terpan_worker.native.heads import plain_failure

        _, status, headers, body = plain_failure(0, detail)
        self._head.replace(status, headers)
        self._head.give()
        return b"" if self._is_head() else body


def close_result(result: Any) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()


def _report(environ: dict) -> str:
    import traceback

    detail = traceback.format_exc()
    _say(f"the application failed in {environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}\n{detail.rstrip()}")
    return detail


def _say(text: str) -> None:
    from terpan_worker.native.report import report

    report(text)
