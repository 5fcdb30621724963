"""What an application returned, whatever it is."""

from __future__ import annotations

from typing import Any


def is_file(result: Any, environ: dict) -> bool:
    """A class of the server's means that it knows a better way to send a file than piece by piece."""
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(result, wrapper)


def close_result(result: Any) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()
