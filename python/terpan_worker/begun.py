"""For servers that want to know of an answer's head by the time that the application returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terpan_worker.results import close_result, is_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def begun(application: Callable) -> Callable:
    """``start_response`` was called when the application returns, even where it is a generator."""

    def begins(environ: dict, start_response: Callable) -> Iterable[bytes]:
        result = application(environ, start_response)
        return result if type(result) in (list, tuple) or is_file(result, environ) else _Begun(result)

    return begins


class _Begun:
    """What an application returned, its first piece at hand."""

    def __init__(self, result: Any) -> None:
        self._result = result
        self._rest = iter(result)
        try:
            self._first = [next(self._rest)]
        except StopIteration:
            self._first = []
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        yield from self._first
        yield from self._rest

    def close(self) -> None:
        close_result(self._result)
