"""The threads of one link: who leads, who is second, who is parked."""

import os
from threading import Lock, Thread
from typing import Any, List, Optional

from .. import children
from . import frames
from .link import Entry, Link
from .member import READ, Member
from .report import report
from .settings import Settings

TICK = 0.002
"""Seconds in one handler after which a leader counts as stuck; also how long what waits behind it waits at most."""
EAGER = 64
"""Quick handlers after a take-over before which the second is rung, so that the next slow one costs no tick."""


FAULT = 70
"""Exit status of a broken invariant."""


def _ring(bell: Any) -> None:
    try:
        bell.release()
    except RuntimeError:
        pass  # It has been rung already.


class Crew:
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
        self._members: List[Member] = []
        for _ in range(settings.threads + 1):
            bell = Lock()
            bell.acquire()
            self._members.append(Member(self, bell))
        self._leader = self._members[0]
        self._second: Optional[Member] = self._members[1]
        self._parked = self._members[2:]
        self._stuck = 0
        link.running = self._running

    # For the session

    def run(self) -> None:
        """Runs requests until the link ends and every handler has returned. The caller's thread leads first."""
        others = [Thread(target=self._live, args=(member,), daemon=True) for member in self._members[1:]]
        for thread in others:
            thread.start()
        self._live(self._leader)
        for thread in others:
            thread.join()

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
        entries = [member.running for member in self._members]
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

    def _live(self, member: Member) -> None:
        try:
            while not self.link.closed:
                if member is self._leader:
                    member.lead(self.generation)
                    if children.forked:
                        children.end()
                    self._retire(member)
                elif member is self._second:
                    self._watch(member)
                else:
                    member.bell.acquire()
        except BaseException:
            import traceback

            # Without this thread nobody could say what the others wait for: the supervisor starts another worker.
            report("the built-in worker has a fault and ends\n" + traceback.format_exc())
            os._exit(FAULT)
        self._wake_all()

    def _retire(self, member: Member) -> None:
        """A leader that was stuck has come back."""
        member.running = None
        with self._lock:
            if member is self._leader:
                return
            self._stuck -= 1
            if self._second is None:
                self._second = member
            else:
                self._parked.append(member)
        self.link.call_off()
        if self.stopping and not self._running():
            self.link.stop_reading()

    def _wake_all(self) -> None:
        self.ring()
        for member in self._members:
            _ring(member.bell)

    # The second's

    def _watch(self, member: Member) -> None:
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
            if self._take_over(member, leader, present):
                return
            if not rung:
                self._answer_for(leader, present)

    def _sleep(self) -> None:
        self.asleep = True
        if self._leader.running is None and not self.link.closed:
            self._bell.acquire()
        self.asleep = False

    def _take_over(self, member: Member, leader: Member, present: Entry) -> bool:
        with self._lock:
            if self._stuck + 1 >= self.settings.threads or leader.running is not present:
                return False
            self._stuck += 1
            self.generation += 1
            self._leader = member
            self._second = self._parked.pop() if self._parked else None
            if self._second is not None:
                _ring(self._second.bell)
            self.eager = EAGER
        self.link.flush(leader.out)
        return True

    def _answer_for(self, leader: Member, present: Entry) -> None:
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
