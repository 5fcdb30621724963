"""What an application's import has left in a process that must not be there when it is forked, in words.

Threads do not run on in a child, and what they held stays locked there; a connection would be used by all children at once; an event
loop's poll is one for all of them. The application may put right itself what it has begun, by ``os.register_at_fork``: so a fork is tried,
and looked at in the moment at which all its hooks have run. Native threads are counted after it: there are libraries that end theirs
before a fork, as OpenBLAS does.
"""

from __future__ import annotations

import gc
import os
import socket
import stat
import sys
import warnings
from _thread import get_ident
from os import fork, waitpid
from socket import socket as Socket  # this, and the next: as they are before an application replaces them
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

TASKS = "/proc/self/task"
DESCRIPTORS = "/proc/self/fd"
FOUND_MOST = 20
LOOKS = 10
LOOK_SECONDS = 0.02
UNNAMED = "a thread without a name"
POLLS = {"anon_inode:[eventpoll]": "an epoll", "anon_inode:[io_uring]": "an io_uring", "anon_inode:inotify": "an inotify"}
LIBRARY = os.path.dirname(os.__file__)


class Watch:
    """Made before the application is imported; entered while it is."""

    def __init__(self, directory: str) -> None:
        self._directory = os.path.join(directory, "")
        self._before = set(_descriptors())
        self._places: dict[int, str] = {}
        self._started: dict[int, str] = {}
        self._looks = False
        self._found: list[str] = []
        self._known: set[int] = set()
        self._failure: Exception | None = None
        # The first of these hooks runs as the last.
        os.register_at_fork(before=self._look)

    def __enter__(self) -> Watch:
        """Notes who starts a thread or makes a socket."""
        import threading

        self._thread = threading.Thread
        self._start, self._init = start, init = self._thread.start, Socket.__init__
        started, places, place = self._started, self._places, self._place

        def noted_start(thread: Any) -> None:
            started[id(thread)] = place(sys._getframe(1))
            start(thread)

        def noted_init(made: Any, *given: Any, **named: Any) -> None:
            init(made, *given, **named)
            places[os.fstat(made.fileno()).st_ino] = place(sys._getframe(1))

        self._noted = noted_start
        self._thread.start = noted_start  # type: ignore[method-assign]
        Socket.__init__ = noted_init  # type: ignore[method-assign]
        return self

    def __exit__(self, *error: object) -> None:
        if self._thread.start is self._noted:
            self._thread.start = self._start  # type: ignore[method-assign]
        Socket.__init__ = self._init  # type: ignore[method-assign]

    def found(self) -> list[str]:
        """A line for each thing that is unsafe."""
        self._looks = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of threads Python warns, too
            process = fork()
        if process == 0:
            os._exit(0)
        waitpid(process, 0)
        self._looks = False
        if self._failure is not None:
            raise self._failure
        lines = [*self._found, *self._native_threads()]
        more = [f"and {len(lines) - FOUND_MOST} more"] if len(lines) > FOUND_MOST else []
        return lines[:FOUND_MOST] + more

    def _look(self) -> None:
        if self._looks:
            self._known.clear()
            try:
                self._found = [*self._threads(), *self._loops(), *self._children(), *self._open()]
            except Exception as error:  # which a hook would only write somewhere
                self._failure = error

    def _threads(self) -> list[str]:
        found = []
        seen = {get_ident()}
        threading = sys.modules.get("threading")
        for thread in threading.enumerate() if threading else ():
            if thread.ident in seen or type(thread).__name__ == "_MainThread":  # of which libraries make another
                continue
            seen.add(thread.ident)
            target = getattr(thread, "_target", None)
            runs = f", which runs {_named(target)}" if target is not None else f" of the class {type(thread).__qualname__}"
            place = self._started.get(id(thread), "")
            found.append(f"the thread {thread.name!r}{runs}" + (f", started at {place}" if place else ""))
            self._known.add(_native_id(thread))
        for ident, frame in sys._current_frames().items():
            if ident not in seen:
                found.append(f"{UNNAMED}, which is at {self._place(frame)}")
        return found

    def _loops(self) -> list[str]:
        """Event loops that were made and not closed; what they poll with is not told of again."""
        asyncio = sys.modules.get("asyncio")
        if asyncio is None:
            return []
        found = []
        for each in gc.get_objects():
            if issubclass(type(each), asyncio.AbstractEventLoop) and not each.is_closed():
                found.append("an event loop" + (" that runs" if each.is_running() else "") + f": {each!r}")
                for part in ("_selector", "_csock", "_ssock"):
                    try:
                        self._known.add(getattr(each, part).fileno())
                    except (AttributeError, OSError, ValueError):
                        continue
        return found

    def _children(self) -> list[str]:
        found = []
        for thread in _listed(TASKS):
            for process in _text(f"{TASKS}/{thread}/children").split():
                state = _text(f"/proc/{process}/stat").rpartition(")")[2].split()[:1]
                if state and state[0] not in "ZX":  # those have ended, and nobody has waited for them
                    command = _text(f"/proc/{process}/cmdline") or _text(f"/proc/{process}/comm")
                    found.append(f"the process {process}, which it has started: {command.replace(chr(0), ' ').strip()}")
        return found

    def _open(self) -> list[str]:
        found = []
        for descriptor in sorted(set(_descriptors()) - self._before - self._known):
            try:
                name = os.readlink(f"{DESCRIPTORS}/{descriptor}")
                found_there = os.fstat(descriptor)
            except OSError:
                continue
            is_socket = stat.S_ISSOCK(found_there.st_mode)
            what = _described(descriptor) if is_socket else POLLS.get(name, "")
            if what:
                place = self._places.get(found_there.st_ino, "")
                found.append(what + f", descriptor {descriptor}" + (f", made at {place}" if place else ""))
        return found

    def _native_threads(self) -> list[str]:
        """Those that Python does not know, and that have not ended soon after the fork."""
        threading = sys.modules.get("threading")
        for thread in threading.enumerate() if threading else ():
            self._known.add(_native_id(thread))  # such as hooks have begun again
        found: list[str] = []
        for _ in range(LOOKS):
            found = []
            for task in _listed(TASKS):
                if int(task) != os.getpid() and int(task) not in self._known:
                    name = _text(f"{TASKS}/{task}/comm").strip()
                    if name:
                        found.append(f"a thread of native code, {name!r}")
            if not found:
                break
            sleep(LOOK_SECONDS)
        # Those without a name were told of already, and which of these they are is not known; one that had not begun yet is told of now.
        told = [each for each in self._found if each.startswith(UNNAMED)]
        unnamed = [each for each in self._threads() if each.startswith(UNNAMED)] if found else told
        late = [each for each in unnamed if each not in told][: max(0, len(unnamed) - len(told))]
        return [*late, *found[len(told) + len(late) :]]

    def _place(self, frame: FrameType | None) -> str:
        """The innermost place that is the application's, or else nobody's of the library."""
        nearest = ""
        while frame is not None:
            code = frame.f_code
            file = code.co_filename
            told = f"{os.path.relpath(file, self._directory) if file.startswith(self._directory) else file}:{frame.f_lineno} in {code.co_name}"
            installed = "site-packages" in file or "dist-packages" in file
            if file.startswith(self._directory) and not installed:
                return told
            if not nearest and (installed or not (file.startswith((LIBRARY, "<")) or "terpan_worker" in file)):
                nearest = told
            frame = frame.f_back
        return nearest


