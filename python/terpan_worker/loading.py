"""Imports the application; what a person's words stand for was found out before the worker began."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from terpan_worker import interface as interfaces

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_NAMES = ("application", "app")
#: Looked for where a module has none of the usual names, as Flask does it.
FACTORIES = ("create_app", "make_app")
VARIADIC = 0x04  # inspect.CO_VARARGS; the module costs every start some milliseconds


class NotFound(Exception):
    """What was named is not there; the message says so whole, no traceback is needed."""


def load(module_name: str, file: str, name: str, factory: bool) -> Callable:
    """The application's callable.

    ``file`` is given where the module can not be imported by its name; an empty ``name`` means one of the usual ones; a
    factory is called without arguments.
    """
    module = _import_file(module_name, file) if file else _import_module(module_name)
    if not name:
        name = _default(module)
        factory = name in FACTORIES
    found = _attribute(module, name)
    if not callable(found):
        raise NotFound(f"{module_name}:{name} is {type(found).__name__}, not a callable")
    if factory:
        return _made(found, f"{module_name}:{name}")
    if _is_factory(found):
        raise NotFound(
            f"{module_name}:{name} takes no request but can be called without arguments: a factory is named with parentheses, "
            f"{module_name}:{name}()"
        )
    return found


def _made(factory: Callable, name: str) -> Callable:
    """What the factory returns; what it raises is the application's."""
    if _required(factory) > 0:
        raise NotFound(f"{name} is a factory that needs arguments, expected one that can be called without")
    made = factory()
    if not callable(made):
        raise NotFound(f"{name}() returned {type(made).__name__}, not a callable")
    return made


def _is_factory(found: object) -> bool:
    """Whether it is a plain function that can be called without arguments: no WSGI or ASGI application can."""
    code = getattr(found, "__code__", None)
    if code is None or code.co_flags & (VARIADIC | interfaces.COROUTINE):
        return False
    return _required(found) == 0


def _required(called: object) -> int:
    """How many arguments a plain function or method has to be given; 0 of anything else."""
    code = getattr(called, "__code__", None)
    if code is None:
        return 0
    bound = 1 if getattr(called, "__self__", None) is not None else 0
    positional = code.co_argcount - bound - len(getattr(called, "__defaults__", None) or ())
    return max(0, positional) + code.co_kwonlyargcount - len(getattr(called, "__kwdefaults__", None) or ())


def speaks_asgi(application: object, interface: str) -> bool:
    """Whether the application is served as an ASGI one: as was said, or by what calling it gives."""
    if interface != "auto":
        return interface == "asgi"
    if interfaces.is_asgi_class(application):
        name = getattr(application, "__qualname__", "")
        raise NotFound(f"{name} is a class whose instances are ASGI applications: name one with parentheses, MODULE:{name}()")
    return interfaces.is_asgi(application)


def _import_module(name: str) -> ModuleType:
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise NotFound(f"there is no module {error.name!r} in {sys.path[0]} or elsewhere on the path") from None
        raise
    module = sys.modules[name]
    shadowing = os.path.join(sys.path[0], name + ".py")
    place = getattr(module, "__file__", None)
    if os.path.isfile(shadowing) and not (place and os.path.realpath(place) == os.path.realpath(shadowing)):
        # A module of that name was imported before the application's folder was on the path.
        return _import_file(name, shadowing)
    return module


def _import_file(name: str, path: str) -> ModuleType:
    from importlib import machinery, util

    loader = machinery.SourceFileLoader(name, path)
    spec = util.spec_from_file_location(name, path, loader=loader)
    if spec is None or not os.path.isfile(path):
        raise NotFound(f"there is no file {path}")
    module = util.module_from_spec(spec)
    if name not in sys.modules:
        sys.modules[name] = module
    loader.exec_module(module)
    return module


def _default(module: ModuleType) -> str:
    for name in (*DEFAULT_NAMES, *FACTORIES):
        if hasattr(module, name):
            return name
    usual = ", ".join((*DEFAULT_NAMES, *FACTORIES))
    raise NotFound(f"{module.__name__} has none of {usual}: name the callable after a colon")


def _attribute(module: ModuleType, dotted: str) -> object:
    found: object = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            raise NotFound(f"{module.__name__} has no {dotted!r}")
        found = getattr(found, name)
    return found
