"""The fork parent: imports the application once, and forks a worker for each order of the supervisor's.

What it has imported is collected and frozen, so that the workers share its memory. It runs nothing between two forks, and ends with its
control channel. A child is told in the order what is its own: it begins a session, makes the pipe that its output goes to, opens a control
channel of its own, and goes on as any launcher whose application is imported.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
from importlib import import_module
from os import fork, waitpid  # these, and those below: as they are before an application replaces them
from select import select
from signal import getsignal, set_wakeup_fd
from signal import signal as set_signal
from socket import socket as Socket
from socket import socketpair
from typing import TYPE_CHECKING

from terpan_worker import title, unsafe
from terpan_worker.control import Control
from terpan_worker.launch import EXIT_NOT_FORKED, Launch, bind, end_failed, exit_status, prepared, tell_when_late

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn

#: What every launcher needs once the application is imported.
OURS = ("gaps", "identity", "children", "stacks", "results", "routes")
#: Descriptors of a worker that is another user: control, listener, output, and what makes a shared listener deaf.
GIVEN_MOST = 4
#: Who stops Terpan by a signal to each of its processes means the workers; the parent ends with its control channel.
DEAF_TO = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def worker(orders: dict[str, str]) -> tuple[Any, Launch]:
    """Begins the parent, and returns in each of its workers alone: the server's launcher, and what that is given."""
    given = "given.control" in orders
    control = Control.inherited(int(orders["given.control"])) if given else _begin(orders)
    launch = Launch(orders, control, None)
    module = _load(launch)
    control.send("loaded")
    return module, (_User if given else _Parent)(launch).forked()


def _begin(orders: dict[str, str]) -> Control:
    control = Control.connect(orders["control"])
    control.send("hello", name=orders["name"], token=orders["token"], pid=str(os.getpid()))
    try:
        if not os.path.isdir("/proc/self/fd"):
            raise OSError("there is no /proc, which workers.preload needs")
        os.chdir(orders["chdir"])
    except OSError as error:
        end_failed(control, "setup", str(error))
    control.wait_go()
    return control


def _load(launch: Launch) -> Any:
    """Imports the server and the application, and all that is needed behind them."""
    module = prepared(launch)
    if hasattr(module, "prepare"):
        launch.prepared = module.prepare(launch)
    if hasattr(module, "leave_hub"):
        module.leave_hub()
    watch = unsafe.Watch(launch.orders["directory"])
    with watch:
        _ = launch.raw_application
    for name in (*("terpan_worker." + each for each in OURS), *_modules(module, launch)):
        import_module(name)
    faulthandler.cancel_dump_traceback_later()
    found = watch.found()
    if found:
        launch.fail("preload", "\n".join(found))
    gc.collect()
    gc.freeze()
    return module


def _modules(module: Any, launch: Launch) -> tuple[str, ...]:
    """What the server imports as it begins, and can be imported before."""
    named = getattr(module, "PRELOADS", ())
    return named(launch) if callable(named) else named


class _Parent:
    """Forks by order; ``self._tokens`` has what each of its children is called there."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._control = launch.control
        self._tokens: dict[int, str] = {}
        self._bell, self._rings = socketpair()
        self._bell.setblocking(False)
        self._rings.setblocking(False)
        self._handlers = {number: getsignal(number) for number in (*DEAF_TO, signal.SIGCHLD)}

    def forked(self) -> Launch:
        """Obeys until the supervisor is gone; returns in a child."""
        for number in DEAF_TO:
            set_signal(number, signal.SIG_IGN)
        set_signal(signal.SIGCHLD, _heard)
        set_wakeup_fd(self._rings.fileno(), warn_on_full_buffer=False)
        while True:
            ready, _, _ = select([self._control.fileno(), self._bell.fileno()], [], [])
            if self._bell.fileno() in ready:
                self._bell.recv(4096)
                self._reap()
            if self._control.fileno() in ready:
                order, given = self._receive()
                if not order:
                    os._exit(0)
                launch = self._fork(order, given)
                if launch is not None:
                    return launch

    def _receive(self) -> tuple[dict[str, str], list[int]]:
        return self._control.receive(), []

    def _reap(self) -> None:
        """None but those that were forked here: others are the application's to wait for."""
        for process in list(self._tokens):
            ended, status = waitpid(process, os.WNOHANG)
            if ended:
                self._tell_ended(self._tokens.pop(process), exit_status(status))

    def _tell_ended(self, token: str, status: int) -> None:
        self._control.send("ended", child=token, status=str(status))

    def _fork(self, order: dict[str, str], given: list[int]) -> Launch | None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        token = order.get("child") or order["token"]
        try:
            process = fork()
        except OSError as error:
            sys.stderr.write(f"{order['name']} can not be forked: {error}\n")
            sys.stderr.flush()
            self._tell_ended(token, EXIT_NOT_FORKED)
        else:
            if process == 0:
                return self._child({**self._launch.orders, **order}, given)
            self._tokens[process] = token
        for descriptor in given:
            os.close(descriptor)
        return None

    def _child(self, orders: dict[str, str], given: list[int]) -> Launch:
        try:
            return self._begun(orders, given)
        except BaseException:  # never back into the parent's loop
            sys.excepthook(*sys.exc_info())
            end(1)

    def _begun(self, orders: dict[str, str], given: list[int]) -> Launch:
        """In the child: all that is the parent's is let go of, and what a launcher does at its begin is done."""
        os.setsid()
        set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            set_signal(number, signal.SIG_DFL if handler is None else handler)
        self._bell.close()
        self._rings.close()
        title.show(title.of_worker(orders["name"], orders["application"]), orders["name"])
        control, listener, shared = self._channels(orders, given)
        tell_when_late(orders)
        _seed()
        return self._launch.forked(orders, control, listener, shared)

    def _channels(self, orders: dict[str, str], given: list[int]) -> tuple[Control, Any, Any]:
        """Those of its own, once the front knows it."""
        self._control.close()
        read, written = os.pipe()
        _write_to(written)
        control = Control.connect(orders["control"])
        control.send("hello", name=orders["name"], token=orders["token"], pid=str(os.getpid()), output=str(read))
        try:
            listener, address, shared = bind(orders)
        except OSError as error:
            end_failed(control, "setup", str(error))
        control.send("bound", address=address)
        control.wait_go()
        os.close(read)  # by now the front reads there
        return control, listener, shared


class _User(_Parent):
    """One that is not root, which has what needs root from its other half (``steward``)."""

    def _receive(self) -> tuple[dict[str, str], list[int]]:
        return self._control.receive_given(GIVEN_MOST)

    def _channels(self, orders: dict[str, str], given: list[int]) -> tuple[Control, Any, Any]:
        for descriptor in given:
            os.set_inheritable(descriptor, False)
        # By its parent's channel, for it has led its session only since a moment ago.
        self._control.send("forked", child=orders["child"], pid=str(os.getpid()))
        self._control.close()
        channel, listens, written, *deaf = given
        _write_to(written)
        control, listener, shared = Control.inherited(channel), Socket(fileno=listens), None
        if deaf:
            from terpan_worker.shared import Fetched

            shared = Fetched.inherited(listener, deaf[0])
        control.wait_go()
        return control, listener, shared


def _write_to(descriptor: int) -> None:
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _heard(number: int, frame: FrameType | None) -> None:
    """The number on the bell is what counts."""


def _seed() -> None:
    """Python's own ``random`` is seeded anew in each child by itself; NumPy's is not."""
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()


def end(status: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(status)
