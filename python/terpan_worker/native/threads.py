"""The threads of one link: who leads, who is second, who is parked, and the loop in which the leader runs handlers."""

from __future__ import annotations

import os
from _thread import get_ident  # Not by way of `threading`, which an application may have patched.
from io import BytesIO
from threading import Lock, Thread
from time import monotonic
from typing import Any, Callable, List, Optional, Tuple

from .. import children, printed
from . import frames
from .answer import Answer
from .body import RequestBody
from .frames import CHUNK
from .heads import listed, plain_length
from .hints import hinting
from .link import Entry, Link
from .report import report
from .settings import Settings

TICK = 0.002
"""Seconds in one handler after which a leader counts as stuck; also how long what waits behind it waits at most."""
EAGER = 64
"""Quick handlers after a take-over before which the second is rung, so that the next slow one costs no tick."""
FAULT = 70
"""Exit status of a broken invariant."""
FLUSH_AGE = 0.001
"""Seconds the oldest finished answer may wait for its batch."""
FLUSH_COUNT = 64
READ = (-1, {}, None)
"""Stands for a request between the read and the first handler."""


def _ring(bell: Any) -> None:
    try:
        bell.release()
    except RuntimeError:
        pass  # It has been rung already.


class HandlerThreads:
    """
    The leader reads and runs handlers; the second watches it and takes over when it is stuck; the rest are parked. There is
    one thread more than handlers may run at once: when all are stuck, the second answers for the leader, that is, it reads
    the link and gives back what nobody has started. A pool with a hand-over to each request was rejected: it costs a wake-up each.
    """

    def __init__(self, link: Link, settings: Settings) -> None:
        self.link = link
        self.settings = settings
        self.generation = 1
        """Below 0 in a process that the application forked."""
        self.eager = 0
        self.asleep = False
        """The second sleeps without limit, as the leader is idle."""
        self.turns = 0
        """Reads of the leader, so that the second sees that it is at work."""
        self.stopping = False
        self._lock = Lock()
        """Guards the roles: generation, leader, second, parked and stuck."""
        self._bell = Lock()
        self._bell.acquire()
        self._threads: List[HandlerThread] = []
        for _ in range(settings.threads + 1):
            bell = Lock()
            bell.acquire()
            self._threads.append(HandlerThread(self, bell))
        self._leader = self._threads[0]
        self._second: Optional[HandlerThread] = self._threads[1]
        self._parked = self._threads[2:]
        self._stuck = 0
        link.running = self._running

    # For the session

    def run(self) -> None:
        """Runs requests until the link ends and every handler has returned. The caller's thread leads first."""
        others = [Thread(target=self._live, args=(each,), daemon=True) for each in self._threads[1:]]
        for other in others:
            other.start()
        self._live(self._leader)
        for other in others:
            other.join()

    def stop(self) -> None:
        """Called by a signal handler: ends the link as soon as nothing runs. Takes no lock."""
        self.stopping = True
        if not self._running():
            self.link.stop_reading()

    def leave(self) -> None:
        """In a process that the application forked: what runs in it is the last, and reaches nobody. Others may have held the locks."""
        self.generation = -1
        self.link.leave()

    def _running(self) -> List[Entry]:
        entries = [thread.running for thread in self._threads]
        return [entry for entry in entries if entry is not None and entry is not READ]

    # The leader's

    def read(self) -> bool:
        """The leader reads once; False when it has no more to do."""
        if self.stopping and not self._running():
            self.link.stop_reading()
        self.turns += 1
        alive = self.link.read()
        if self.stopping:
            self._give_back(bodies_too=True)
        return alive

    def ring(self) -> None:
        """Wakes the second."""
        _ring(self._bell)

    # Roles

    def _live(self, thread: HandlerThread) -> None:
        printed.live(thread.request)
        try:
            while not self.link.closed:
                if thread is self._leader:
                    thread.lead(self.generation)
                    if children.forked:
                        children.end()
                    self._retire(thread)
                elif thread is self._second:
                    self._watch(thread)
                else:
                    thread.bell.acquire()
        except BaseException:
            import traceback

            # Without this thread nobody could say what the others wait for: the supervisor starts another worker.
            report("the built-in worker has a fault and ends\n" + traceback.format_exc())
            os._exit(FAULT)
        printed.leave()
        self._wake_all()

    def _retire(self, thread: HandlerThread) -> None:
        """A leader that was stuck has come back."""
        thread.running = None
        with self._lock:
            if thread is self._leader:
                return
            self._stuck -= 1
            if self._second is None:
                self._second = thread
            else:
                self._parked.append(thread)
        self.link.call_off()
        if self.stopping and not self._running():
            self.link.stop_reading()

    def _wake_all(self) -> None:
        self.ring()
        for thread in self._threads:
            _ring(thread.bell)

    # The second's

    def _watch(self, thread: HandlerThread) -> None:
        """Returns when this thread has become the leader or the link has ended."""
        turns = -1
        while not self.link.closed:
            entry = self._leader.running
            if entry is None and self.turns == turns:
                self._sleep()
                continue
            turns = self.turns
            rung = self._bell.acquire(timeout=TICK)
            if rung and self.eager <= 0:
                continue
            leader, present = self._leader, self._leader.running
            if present is None or present is READ or (present is not entry and not rung):
                continue
            if self._take_over(thread, leader, present):
                return
            if not rung:
                self._answer_for(leader, present)

    def _sleep(self) -> None:
        self.asleep = True
        if self._leader.running is None and not self.link.closed:
            self._bell.acquire()
        self.asleep = False

    def _take_over(self, thread: HandlerThread, leader: HandlerThread, present: Entry) -> bool:
        with self._lock:
            if self._stuck + 1 >= self.settings.threads or leader.running is not present:
                return False
            self._stuck += 1
            self.generation += 1
            self._leader = thread
            self._second = self._parked.pop() if self._parked else None
            if self._second is not None:
                _ring(self._second.bell)
            self.eager = EAGER
        self.link.flush(leader.out)
        return True

    def _answer_for(self, leader: HandlerThread, present: Entry) -> None:
        """As no thread may take over: gives back what waits, and reads the link, until the leader moves."""
        link, queue = self.link, self.link.queue
        stay = 0

        def over() -> bool:
            return leader.running is not present or len(queue) > stay or self._stuck + 1 < self.settings.threads

        link.flush(leader.out)
        while not link.closed and leader.running is present and self._stuck + 1 >= self.settings.threads:
            stay = self._give_back(bodies_too=False)
            link.stand_in(over)
            if len(queue) > stay:
                self._bell.acquire(timeout=TICK)

    def _give_back(self, bodies_too: bool) -> int:
        """
        Returns how many stay: those whose body is on its way, for the front may not have its beginning any more. Unless the
        worker ends, they can wait.
        """
        queue = self.link.queue
        numbers: List[int] = []
        stay: List[Entry] = []
        while queue:
            try:
                entry = queue.pop()
            except IndexError:
                break  # The leader came back and took the last one.
            if type(entry[2]) is int and not bodies_too:
                stay.append(entry)
            else:
                self.link.exchanges.pop(entry[0], None)
                numbers.append(entry[0])
        queue.extendleft(stay)
        if numbers:
            self.link.send(frames.returned(numbers))
        return len(stay)


