"""Modules beside the application that are called like one of the standard library's (``calendar.py``, ``queue.py``).

On the path in front they would be everybody's: the servers', the library's own. So the standard library's are loaded first, for all
but the application's files, which see what lies beside them.
"""

from __future__ import annotations

import builtins
import os
import sys
from types import ModuleType
from typing import Any

#: Their import does something to see.
NEVER = ("__main__", "antigravity", "this", "turtle", "turtledemo", "idlelib")
ENDING = ".py"


def keep_apart(directory: str) -> None:
    """Called before the application's folder is on the path."""
    found = _namesakes(directory)
    for name in found:
        try:
            __import__(name)
        except Exception:  # of a library that is not whole here: then the name is the application's alone
            pass
    known = {name for name in found if name in sys.modules}
    if known:
        sys.meta_path.insert(0, _Library(directory, known))
        builtins.__import__ = _Own(os.path.join(directory, ""), known)


def _namesakes(directory: str) -> list[str]:
    try:
        names = {entry[: -len(ENDING)] for entry in os.listdir(directory) if entry.endswith(ENDING)}
    except OSError:
        return []
    standard = getattr(sys, "stdlib_module_names", None)  # since Python 3.10
    if standard is None:
        names = {name for name in names if name in sys.builtin_module_names or _is_standard(name)}
        return sorted(names.difference(NEVER))
    return sorted(names.intersection(standard).difference(NEVER))


def _is_standard(name: str) -> bool:
    """``os.__file__`` is in the folder of the library."""
    library = os.path.dirname(os.__file__)
    return any(
        os.path.exists(os.path.join(library, each)) for each in (name + ENDING, os.path.join(name, "__init__.py"))
    ) or any(entry.split(".", 1)[0] == name for entry in _extensions(os.path.join(library, "lib-dynload")))


def _extensions(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


class _Library:
    """Finds the library's again for whoever loads them anew, as eventlet does."""

    def __init__(self, directory: str, names: set[str]) -> None:
        self._directory = directory
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self._names:
            return None
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, [entry for entry in sys.path if entry != self._directory], target)


class _Own:
    """``__import__`` where an application has such modules: its files get its own."""

    def __init__(self, directory: str, names: set[str]) -> None:
        self._directory = directory
        self._names = names
        self._import = builtins.__import__
        self._loaded: dict[str, ModuleType] = {}

    def __call__(self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if level == 0 and name in self._names and globals is not None and self._is_own(globals.get("__file__")):
            return self._loaded.get(name) or self._load(name)
        return self._import(name, globals, locals, fromlist, level)

    def _is_own(self, file: Any) -> bool:
        return isinstance(file, str) and file.startswith(self._directory) and "site-packages" not in file

    def _load(self, name: str) -> ModuleType:
        from importlib import util

        spec = util.spec_from_file_location(name, os.path.join(self._directory, name + ENDING))
        assert spec is not None and spec.loader is not None
        module = self._loaded[name] = util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del self._loaded[name]
            raise
        return module