def _described(descriptor: int) -> str:
    """A socket by its ends; "": one whose messages are whole each, which several may send by."""
    found = Socket(fileno=os.dup(descriptor))
    try:
        if found.type == socket.SOCK_DGRAM:
            return ""
        listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if listens:
            return f"a socket that listens at {_shown(found.getsockname())}"
        return f"a connection to {_shown(found.getpeername()) or 'nobody by name (a socket pair)'}"
    except OSError:
        return "a socket that is not connected"
    finally:
        found.close()


def _shown(address: Any) -> str:
    if isinstance(address, tuple):
        return f"{address[0]}:{address[1]}"
    return os.fsdecode(address)


def _named(target: Any) -> str:
    code = getattr(target, "__code__", None) or getattr(getattr(target, "__func__", None), "__code__", None)
    name = getattr(target, "__qualname__", None) or type(target).__qualname__
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name


def _native_id(thread: Any) -> int:
    """What the kernel calls it; 0: a library that replaces threads does not tell."""
    return getattr(thread, "native_id", None) or 0


def _descriptors() -> list[int]:
    """Without the one by which they are listed, which is closed by then."""
    return [int(each) for each in _listed(DESCRIPTORS) if os.path.lexists(f"{DESCRIPTORS}/{each}")]


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(4096).decode("utf-8", "replace")
    except OSError:
        return ""
