"""Root's half of a fork parent whose workers are another user.

It leads the parent's session and does for each worker what needs root: opens its control channel, binds its socket, makes the pipe of
its output, and hands all of it to the other half, which is the user and forks. That one is believed nothing but what harms itself: which
process it has forked, which the front asks the kernel about, and how one ended. It imports nothing that the user could have written.
"""

from __future__ import annotations

import os
import signal
import socket
from select import select
from typing import TYPE_CHECKING

from terpan_worker import fields, title
from terpan_worker.control import Control
from terpan_worker.launch import EXIT_NOT_FORKED, bind, exit_status
from terpan_worker.permitted import FORKED, allows

if TYPE_CHECKING:
    from typing import Any, NoReturn

#: What is the front's to hear as it was said.
PASSED_ON = ("loaded", "failed", "ended")


def divided(orders: dict[str, str], control: Control) -> Control:
    """Divides this process; returns in the half that is to become the user, with its channel to the other."""
    ours, theirs = socket.socketpair()
    process = os.fork()
    if process == 0:
        ours.close()
        control.close()
        return Control(theirs)
    theirs.close()
    _Steward(orders, control, ours, process).obey()


class _Worker:
    """What is kept of one until it has ended."""

    def __init__(self, order: dict[str, str], control: Control, address: str, output: int) -> None:
        self.order, self.control, self.address, self.output = order, control, address, output
        self.told = False


class _Steward:
    def __init__(self, orders: dict[str, str], control: Control, other: socket.socket, process: int) -> None:
        self._orders, self._control, self._process = orders, control, process
        self._socket = other
        self._other = Control(other)
        self._workers: dict[str, _Worker] = {}
        self._numbers = 0

    def obey(self) -> NoReturn:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        title.show(title.of_worker(self._orders["name"], self._orders["application"]), self._orders["name"])
        while True:
            ready, _, _ = select([self._control.fileno(), self._other.fileno()], [], [])
            if self._other.fileno() in ready:
                self._hear(self._other.receive())
            elif self._control.fileno() in ready:
                order = self._control.receive()
                if not order:
                    self._end()
                self._prepare(order)

    def _end(self) -> NoReturn:
        """With the other half, and as it does."""
        self._other.close()
        _, status = os.waitpid(self._process, 0)
        os._exit(exit_status(status))

    def _prepare(self, order: dict[str, str]) -> None:
        orders = {**self._orders, **order}
        if not self._may_be(order):
            os.write(2, b"an order to fork that the front may not give\n")
            self._end()
        try:
            control = Control.connect(orders["control"])
            listener, address, shared = bind(orders)
            read, written = os.pipe()
        except OSError as error:
            os.write(2, f"{order['name']} can not be prepared: {error}\n".encode("utf-8", "replace"))
            self._control.send("ended", child=order["token"], status=str(EXIT_NOT_FORKED))
            return
        self._numbers += 1
        number = str(self._numbers)
        self._workers[number] = _Worker(order, control, address, read)
        given: list[Any] = [control.fileno(), listener.fileno(), written]
        if shared is not None:
            given.append(shared.inheritable())
        # The token stays here: by it nobody but this half can speak for the worker.
        told = {**{key: value for key, value in order.items() if key != "token"}, "child": number}
        text = fields.encode(told).encode("utf-8", "backslashreplace")
        try:
            socket.send_fds(self._socket, [len(text).to_bytes(4, "big") + text], given)
        except OSError:
            pass  # it has ended, which is seen next
        listener.close()
        os.close(written)

    def _may_be(self, order: dict[str, str]) -> bool:
        """A front that is root is believed; of another, all that it says has to look like an order."""
        if "owner" not in self._orders:
            return True
        folder, name = os.path.split(self._orders["control"])
        side = "b" if name.endswith("b") else ""
        apart = bool(order.get("socket")) or not order.get("shared")
        return apart and set(order) == set(FORKED) and all(allows(folder, side, key, value) for key, value in order.items())

    def _hear(self, said: dict[str, str]) -> None:
        kind = said.pop("kind", "")
        worker = self._workers.get(said.get("child", ""))
        if kind == "forked" and worker is not None and not worker.told:
            worker.told = True
            order = worker.order
            worker.control.send(
                "hello", name=order["name"], token=order["token"], pid=said.get("pid", ""), output=str(worker.output)
            )
            worker.control.send("bound", address=worker.address)
        elif kind == "ended" and worker is not None:
            del self._workers[said["child"]]
            worker.control.close()
            os.close(worker.output)
            self._control.send("ended", child=worker.order["token"], status=said.get("status", ""))
        elif kind in PASSED_ON and kind != "ended":
            self._control.send(kind, **{key: value for key, value in said.items() if key in ("reason", "text")})
        else:
            # It has ended, or what it says is not ours: the front sees it end.
            os.kill(self._process, signal.SIGKILL)
            self._end()