class HandlerThread:
    """One of them. `running` is its present request, `out` its finished answers that were not sent."""

    __slots__ = ("running", "out", "bell", "lead")

    def __init__(self, threads: HandlerThreads, bell: Any) -> None:
        self.running: Optional[Entry] = None
        self.out: List[Any] = []
        self.bell = bell
        self.lead = leading(threads, self)

    def request(self) -> str:
        """The id of the present one; empty: there is none, or it has none."""
        present = self.running
        return "" if present is None else present[1].get(printed.FIELD, "")


def start_again(answer: Optional[Answer], exc_info: Any) -> None:
    """PEP 3333's rules for a second call of start_response."""
    try:
        if exc_info is None:
            raise AssertionError("start_response was called twice without exc_info")
        if answer is not None and answer.begun:
            raise exc_info[1].with_traceback(exc_info[2])
    finally:
        exc_info = None  # Breaks the cycle of frame and traceback.


def refuse_thread() -> None:
    """A thread that goes on after its request would speak in another client's answer: they are their thread's, one by one."""
    raise RuntimeError("start_response and write belong to the thread that was called with the request")


def leading(threads: HandlerThreads, thread: HandlerThread) -> Callable[[int], None]:
    """Makes a thread's `lead`: one start_response for its life, its state in cells."""
    link, settings = threads.link, threads.settings
    application, constants = settings.application, hinting(settings.constants, link, lambda: (entry, answer, owner))
    prefix, route_of = settings.prefix, settings.route_of
    queue, out = link.queue, thread.out
    status = headers = None  # type: Any
    answer: Optional[Answer] = None
    entry: Any = READ
    environ: Any = {}
    owner = 0

    def started() -> Tuple[Any, Any]:
        return status, headers

    def slow_answer() -> Answer:
        nonlocal answer
        if answer is None:
            answer = Answer(link, entry, environ, started, out, route_of)
        return answer

    def write(data: bytes) -> None:
        if get_ident() != owner:
            refuse_thread()
        slow_answer().write(data)

    def start_response(new_status: str, new_headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal status, headers
        if get_ident() != owner:
            refuse_thread()
        if status is not None or exc_info is not None:
            start_again(answer, exc_info)
        status = new_status
        headers = new_headers[:] if type(new_headers) is list else listed(new_headers)
        return write

    def lead(generation: int) -> None:
        """Runs handlers until another thread leads or the link has ended."""
        nonlocal status, headers, answer, entry, environ, owner
        owner = get_ident()
        now = oldest = begun = 0.0
        while threads.generation == generation:
            try:
                entry = queue.popleft()
            except IndexError:
                if out:
                    link.flush(out, now - begun)
                # What the application left in it must not live until the next request.
                environ = entry = body = headers = piece = answer = None
                thread.running = None
                if not threads.read():
                    return
                thread.running = READ
                if threads.asleep:
                    threads.ring()
                begun = now = monotonic()
                continue
            thread.running = entry
            if threads.eager > 0:
                threads.ring()
            number, environ, body = entry
            status = answer = None
            environ = constants | environ
            if body is None:
                environ["wsgi.input"] = BytesIO()
            elif type(body) is bytes:
                environ["wsgi.input"] = BytesIO(body)
            else:
                link.flush(out, now - begun)
                begun = now
                environ["wsgi.input"] = RequestBody(link, link.exchange(entry))
                slow_answer()
            is_head = environ["REQUEST_METHOD"] == "HEAD"
            if prefix:
                settings.cut_prefix(environ)
            try:
                result = application(environ, start_response)
                if (
                    (type(result) is list or type(result) is tuple)
                    and len(result) == 1
                    and answer is None
                    and type(piece := result[0]) is bytes
                    and not is_head
                    and len(piece) <= CHUNK
                    and ((length := plain_length(status, headers)) == -1 or length == len(piece))
                ):
                    told = None if route_of is None else route_of(environ)
                    out.append((number, status, headers, piece) if told is None else (number, status, headers, piece, told))
                else:
                    slow_answer().give(result)
            except BaseException as error:
                slow_answer().fail(error)
            result = None
            started_at, now = now, monotonic()
            if threads.eager > 0 and now - started_at < FLUSH_AGE:
                threads.eager -= 1
            if len(out) == 1:
                oldest = now
            elif not out:
                begun = now
                continue
            if now - oldest >= FLUSH_AGE or len(out) >= FLUSH_COUNT:
                thread.running = READ
                link.flush(out, now - begun)
                begun = now
        link.flush(out, now - begun)

    return lead
