"""Processes that an application forks, and what it does with signals.

A child begins as it would under ``python app.py``: signals do what Python has them do, and nothing of the worker is its own. One that comes
back to us, where the worker would go on, ends. In the worker the polite signal always reaches the server.
"""

from __future__ import annotations

import _socket
import os
import signal
import stat
import sys
from _thread import get_ident  # as it is before an application replaces it
from typing import TYPE_CHECKING, Any

from terpan_worker import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

#: Whether this process is one that the application forked; read at every return of the application.
forked = False
#: What servers set; an application's alarms are its own.
SERVERS = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGTTIN", "SIGTTOU", "SIGCHLD")
]


def begin(address: Any, control: int, polite: int = signal.SIGTERM, in_c: bool = False) -> None:
    """Called in the process that serves, when the server has set its signals.

    ``address``: what its listener is called. ``control``: the control channel's descriptor. ``polite``: what the server ends at. ``in_c``: its handler is not Python's, and must not be replaced by one that is.
    """
    kept = _Kept(polite, in_c)
    os.register_at_fork(
        before=kept.hold, after_in_parent=kept.go_on, after_in_child=lambda: _leave(kept, address, control)
    )


def end(error: BaseException | None = None) -> None:
    """Ends this child of the application as its interpreter would end it."""
    code = 0
    try:
        if isinstance(error, SystemExit):
            code = error.code if isinstance(error.code, int) else int(error.code is not None)
            if error.code is not None and not isinstance(error.code, int):
                print(error.code, file=sys.stderr)
        elif error is not None:
            import traceback

            code = 1
            traceback.print_exception(type(error), error, error.__traceback__)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 0xFF)


def _leave(kept: _Kept, name: Any, control: int) -> None:
    """In the child, before the application has it."""
    global forked
    if forked:
        return
    forked = True
    kept.let_go()
    null = os.open(os.devnull, os.O_RDWR)
    # Put in their places and not closed: whoever has such a descriptor would close another's later.
    for descriptor in (control, *descriptors()):
        if descriptor == control or _is_named(descriptor, name):
            os.dup2(null, descriptor, os.get_inheritable(descriptor))
    os.close(null)


def _is_named(descriptor: int, name: Any) -> bool:
    """Whether it is a socket with this name of its own: the listener, or a connection of the front's."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        found = _socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return False
    try:
        return found.getsockname() == name
    except OSError:
        return False
    finally:
        found.close()


def descriptors() -> list[int]:
    """Those that this process has open."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return [int(entry) for entry in os.listdir(folder)]
        except OSError:
            continue
    return list(range(3, 1024))


class _Kept:
    """Stands before ``signal.signal`` and ``signal.set_wakeup_fd``.

    asyncio's ``remove_signal_handler``, and its loops at their end, set what Python begins with: the worker would die of its polite
    signal, or never see it.
    """

    def __init__(self, polite: int, in_c: bool) -> None:
        self._polite = polite
        self._in_c = in_c
        self._ours = signal.getsignal(polite)
        #: by the application's eyes
        self._theirs = self._ours
        self._set_by_them: set[int] = set()
        #: by thread, while it forks
        self._masks: dict[int, Any] = {}
        self._signal = signal.signal
        self._set_wakeup = signal.set_wakeup_fd
        try:
            self._wakeup = self._set_wakeup(-1)
            self._set_wakeup(self._wakeup, warn_on_full_buffer=False) if self._wakeup >= 0 else None
        except ValueError:  # not the main thread
            self._wakeup = -1
        signal.signal = self._given
        signal.set_wakeup_fd = self._woken

    def hold(self) -> None:
        """Before a fork: a signal to the child must not find the worker's handlers there, whose bell rings in the worker."""
        self._masks[get_ident()] = signal.pthread_sigmask(signal.SIG_BLOCK, SERVERS)

    def go_on(self) -> None:
        """In the parent, and in the child once it is ready for them."""
        if forked and self._in_c:
            self._masks.clear()  # uWSGI's threads block all of them
        signal.pthread_sigmask(signal.SIG_SETMASK, self._masks.pop(get_ident(), ()))

    def let_go(self) -> None:
        signal.signal, signal.set_wakeup_fd = self._signal, self._set_wakeup
        signal.set_wakeup_fd(-1)
        stacks.let_go()
        for number in SERVERS:
            if number == self._polite and self._theirs is not self._ours and self._theirs is not None:
                signal.signal(number, self._theirs)
            elif number not in self._set_by_them:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        self.go_on()

    def _given(self, number: int, handler: Any) -> Any:
        if number != self._polite:
            self._set_by_them.add(int(number))
            return self._signal(number, handler)
        before, self._theirs = self._theirs, handler
        if self._in_c:
            return before
        ours = self._ours
        if not callable(handler) or handler is ours or not callable(ours):
            self._signal(number, ours if callable(ours) else handler)
        else:
            self._signal(number, _both(handler, ours))
        return before

    def _woken(self, descriptor: int, **options: Any) -> int:
        if descriptor == -1 and self._wakeup >= 0:
            return self._set_wakeup(self._wakeup, warn_on_full_buffer=False)
        return self._set_wakeup(descriptor, **options)


def _both(first: Callable, second: Callable) -> Callable:
    def handle(number: int, frame: Any) -> None:
        try:
            first(number, frame)
        finally:
            second(number, frame)

    return handle
