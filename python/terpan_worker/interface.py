"""Which interface an application speaks: WSGI is called, ASGI is called and awaited."""

from __future__ import annotations

from typing import Any

COROUTINE = 0x80  # inspect.CO_COROUTINE; the module costs every start some milliseconds
UNWRAP_MOST = 16


def is_asgi(application: Any) -> bool:
    """Whether calling it gives a coroutine: an async function, or an object whose ``__call__`` is one."""
    return _is_coroutine_function(application) or _is_coroutine_function(getattr(type(application), "__call__", None))


def is_asgi_class(application: Any) -> bool:
    """Whether it is a class, not called yet, whose instances are ASGI applications."""
    return isinstance(application, type) and _is_coroutine_function(application.__dict__.get("__call__"))


def _is_coroutine_function(called: Any) -> bool:
    for _ in range(UNWRAP_MOST):
        if getattr(called, "_is_coroutine_mark", None) or getattr(called, "_is_coroutine", None):
            return True  # inspect.markcoroutinefunction, and asgiref's before it
        inner = getattr(called, "__func__", None) or (getattr(called, "func", None) if _is_partial(called) else None)
        if inner is None:
            break
        called = inner
    code = getattr(called, "__code__", None)
    return bool(code is not None and code.co_flags & COROUTINE)


def _is_partial(called: Any) -> bool:
    return type(called).__name__ in ("partial", "partialmethod")
