"""Finds and imports the application that a person named."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_FILES = ("app.py", "wsgi.py")
DEFAULT_NAMES = ("application", "app")


class NotFound(Exception):
    """What was named is not there; the message says so whole, no traceback is needed."""


def load(name: str) -> Callable:
    """The WSGI callable for ``module:callable``, ``module``, ``module:make()``, a file or a directory."""
    place, attribute = _split(name)
    module = _import_file(place) if _is_path(place) else _import_module(place)
    if not attribute:
        return _default(module, place)
    if attribute.endswith("()"):
        return _callable(_attribute(module, attribute[:-2], place)(), name)
    return _callable(_attribute(module, attribute, place), name)


def _split(name: str) -> tuple[str, str]:
    if os.path.exists(name):
        return name, ""
    place, colon, attribute = name.rpartition(":")
    return (place, attribute) if colon else (name, "")


def _is_path(place: str) -> bool:
    return place.endswith(".py") or os.sep in place or os.path.isdir(place)


def _import_file(place: str) -> ModuleType:
    path = os.path.abspath(place)
    if os.path.isdir(path):
        path = _file_in(path)
    elif not os.path.isfile(path):
        raise NotFound(f"there is no file {path}")
    directory, file = os.path.split(path)
    if directory not in sys.path:
        sys.path.insert(0, directory)
    stem = os.path.splitext(file)[0]
    if stem not in sys.modules:
        module = _import_module(stem)
        if os.path.realpath(getattr(module, "__file__", "") or "") == os.path.realpath(path):
            return module
    return _import_from(stem, path)


def _file_in(directory: str) -> str:
    for file in DEFAULT_FILES:
        path = os.path.join(directory, file)
        if os.path.isfile(path):
            return path
    raise NotFound(f"the directory {directory} has neither {' nor '.join(DEFAULT_FILES)}: name the file or the module")


def _import_from(stem: str, path: str) -> ModuleType:
    """For a file whose name is that of a module which is loaded already."""
    from importlib import util

    spec = util.spec_from_file_location(stem, path)
    if spec is None or spec.loader is None:
        raise NotFound(f"{path} is not a Python file")
    module = util.module_from_spec(spec)
    sys.modules["terpan_application"] = module
    spec.loader.exec_module(module)
    return module


def _import_module(name: str) -> ModuleType:
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise NotFound(f"there is no module {name!r} in {os.getcwd()} or elsewhere on the path") from None
        raise
    return sys.modules[name]


def _default(module: ModuleType, place: str) -> Callable:
    for name in DEFAULT_NAMES:
        found = getattr(module, name, None)
        if callable(found):
            return found
    raise NotFound(f"{place} has neither {' nor '.join(DEFAULT_NAMES)}: name the callable after a colon")


def _attribute(module: ModuleType, dotted: str, place: str) -> Callable:
    found = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            raise NotFound(f"{place} has no {dotted!r}")
        found = getattr(found, name)
    return found


def _callable(found: Callable, name: str) -> Callable:
    if not callable(found):
        raise NotFound(f"{name} is {type(found).__name__}, not a WSGI callable")
    return found
