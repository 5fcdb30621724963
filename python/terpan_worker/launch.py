"""One worker from its orders to the end of its server. The orders come in the environment; the application never sees them."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
import sys
import time
from _thread import start_new_thread as _start_thread  # this, and the next: as it is before a library replaces it
from socket import socket as _Socket
from typing import TYPE_CHECKING

from terpan_worker import children, printed
from terpan_worker.control import Control
from terpan_worker.namesakes import keep_apart

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from terpan_worker.unpatched import Before

ORDERS = "TERPAN_LAUNCH"
#: Where a launcher's process that becomes another program leaves what ``resumed`` needs.
HANDED_ON = "TERPAN_HANDED_ON"
# What another program's socket activation or supervisor left in our environment is not meant for a worker.
NOT_FOR_WORKERS = (ORDERS, HANDED_ON, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET")
BACKLOG = 1024
STDERR = 2
#: So long before its time is over a start that hangs tells where.
LATE_SECONDS = 1.0
LEFT_LEAST = 0.05
#: When a process began: a place in /proc/PID/stat behind the name.
BEGAN = 19

#: A worker could not be forked, or not be prepared.
EXIT_NOT_FORKED = 8
SIGNALLED = 128

EXIT_FAILED = {"import": 4, "startup": 4, "interface": 4, "server": 6, "setup": 8, "preload": 9}


class Launch:
    """What a server's launcher is given."""

    def __init__(self, orders: dict[str, str], control: Control, listener: socket.socket | None, shared: Any = None) -> None:
        #: bound and listening; none in a program that was given it already
        self.listener = listener
        #: what the listener is called, and every connection that it accepts
        self.address = listener.getsockname() if listener is not None else orders.get("socket", "")
        self._shared = shared
        self.name = orders["name"]
        self.threads = int(orders["threads"])
        self.options = {key[7:]: value for key, value in orders.items() if key.startswith("option.")}
        #: SCRIPT_NAME: "" or a path that begins with a slash and does not end with one
        self.prefix = orders["prefix"]
        #: whether other processes serve the same application
        self.multiprocess = orders["multiprocess"] == "true"
        #: whether the front opens what this worker names; of another user it opens nothing
        self.files = orders.get("files") != "false"
        #: by this the front is known on a socket that others can reach; "" on one that they can not
        self.secret = orders["secret"]
        self.orders = orders
        self.control = control
        self._server_version = ""
        self._runs_asgi = False
        self._asgi = False
        # Packages of the server that keep the standard library as it was before the application.
        self._keeps: tuple[str, ...] = ()
        # The signal that the server ends at.
        self._polite: int = signal.SIGTERM
        #: whether its handler of that one is C's
        self.ends_in_c = False
        # Whether the server takes the listener after the application was imported.
        self._listens_late = True
        #: that library, where the application has replaced parts of it
        self.unpatched: Before | None = None
        self._before: Before | None = None
        #: whether the application was imported in the process that forked this one
        self.is_forked = False
        #: what the server's launcher has made there before
        self.prepared: Any = None
        self._raw: Callable | None = None
        self._wrapped: Callable | None = None

    def forked(self, orders: dict[str, str], control: Control, listener: socket.socket, shared: Any) -> Launch:
        """The same in a worker that was forked after the application was imported."""
        launch = Launch(orders, control, listener, shared)
        launch._server_version, launch._raw = self._server_version, self._raw
        launch._runs_asgi, launch._asgi = self._runs_asgi, self._asgi
        launch._keeps, launch._polite, launch.ends_in_c = self._keeps, self._polite, self.ends_in_c
        launch._listens_late, launch._before = self._listens_late, self._before
        launch.is_forked, launch.prepared = True, self.prepared
        launch._part()
        return launch

    @property
    def is_private(self) -> bool:
        """Whether the socket is this worker's own and only the front reaches it: it gets no more requests than its profile says."""
        return self._shared is None and not self.secret

    @property
    def raw_application(self) -> Callable:
        """The application as it was imported. A failed import is reported and ends the process."""
        if self._raw is None:
            self._raw = self._load()
        return self._raw

    @property
    def application(self) -> Callable:
        """The application with the client's identity and its failures put right, for servers that speak HTTP."""
        if self._wrapped is None:
            self._wrapped = self.adapted()
        return self._wrapped

    def adapted(
        self,
        multithread: bool | None = None,
        mend: Callable[[dict], object] | None = None,
        own_micros: int = 0,
        guard: bool = True,
        **gaps: Any,
    ) -> Callable:
        """The same for a server that leaves more of PEP 3333 open than others: the arguments are those of ``gaps.Gaps``.

        ``multithread``: what is true, where the server says something else. ``mend`` as in ``identify``. ``own_micros`` goes
        for a worker of one thread; with several no request's time is its own. ``guard``: the front's secret is looked for, where it has one.
        """
        from terpan_worker.gaps import Gaps, filled
        from terpan_worker.identity import identify

        identified = identify(self.raw_application, self.prefix, self.multiprocess, multithread, mend)
        if self.secret and guard:
            from terpan_worker.front_only import guarded

            identified = guarded(identified, self.secret)
        whole = filled(identified, Gaps(own_micros=own_micros if self.threads == 1 else 0, route_of=self.route_of(), **gaps))
        return printed.marked(whole) if self.marks_lines() else whole

    def marks_lines(self) -> bool:
        """Whether what is printed for a request tells the front which one it was; it does from now on. In the process that serves."""
        return printed.begin(self.orders.get("mark", ""))

    def route_of(self, native: bool = False) -> Callable | None:
        """What finds the field that tells the route, where the application's framework has it; imports the application."""
        asgi = self.is_asgi
        from terpan_worker import routes

        tell = routes.on_the_link if native else routes.in_an_event if asgi else routes.in_a_field
        return tell(self.orders.get(routes.ORDER, ""))

    @property
    def is_asgi(self) -> bool:
        """Whether the application speaks ASGI; imports it."""
        _ = self.raw_application
        return self._asgi

    @property
    def asgi_application(self) -> Callable:
        """The application as an ASGI callable, with the client's identity put right; a WSGI one runs on ``threads``."""
        if self.is_asgi:
            from terpan_worker.asgi_identity import identify

            callable_ = identify(self.raw_application, self.prefix, lambda text: self.fail("startup", text), self.route_of())
            if self.marks_lines():
                callable_ = printed.marked_asgi(callable_)
        else:
            from terpan_worker.bridge import Bridge

            callable_ = Bridge(self.adapted(guard=False), self.threads, self._server_version.replace(" ", "/"))
        if self.secret:
            from terpan_worker.front_only import guarded_asgi

            callable_ = guarded_asgi(callable_, self.secret)
        return callable_

    def ready(self, server: str = "") -> None:
        """Tells the supervisor that the server accepts from now on, with its version if that was not known before.

        Called by the process that does.
        """
        if self.orders.get("probed") != "true":
            faulthandler.cancel_dump_traceback_later()
        if self._shared is not None:
            _start_thread(self._deafen_when_told, ())
        children.begin(self.address, self.control.fileno(), self._polite, self.ends_in_c)
        # What was imported lives as long as the process: no collection need look at it again.
        gc.collect()
        gc.freeze()
        interface = "asgi" if self._asgi else "wsgi"
        told = server or self._server_version
        self.control.send("ready", server=told, python=_python_version(), interface=interface, pid=str(os.getpid()))

    def on_term(self, stop: Callable[[], object]) -> None:
        """Calls ``stop``, in the main thread, when the supervisor asks for an end; all requests were answered before that."""
        signal.signal(signal.SIGTERM, lambda number, frame: stop())

    def fail(self, kind: str, text: str) -> NoReturn:
        """Reports why this worker can not serve and ends the process."""
        end_failed(self.control, kind, text)

    def _deafen_when_told(self) -> None:
        if self.control.wait_deaf():
            self._shared.let_go()
            self.control.send("deaf")

    def _load(self) -> Callable:
        from terpan_worker import loading
        from terpan_worker.unpatched import Before

        self._before = Before()
        try:
            orders = self.orders
            loaded = loading.load(orders["module"], orders["file"], orders["callable"], orders["factory"] == "true")
            self._asgi = loading.speaks_asgi(loaded, orders["interface"])
        except loading.NotFound as error:
            self.fail("import", str(error))
        except BaseException:  # SystemExit at import is a failed import too
            from terpan_worker.raised import traceback_in_hand

            self.fail("import", traceback_in_hand())
        if self._asgi and not self._runs_asgi:
            self.fail("interface", "asgi")
        if self.listener is not None or "preload" not in self.orders:
            self._part()
        return loaded

    def _part(self) -> None:
        """Parts the server from what the application has replaced; in the process that serves."""
        before = self._before
        if before is not None and before.is_changed():
            before.settle()
            if self._keeps:
                self.unpatched = before
                before.give(self._keeps)
                if self.listener is not None and self._listens_late:
                    self.listener = before.plain(self.listener)


