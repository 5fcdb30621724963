"""The standard library as it was before the application, for servers that run on threads.

Applications written for gevent's or eventlet's workers replace parts of it as they are imported. A server that was imported before would
then wait by threads for what never runs, so its modules get copies of their own, made of what was there before. Without such an
application nothing is copied.
"""

from __future__ import annotations

import builtins
import sys
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Without Python code of their own: what they held is all that they are.
BUILT_IN = ("_thread", "_socket", "_queue", "select", "time", "os")
#: With functions that see what was replaced around them: their text is run again.
WRITTEN = (
    "threading",
    "socket",
    "queue",
    "selectors",
    "concurrent.futures._base",
    "concurrent.futures.thread",
    "concurrent.futures",
)
#: Whatever replaces anything replaces one of these.
TELLING = (
    ("_thread", "start_new_thread"),
    ("_thread", "allocate_lock"),
    ("threading", "Thread"),
    ("threading", "Condition"),
    ("socket", "socket"),
    ("select", "select"),
    ("time", "sleep"),
)


class Before:
    """Made before the application is imported."""

    def __init__(self) -> None:
        self._kept = {name: dict(vars(sys.modules[name])) for name in (*BUILT_IN, *WRITTEN) if name in sys.modules}
        self._copies: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def is_changed(self) -> bool:
        return any(
            name in self._kept and getattr(sys.modules[name], member, None) is not self._kept[name][member]
            for name, member in TELLING
        )

    def settle(self) -> None:
        """What has to be done in the main thread first: gevent imports more for its first hub, and locks imports by hubs."""
        gevent = sys.modules.get("gevent")
        if gevent is not None:
            gevent.get_hub()

    def give(self, packages: Sequence[str]) -> None:
        """Gives the modules of these names, and all below them, what was there before; to those that are imported later too."""
        members = {
            id(value): (name, member)
            for name, kept in self._kept.items()
            for member, value in kept.items()
            if callable(value) and not member.startswith("__")
        }
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType) and _is_below(module.__name__, packages) and module.__name__ != __name__:
                self._mend(module, members)
        sys.meta_path.insert(0, _Finder(packages, self._builtins))

    def copy(self, name: str) -> Any:
        """A module of the standard library as it was before."""
        made = self._copies.get(name)
        if made is not None:
            return made
        public: Any = sys.modules.get(name)
        kept = self._kept.get(name) or (vars(public) if public else {})
        own_name = f"{__name__}.{name}"
        made = self._copies[name] = ModuleType(own_name)
        if name in BUILT_IN:
            vars(made).update(kept or vars(__import__(name)))
            return made
        spec: Any = public.__spec__ if public else _spec(name)
        made.__file__, made.__package__, made.__spec__, made.__loader__ = spec.origin, spec.parent, spec, spec.loader
        if spec.submodule_search_locations is not None:
            made.__path__ = spec.submodule_search_locations
        vars(made)["__builtins__"] = self._builtins
        sys.modules[own_name] = made  # its enumerations look for it there
        exec(spec.loader.get_code(name), vars(made))
        # What is raised and compared stays everybody's.
        for member, value in kept.items():
            if isinstance(value, Enum) or isinstance(value, type) and issubclass(value, (BaseException, Enum)):
                setattr(made, member, value)
        if name == "concurrent.futures._base":
            # asyncio takes nothing else for a future.
            own = {key: value for key, value in vars(made.Future).items() if key not in ("__dict__", "__weakref__")}
            setattr(made, "Future", type("Future", (public.Future,), own))
        if name == "threading":
            # Its threads are waited for at the end as those of the one that all know.
            public._register_atexit(made._shutdown)
        return made

    def plain(self, made: Any) -> Any:
        """The same socket with what was there before: the ``accept`` of one made then would make what is there now."""
        return self.copy("socket").socket(made.family, made.type, made.proto, fileno=made.detach())

    def _import(self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        absolute = name
        if level and globals:
            base = globals["__package__"].rsplit(".", level - 1)[0]
            absolute = f"{base}.{name}" if name else base
        if absolute not in BUILT_IN and absolute not in WRITTEN:
            return __import__(name, globals, locals, fromlist, level)
        copied = self.copy(absolute)
        for each in fromlist or ():
            inner = f"{absolute}.{each}"
            if inner in WRITTEN:
                setattr(copied, each, self.copy(inner))
        return copied if fromlist or "." not in absolute else __import__(name, globals, locals, fromlist, level)

    def _mend(self, module: ModuleType, members: dict[int, tuple[str, str]]) -> None:
        for key, value in list(vars(module).items()):
            if key.startswith("__"):
                continue
            mended = self._before(value, members)
            if mended is not value:
                setattr(module, key, mended)
            elif isinstance(value, type) and value.__module__ == module.__name__:
                bases = tuple(self._before(base, members) for base in value.__bases__)
                if bases != value.__bases__:
                    value.__bases__ = bases

    def _before(self, value: Any, members: dict[int, tuple[str, str]]) -> Any:
        if isinstance(value, ModuleType):
            name = value.__name__
            return self.copy(name) if name in (*BUILT_IN, *WRITTEN) and sys.modules.get(name) is value else value
        name, member = members.get(id(value), ("", ""))
        return getattr(self.copy(name), member, value) if name else value


def _spec(name: str) -> Any:
    from importlib.util import find_spec

    return find_spec(name)


class _Finder:
    """Has the modules of some packages import what was there before."""

    def __init__(self, packages: Sequence[str], given: dict[str, Any]) -> None:
        self._packages = packages
        self._given = given

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if not _is_below(name, self._packages):
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "get_code"):
                    spec.loader = _Loader(spec.loader, self._given)
                return spec
        return None


class _Loader:
    def __init__(self, loader: Any, given: dict[str, Any]) -> None:
        self._loader = loader
        self._given = given

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = self._given
        self._loader.exec_module(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


def _is_below(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)
