"""Imports the application; what a person's words stand for was found out before the worker began."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_NAMES = ("application", "app")


class NotFound(Exception):
    """What was named is not there; the message says so whole, no traceback is needed."""


def load(module_name: str, file: str, name: str, factory: bool) -> Callable:
    """The application's callable.

    ``file`` is given where the module can not be imported by its name; an empty ``name`` means one of the usual ones; a
    factory is called without arguments.
    """
    module = _import_file(module_name, file) if file else _import_module(module_name)
    found = _attribute(module, name) if name else _default(module)
    if factory:
        found = found()
    if not callable(found):
        raise NotFound(f"{module_name}:{name} is {type(found).__name__}, not a callable")
    return found


def speaks_asgi(application: object, interface: str) -> bool:
    """Whether the application is served as an ASGI one: as was said, or by what calling it gives."""
    from terpan_worker import interface as interfaces

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


def _default(module: ModuleType) -> object:
    for name in DEFAULT_NAMES:
        if hasattr(module, name):
            return getattr(module, name)
    raise NotFound(f"{module.__name__} has neither {' nor '.join(DEFAULT_NAMES)}: name the callable after a colon")


def _attribute(module: ModuleType, dotted: str) -> object:
    found: object = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            raise NotFound(f"{module.__name__} has no {dotted!r}")
        found = getattr(found, name)
    return found