def installed_version(distribution: str, module: object) -> str:
    """A distribution's version, read from the folder beside its module (importlib.metadata costs too much at a start)."""
    place = os.path.dirname(os.path.dirname(os.path.abspath(getattr(module, "__file__", "") or "")))
    start = distribution.lower() + "-"
    for entry in os.listdir(place) if os.path.isdir(place) else ():
        if entry.lower().startswith(start) and entry.endswith(".dist-info"):
            return entry[len(start) : -len(".dist-info")]
    return ""


def exit_status(waited: int) -> int:
    """What ``waitpid`` tells of an end, as the supervisor has it: 128 and more for a signal."""
    code = os.waitstatus_to_exitcode(waited)
    return code if code >= 0 else SIGNALLED - code


def launched(orders: dict[str, str]) -> tuple[Any, Launch]:
    """The server's launcher, and what it is given, in a process that imports the application itself."""
    control, listener, shared = _given(orders) if "given.control" in orders else _begun(orders)
    launch = Launch(orders, control, listener, shared)
    module = prepared(launch)
    if not getattr(module, "IMPORTS_LATE", False):
        _ = launch.raw_application
    return module, launch


def prepared(launch: Launch) -> Any:
    """The server's launcher, with the server imported and the application's modules within reach."""
    directory = launch.orders["directory"]
    sys.argv = [launch.orders["application"]]
    faulthandler.enable()
    tell_when_late(launch.orders)
    keep_apart(directory)
    module = __import__("terpan_worker.servers." + launch.orders["server"], fromlist=["serve"])
    try:
        launch._server_version = _version(module, directory)
    except ImportError as error:
        launch.fail("server", str(error))
    launch._runs_asgi = getattr(module, "RUNS_ASGI", False)
    launch._keeps = getattr(module, "KEEPS", ())
    launch._polite = getattr(module, "POLITE", signal.SIGTERM)
    launch.ends_in_c = getattr(module, "ENDS_IN_C", False)
    launch._listens_late = not getattr(module, "IMPORTS_LATE", False)
    return module


