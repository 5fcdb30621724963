"""Fills what servers leave open in PEP 3333, as wrappers of the application, so that it behaves alike in all of them.

Every server gets ``failing``; a launcher asks for the others that its server needs (``Launch.adapted``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WRITTEN_IN_MEMORY = 1 << 20
BLOCK = 1 << 16


def failing(application: Callable, development: bool = False, cut: Callable[[dict], object] | None = None) -> Callable:
    """An exception is reported and answered like the built-in worker does it: 500 with a length, or a broken-off answer.

    ``cut`` takes the environ of a request whose answer has begun, before the exception goes on to the server; for servers
    that would end that answer as if it were whole.
    """

    def answering(environ: dict, start_response: Callable) -> Iterable[bytes]:
        try:
            result = application(environ, start_response)
        except Exception:
            return _failure(environ, start_response, development)
        if type(result) in (list, tuple) or _is_file(result, environ):
            return result
        return _Watched(result, environ, start_response, development, cut)

    return answering


def writing(application: Callable) -> Callable:
    """``start_response`` returns a ``write`` that works; what was written leaves when the application returns."""

    def written(environ: dict, start_response: Callable) -> Iterable[bytes]:
        writer = _Writer(start_response)
        try:
            result = application(environ, writer.start_response)
        except Exception as error:
            if not writer.used:
                raise
            return _Written(writer, _raising(error))
        # An application that is a generator has not begun yet, and may write when it does.
        return _Written(writer, result) if writer.used or not writer.started else result

    return written


def begun(application: Callable) -> Callable:
    """``start_response`` was called when the application returns, even where it is a generator."""

    def begins(environ: dict, start_response: Callable) -> Iterable[bytes]:
        result = application(environ, start_response)
        return result if type(result) in (list, tuple) or _is_file(result, environ) else _Begun(result)

    return begins


def never_empty(application: Callable) -> Callable:
    """An answer without a body is one empty piece."""

    def filled(environ: dict, start_response: Callable) -> Iterable[bytes]:
        result = application(environ, start_response)
        if type(result) in (list, tuple):
            return result or [b""]
        return result if _is_file(result, environ) else _Filled(result)

    return filled


def _is_file(result: Any, environ: dict) -> bool:
    """Whether the server knows a better way to send it than piece by piece."""
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(result, wrapper)


class _Pieces:
    """A result in place of another one, which is closed with it."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self._pieces = self._given()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        close = getattr(self._result, "close", None)
        if close is not None:
            close()

    def _given(self) -> Iterator[bytes]:
        raise NotImplementedError


class _Watched(_Pieces):
    def __init__(self, result: Any, environ: dict, start_response: Callable, development: bool, cut: Callable | None) -> None:
        super().__init__(result)
        self._failed = lambda: _failure(environ, start_response, development)
        self._environ = environ
        self._cut = cut

    def _given(self) -> Iterator[bytes]:
        begun = False
        try:
            for piece in self._result:
                begun = begun or bool(piece)
                yield piece
        except Exception:
            if not begun:
                try:
                    page = self._failed()
                except Exception:
                    pass  # The server had sent the head with a piece of no bytes; what the application raised goes on.
                else:
                    yield from page
                    return
            else:
                _report(self._environ)
            if self._cut is not None:
                self._cut(self._environ)
            raise


class _Begun(_Pieces):
    def __init__(self, result: Any) -> None:
        super().__init__(result)
        self._rest = iter(result)
        try:
            self._first = [next(self._rest)]
        except StopIteration:
            self._first = []
        except BaseException:
            self.close()
            raise

    def _given(self) -> Iterator[bytes]:
        yield from self._first
        yield from self._rest


class _Filled(_Pieces):
    def _given(self) -> Iterator[bytes]:
        empty = True
        for piece in self._result:
            empty = False
            yield piece
        if empty:
            yield b""


class _Writer:
    """Keeps what is written: in memory, and in a file when it is much."""

    def __init__(self, start_response: Callable) -> None:
        self._start_response = start_response
        self._kept: list[bytes] = []
        self._bytes = 0
        self._file: Any = None
        self.started = False
        self.used = False

    def start_response(self, status: str, headers: list, exc_info: Any = None) -> Callable:
        if self.used and exc_info:
            try:
                raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        if exc_info:
            self._start_response(status, headers, exc_info)
        else:
            self._start_response(status, headers)
        self.started = True
        return self.write

    def write(self, data: bytes) -> None:
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError(f"a piece of the answer of type {type(data).__name__}, expected bytes")
        if not data:
            return
        self.used = True
        self._kept.append(bytes(data))
        self._bytes += len(data)
        if self._bytes > WRITTEN_IN_MEMORY:
            self._to_file()

    def _to_file(self) -> None:
        if self._file is None:
            import tempfile

            self._file = tempfile.TemporaryFile()
        self._file.writelines(self._kept)
        self._kept.clear()
        self._bytes = 0

    def taken(self) -> Iterator[bytes]:
        """Gives out what was written and forgets it."""
        file, self._file = self._file, None
        if file is not None:
            with file:
                file.seek(0)
                yield from iter(lambda: file.read(BLOCK), b"")
        kept, self._kept = self._kept, []
        self._bytes = 0
        yield from kept


class _Written(_Pieces):
    def __init__(self, writer: _Writer, result: Any) -> None:
        super().__init__(result)
        self._writer = writer

    def _given(self) -> Iterator[bytes]:
        yield from self._writer.taken()
        for piece in self._result:
            yield from self._writer.taken()
            yield piece
        yield from self._writer.taken()


def _raising(error: Exception) -> Iterator[bytes]:
    raise error
    yield b""


def _failure(environ: dict, start_response: Callable, development: bool) -> list[bytes]:
    """Answers 500; raises what is in hand when the server says that it is too late for that."""
    from terpan_worker.native.heads import plain_failure

    detail = _report(environ)
    _, status, headers, body = plain_failure(0, detail if development else "")
    start_response(status, headers, sys.exc_info())
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _report(environ: dict) -> str:
    import traceback

    from terpan_worker.native.report import report

    detail = traceback.format_exc()
    report(f"the application failed in {environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}\n{detail.rstrip()}")
    return detail
