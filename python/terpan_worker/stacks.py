"""On SIGUSR2 a worker writes what its threads are at, and what waits beside them, and goes on.

faulthandler can write the stacks of all threads itself, but it reads them while they run: in a busy worker it soon follows a frame
that has just ended, and the process dies of it. So it writes only that of the thread which has the signal, most often the main one,
which works even where that one never comes back to Python. All of them come after it, from Python, where nothing else moves.
"""

from __future__ import annotations

import _socket  # this, and names from modules: as they are before an application replaces them
import faulthandler
import signal
import sys
import time
from _thread import get_ident, start_new_thread
from os import write
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

STDERR = 2  # not sys.stderr: whatever an application puts there, the supervisor reads this
THREADS_MOST = 100
FRAMES_MOST = 100
SIGNALS_MOST = 1 << 16
#: All stacks are written once in that time: several may be woken by one signal.
PAUSE_SECONDS = 1.0

_waiting: Callable[[], str] | None = None
_last = float("-inf")
#: What a handler writes to, and its thread reads from.
_held: list[_socket.socket] = []


def tell(waiting: Callable[[], str] | None = None, wakes: bool = True) -> None:
    """In the main thread. ``waiting`` gives the text about what waits outside of threads.

    Without ``wakes`` the server has a descriptor of its own that wakes it at a signal. With it a thread waits for the signal, as another
    thread than the main one may have got it, and the main one may wait in C.
    """
    global _waiting
    _waiting = waiting
    signal.signal(signal.SIGUSR2, lambda number, frame: tell_all(frame))
    if wakes:
        read, written = _pair()
        start_new_thread(_tell_when_woken, (read,))
        signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    faulthandler.register(signal.SIGUSR2, file=STDERR, all_threads=False, chain=True)


def tell_in_c(threads: int) -> None:
    """In any thread of a server whose main one may wait in C, where Python's handlers do not run."""
    if threads == 1:
        faulthandler.register(signal.SIGUSR2, file=STDERR, all_threads=False)
        return
    # What faulthandler writes there wakes a thread that can look at the others.
    read, written = _pair()
    start_new_thread(_pass_on, (read,))
    faulthandler.register(signal.SIGUSR2, file=written.fileno(), all_threads=False)


def tell_all(interrupted: FrameType | None = None) -> None:
    """The stacks of all threads but the one that calls, whose frame before the signal may be given."""
    global _last
    now = time.monotonic()
    if now - _last < PAUSE_SECONDS:
        return
    _last = now
    _write(_threads(interrupted))
    if _waiting is not None:
        _write(_waiting())


def let_go() -> None:
    """In a process that the application forked: nothing is told there."""
    faulthandler.unregister(signal.SIGUSR2)
    while _held:
        _held.pop().close()


def _pair() -> tuple[_socket.socket, _socket.socket]:
    read, written = _socket.socketpair()
    read.setblocking(True)  # whatever timeout the application has set for all sockets
    written.setblocking(False)
    _held.extend((read, written))
    return read, written


def _tell_when_woken(read: _socket.socket) -> None:
    while True:
        if signal.SIGUSR2 in read.recv(SIGNALS_MOST):
            tell_all()


def _pass_on(read: _socket.socket) -> None:
    while True:
        _write(read.recv(SIGNALS_MOST).decode("utf-8", "replace"))
        tell_all()


def _threads(interrupted: FrameType | None) -> str:
    """As faulthandler words it."""
    frames = sys._current_frames()
    mine = get_ident()
    if interrupted is None:
        del frames[mine]
    else:
        frames[mine] = interrupted
    text = []
    for ident, top in list(frames.items())[:THREADS_MOST]:
        text.append(f"{'Current thread' if ident == mine else 'Thread'} 0x{ident:016x} (most recent call first):\n")
        frame: FrameType | None = top
        for _ in range(FRAMES_MOST):
            if frame is None:
                break
            code = frame.f_code
            text.append(f'  File "{code.co_filename}", line {frame.f_lineno} in {code.co_name}\n')
            frame = frame.f_back
        if frame is not None:
            text.append("  ...\n")
    if len(frames) > THREADS_MOST:
        text.append(f"and {len(frames) - THREADS_MOST} threads more\n")
    return "".join(text)


def _write(text: str) -> None:
    """Past what Python keeps of standard error: the thread that was interrupted may be writing there."""
    left = text.encode("utf-8", "backslashreplace")
    try:
        while left:
            left = left[write(STDERR, left) :]
    except OSError:
        pass  # nobody reads it