def _version(module: Any, directory: str) -> str:
    """Imports the server, which the application's modules are not to reach, unless it lies among them."""
    try:
        found = module.versions()
    except ImportError:
        sys.path.insert(0, directory)
        return module.versions()
    sys.path.insert(0, directory)
    return found


def _python_version() -> str:
    return "%d.%d.%d" % sys.version_info[:3]


def _begun(orders: dict[str, str]) -> tuple[Control, socket.socket, Any]:
    control = Control.connect(orders["control"])
    control.send("hello", name=orders["name"], token=orders["token"], pid=str(os.getpid()))
    try:
        listener, address, shared = bind(orders)
        os.chdir(orders["chdir"])
    except OSError as error:
        end_failed(control, "setup", str(error))
    control.send("bound", address=address)
    control.wait_go()
    return control, listener, shared


def _given(orders: dict[str, str]) -> tuple[Control, socket.socket, Any]:
    """What ``become`` left open for us: this process was root's when it began."""
    listener = socket.socket(fileno=int(orders["given.listener"]))
    listener.set_inheritable(False)
    shared = None
    if "given.deaf" in orders:
        from terpan_worker.shared import Fetched

        shared = Fetched.inherited(listener, int(orders["given.deaf"]))
    return Control.inherited(int(orders["given.control"])), listener, shared


def bind(orders: dict[str, str]) -> tuple[socket.socket, str, Any]:
    """A listening socket, its address, and, if other workers accept on it too, how this one ceases to."""
    path = orders["socket"]
    if orders["shared"]:
        from terpan_worker.shared import Fetched

        fetched = Fetched.fetch(path, orders["shared"])
        return fetched.listener, path, fetched
    if path:
        listener = _Socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(mask)
        if "owner" in orders:
            os.chown(path, int(orders["owner"]), -1, follow_symlinks=False)  # the front, which is not root; the folder is root's alone to change
        address = path
    else:
        listener = _Socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        address = str(listener.getsockname()[1])
    listener.listen(BACKLOG)
    return listener, address, None


def tell_when_late(orders: dict[str, str]) -> None:
    """Has the stacks of all threads written shortly before the time for the start is over, whatever they are at.

    A thread in C does it. A child would wait for it in vain as it ends, so a fork puts an end to it: one that goes on with the start
    asks anew.
    """
    seconds = float(orders.get("start_seconds", "0"))
    left = seconds - min(LATE_SECONDS, seconds / 4) - _age()
    if seconds > 0:
        os.register_at_fork(before=faulthandler.cancel_dump_traceback_later)
        faulthandler.dump_traceback_later(max(left, LEFT_LEAST), file=STDERR)


def _age() -> float:
    """Seconds since the session's first process began, as far as that is told: its time runs from there."""
    try:
        with open(f"/proc/{os.getsid(0)}/stat", "rb") as stat:
            began = int(stat.read().rpartition(b")")[2].split()[BEGAN]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def end_failed(control: Control, kind: str, text: str) -> NoReturn:
    control.send_failed(kind, text)
    sys.stderr.flush()
    os._exit(EXIT_FAILED[kind])
