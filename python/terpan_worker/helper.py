"""Root's helper, where the front has given root up: does what needs root, by a few fixed orders, and nothing else.

What may be done is told once, on our standard input, before the front has read a client's byte: the policy. Everything afterwards comes over
a socket from a front that may be anybody's by then, and is checked against the policy: no order names a program, a user, a file or a
directory. Our folder is root's, and no name in it is made or removed by anyone but root. Where the front ends, so do we; the guards end
what we have started.
"""

from __future__ import annotations

import errno
import os
import re
import select
import signal
import socket
import stat
import sys
import time
from typing import TYPE_CHECKING

from terpan_worker import fields, title
from terpan_worker.control import Control
from terpan_worker.launch import exit_status
from terpan_worker.permitted import CONTROL, OPERATORS, UPGRADE, WORKERS, allows, is_ours
from terpan_worker.shared import listen

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
PR_SET_CHILD_SUBREAPER = 36
BACKLOG = 4096
#: Twice as many workers as there can be, what forks them, and a guard for each application.
CHILDREN_MOST = 4096
#: What a process that we have started is.
WORKER, PARENT, GUARD, FOLLOWER = "worker", "parent", "guard", "follower"
LAST_SECONDS = 3.0
#: So long the helper before may take to end, whose front was killed.
BEFORE_SECONDS = 8.0
POLL_SECONDS = 0.02
LOG_MODE = 0o640
LOW_PORTS = 1024
#: These are what a door to the internet is for; others have to be in the settings that Terpan was started with.
WEB_PORTS = ("80", "443")
NUMBER = re.compile(r"[0-9]{1,9}")
#: What is left in our folder at the end, by what is behind our names there.
NEXT_LOCK = "lock.next"
REMOVED = r"(a[0-9]+\.)?(control|upgrade|[ws][0-9]+\.[0-9]+|d[0-9]+){side}(\.(own|hand|new))?"
#: A link in them may lead elsewhere from one release to the next.
PATHS = ("chdir", "directory", "file", "interpreter")
SIGNALS = (signal.SIGTERM, signal.SIGKILL)
#: Belong to the front as a service.
FRONTS_OWN = ("WATCHDOG_PID", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES")
MACHINES = ("LANG", "LANGUAGE", "TZ")


class Refused(Exception):
    """An order that the policy has not."""


def main() -> NoReturn:
    policy = fields.decode(sys.stdin.buffer.read().decode())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    _await_before(os.path.join(policy["folder"], "helper.lock" + policy["side"]))
    _adopt_orphans()
    title.show("terpan: root's helper", "terpan-root")
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.connect(os.path.join(policy["folder"], "helper" + policy["side"]))
    Helper(policy, channel).obey()
    os._exit(0)


def _await_before(path: str) -> None:
    """Holds this lock for as long as we run: one that is killed leaves a helper, which removes names that would be ours."""
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + BEFORE_SECONDS
    while True:
        try:
            return fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(POLL_SECONDS)


def _adopt_orphans() -> None:
    """So that whatever descends from us can be told by the kernel to do so, for as long as it runs."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the processes of workers can not be kept below one that is root's")


class Helper:
    def __init__(self, policy: dict[str, str], channel: socket.socket) -> None:
        self._policy = policy
        self._folder, self._side = policy["folder"], policy["side"]
        self._owner = int(policy["owner"])
        self._plans = _numbered(policy, "plan")
        self._channel = channel
        self._front = os.getppid()
        self._control = Control(channel)
        #: processes that we have started, and what each is
        self._children: dict[int, str] = {}
        self._orders: dict[str, Callable[[dict[str, str]], tuple[dict[str, str], int | None]]] = {
            "start": self._start,
            "guard": self._guard,
            "output": self._output,
            "signal": self._signal,
            "door": self._door,
            "forget": self._forget,
            "listen": self._listen,
            "read": lambda order: ({}, os.open(self._named(order, "read"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)),
            "append": self._append,
            "remove": self._remove,
            "follow": self._follow,
        }

    def obey(self) -> None:
        """Until the front is gone."""
        bell, rings = socket.socketpair()
        bell.setblocking(False)
        rings.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(rings.fileno(), warn_on_full_buffer=False)
        front = _end_of(self._front)
        while True:
            ready, _, _ = select.select([self._channel, bell, *front], [], [])
            if any(each in ready for each in front):
                break  # whoever else holds its connection
            if bell in ready:
                bell.recv(4096)
            self._reap()
            if self._channel in ready:
                order = self._control.receive()
                if not order:
                    break
                self._answer(order)
        signal.set_wakeup_fd(-1)
        self._end()

    def _answer(self, order: dict[str, str]) -> None:
        """Each order has one answer, with a descriptor where it asks for one."""
        descriptor = None
        number = order.get("id", "")
        try:
            act = self._orders.get(order.get("kind", ""))
            if act is None:
                raise Refused("there is no such order")
            told, descriptor = act(order)
            answer = {"kind": "done", "id": number, **told}
        except Refused as refused:
            answer = {"kind": "refused", "id": number, "why": f"root's helper does not do that: {refused}"}
        except OSError as error:
            answer = {
                "kind": "failed",
                "id": number,
                "errno": errno.errorcode.get(error.errno or 0, ""),
                "why": f"error={error.errno}, {os.strerror(error.errno or 0)}",
            }
        text = fields.encode(answer).encode("utf-8", "backslashreplace")
        message = len(text).to_bytes(4, "big") + text
        try:
            if descriptor is None:
                self._channel.sendall(message)
            else:
                sent = socket.send_fds(self._channel, [message], [descriptor])
                self._channel.sendall(message[sent:])
        except OSError:
            pass  # it has ended, which is seen next
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _reap(self) -> None:
        """Also what has lost its parent, which nobody hears of."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not process:
                return
            if self._children.pop(process, None) is not None:
                self._control.send("ended", pid=str(process), status=str(exit_status(status)))

    def _end(self) -> None:
        """The guards end what is left, and are waited for; then our names go."""
        until = time.monotonic() + LAST_SECONDS
        while time.monotonic() < until and GUARD in self._children.values():
            time.sleep(POLL_SECONDS)
            self._reap()
        for process, kind in list(self._children.items()):
            if kind != FOLLOWER:
                os.kill(process, signal.SIGKILL)  # its guard has been killed, or is held by another than the front
        names = re.compile(REMOVED.format(side=self._side))
        for name in os.listdir(self._folder):
            if names.fullmatch(name):
                _unlink(os.path.join(self._folder, name))

    # Orders

    def _start(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        """A worker, or what forks workers: of a plan that the policy has, and as the user that the plan has."""
        plan = self._plans.get(order.get("plan", ""))
        if plan is None:
            raise Refused("no such plan")
        if order.get("shared") and not order.get("socket"):
            raise Refused("what is shared has a name")
        orders = dict(plan)
        starter = orders.pop("starter")
        for key in order.keys() - {"kind", "id", "plan"}:
            orders[key] = self._checked(key, order[key], plan)
        orders["owner"] = str(self._owner)
        kind = PARENT if "preload" in orders else WORKER
        read, written = os.pipe()
        try:
            os.fchmod(written, 0o666)  # a program opens it as /dev/stdout; nobody else has a name for it
            process = self._spawn([starter, "-I", "-S", _file("start.py"), "become"], _workers_environment(orders), written, kind)
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(written)
        return {"pid": str(process)}, read

    def _checked(self, key: str, value: str, plan: dict[str, str]) -> str:
        allowed = value in _leads_to(plan.get(key, "")) if key in PATHS else allows(self._folder, self._side, key, value)
        if not allowed:
            raise Refused(f"{key} is none that the policy allows")
        return value

    def _guard(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        """It ends sessions of processes that descend from us, and no other."""
        ours, its = socket.socketpair()
        try:
            command = [sys.executable, "-I", "-S", _file("guard.py"), str(os.getpid()), self._folder]
            command += [str(self._owner), str(self._front)]
            process = self._spawn(command, _machines_environment(), its.fileno(), GUARD)
        except BaseException:
            ours.close()
            raise
        finally:
            its.close()
        return {"pid": str(process)}, ours.detach()

    def _spawn(self, command: list[str], environment: dict[str, str], output: int, kind: str) -> int:
        if len(self._children) >= CHILDREN_MOST:
            raise Refused(f"{CHILDREN_MOST} processes run already")
        actions: list[tuple] = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
        if kind != GUARD:
            actions.append((os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0))
        else:
            actions.append((os.POSIX_SPAWN_DUP2, output, 0))
        process = self._begin(command, environment, actions)
        self._children[process] = kind
        return process

    def _begin(self, command: list[str], environment: dict[str, str], actions: list[tuple]) -> int:
        heard = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD)
        return os.posix_spawn(command[0], command, environment, file_actions=actions, setsigdef=heard)

    def _output(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        """Where a worker writes that was forked: its parent, which is root's, has the pipe."""
        process, number = order.get("pid", ""), order.get("descriptor", "")
        if not NUMBER.fullmatch(process) or not NUMBER.fullmatch(number) or self._children.get(int(process)) != PARENT:
            raise Refused("no descriptor of what forks workers here")
        # What it leads to is held first and looked at then, so that it is nothing else by the time it is opened.
        held = os.open(f"/proc/{int(process)}/fd/{int(number)}", os.O_PATH | os.O_CLOEXEC)
        try:
            ours = f"/proc/self/fd/{held}"
            if not os.readlink(ours).startswith("pipe:"):
                raise Refused("it is no pipe")
            descriptor = os.open(ours, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        finally:
            os.close(held)
        os.set_blocking(descriptor, True)
        return {}, descriptor

    def _signal(self, order: dict[str, str]) -> tuple[dict[str, str], None]:
        """To a process that was started here, which has its number until it is waited for: here."""
        process, number = order.get("pid", ""), order.get("number", "")
        if not NUMBER.fullmatch(process) or number not in [str(int(each)) for each in SIGNALS]:
            raise Refused("neither TERM nor KILL to a process")
        if int(process) not in self._children:
            raise Refused("a process that was not started here")
        try:
            os.kill(int(process), int(number))
        except ProcessLookupError:
            pass
        return {}, None

    def _door(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        """A socket in our folder that only root can connect to: what we start finds the front there, and nobody who stands in its place."""
        name = order.get("name", "")
        if name != OPERATORS and not is_ours(self._side, name, CONTROL, UPGRADE):
            raise Refused("a name that is none of ours")
        path = os.path.join(self._folder, name)
        _unlink(path)
        return {}, listen(path).detach()

    def _forget(self, order: dict[str, str]) -> tuple[dict[str, str], None]:
        name = order.get("name", "")
        if name not in (OPERATORS, NEXT_LOCK) and not is_ours(self._side, name, CONTROL, UPGRADE, WORKERS):
            raise Refused("a name that is none of ours")
        _unlink(os.path.join(self._folder, name))
        return {}, None

    def _listen(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        host, port = order.get("host", ""), order.get("port", "")
        if port not in (*WEB_PORTS, *self._policy["ports"].split()) or not 0 < int(port) < LOW_PORTS:
            raise Refused(f"port {port[:5]} is neither 80 nor 443, nor one that Terpan was started with")
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            raise Refused("no address of this machine") from None
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.bind((host, int(port)))
            listener.listen(BACKLOG)
            return {}, listener.detach()

    def _named(self, order: dict[str, str], kind: str) -> str:
        path = self._policy.get(f"{kind}.{order.get('number', '')}")
        if path is None:
            raise Refused("no such file")
        return path

    def _append(self, order: dict[str, str]) -> tuple[dict[str, str], int]:
        path = self._named(order, "log")
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags, LOG_MODE)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            os.close(descriptor)
            raise Refused("it is no file, or has another name, too")
        os.set_blocking(descriptor, True)
        return {}, descriptor

    def _remove(self, order: dict[str, str]) -> tuple[dict[str, str], None]:
        """The file of a socket for clients."""
        path = self._named(order, "socket")
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return {}, None
        if not stat.S_ISSOCK(found.st_mode):
            raise Refused("it is no socket")
        _unlink(path)
        return {}, None

    def _follow(self, order: dict[str, str]) -> tuple[dict[str, str], None]:
        """The very command that Terpan was started by, once more: it is root's, reads the settings itself and gives root up as this one did."""
        command = [self._policy[key] for key in sorted(self._policy, key=_place) if key.startswith("follow.")]
        if not command:
            raise Refused("there is no command that Terpan was started by and that root alone can change")
        if FOLLOWER in self._children.values():
            raise Refused("one that is to take this one's place runs already")
        environment = {name: value for name, value in os.environ.items() if name not in FRONTS_OWN}
        # Not where they would be looked for, which others may have settings in by now.
        environment["TERPAN_CONFIG"] = self._policy["settings"]
        environment["UPGRADES_TERPAN"] = os.path.join(self._folder, "upgrade" + self._side)
        here = os.getcwd()
        os.chdir(self._policy["follow_in"])
        try:
            process = self._begin(command, environment, [])
        finally:
            os.chdir(here)
        self._children[process] = FOLLOWER
        return {"pid": str(process)}, None


def _end_of(process: int) -> list[int]:
    """What can be read from once this process has ended, where the kernel has that."""
    try:
        return [os.pidfd_open(process)]
    except (AttributeError, OSError):
        return []


def _numbered(policy: dict[str, str], kind: str) -> dict[str, dict[str, str]]:
    """``plan.1.user=shop`` and its like, by number."""
    found: dict[str, dict[str, str]] = {}
    for key, value in policy.items():
        first, _, rest = key.partition(".")
        number, _, name = rest.partition(".")
        if first == kind and name:
            found.setdefault(number, {})[name] = value
    return found


def _place(key: str) -> int:
    _, _, number = key.rpartition(".")
    return int(number) if number.isdigit() else 0


def _leads_to(named: str) -> set[str]:
    """A path as the settings have it, and without links in all of it, or in all but its last one or three parts."""
    folder, last = os.path.split(named)
    above, programs = os.path.split(folder)
    return {
        named,
        os.path.realpath(named) if named else "",
        os.path.join(os.path.realpath(folder), last) if folder else named,
        os.path.join(os.path.realpath(above), programs, last) if above else named,
    }


def _workers_environment(orders: dict[str, str]) -> dict[str, str]:
    return {**_machines_environment(), "TERPAN_LAUNCH": fields.encode(orders)}


def _machines_environment() -> dict[str, str]:
    """Nothing of root's own variables, which name places and hold secrets; what is the machine's stays."""
    kept = {name: value for name, value in os.environ.items() if name in MACHINES or name.startswith("LC_")}
    before = kept.pop("LC_ALL_BEFORE_TERPAN", None)
    if before is not None:
        kept.pop("LC_ALL", None)
    if before:
        kept["LC_ALL"] = before
    return kept


def _file(name: str) -> str:
    return os.path.join(HERE, name)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
