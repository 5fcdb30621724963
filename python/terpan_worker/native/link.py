"""The connection to the front: one read role, one write lock, one reassembly buffer."""

import marshal
import select
import socket
from collections import deque
from threading import Condition, Lock
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from . import frames
from .exchange import FILE_IS_DONE, FILE_IS_REFUSED, FILE_NAMED, Exchange, Gone
from .frames import FRAME_HEAD, FRAME_LIMIT, NUMBER, PAIR, WINDOW, Nonsense
from .guarded import dump_answers
from .report import report

Entry = Tuple[int, Dict[str, str], Any]

RECEIVE = 64 * 1024
QUEUE_BOUND = 4096


class Link:
    """
    One connection from its accept to its end. Whoever waits for a frame takes the read role if it is free and sorts what
    comes, else waits on the condition: so nobody waits for a thread that waits for him. Writers hold the write lock alone.
    """

    def __init__(self, connection: socket.socket, files: bool = True) -> None:
        self.connection = connection
        self.files = files
        """Whether the front opens files that answers name."""
        self._receive = connection.recv
        self._rest = bytearray()
        self._role = Lock()
        """Guards the read role; taken by itself where nothing is waited for, which is cheaper than by its condition."""
        self.changed = Condition(self._role)
        """Notified after every sorted read, when the role is free again and when the link closes."""
        self._reading = False
        self._waiting = 0
        self.queue: Deque[Entry] = deque()
        """Requests not started. Popping is the single point of claim."""
        self.exchanges: Dict[int, Exchange] = {}
        self.write_lock = Lock()
        self.closed = False
        self.running: Callable[[], List[Entry]] = list
        """The requests that are being worked on, for a cancel; set by the threads."""
        self._cancelled: Dict[int, Entry] = {}
        """Requests that were cancelled while they ran without an exchange; found again by identity, as ids are used again."""
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._wake_in.setblocking(False)
        self.watched = False
        """The second holds the read role in a wait that `call_off` ends."""

    # Reading

    def read(self) -> bool:
        """For the leader: returns when something was sorted, by us or by another; False once the link is closed."""
        with self._role:
            if self.closed:
                return False
            if self.queue:
                return True  # The second read it just before.
            if self._reading:
                self.call_off()
                self._waiting += 1
                self.changed.wait()
                self._waiting -= 1
                return not self.closed
            self._reading = True
        self._read_once()
        return not self.closed

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """For a request's thread: returns when `ready()`; raises Gone when the link closes first."""
        while not ready():
            with self.changed:
                if self.closed:
                    raise Gone("The link to the front has ended.")
                if ready():
                    return
                if self._reading:
                    self._waiting += 1
                    self.changed.wait()
                    self._waiting -= 1
                    continue
                self._reading = True
            self._read_once()

    def stand_in(self, done: Callable[[], bool]) -> None:
        """For the second: like one turn of `read`, but ended by `call_off` or once `done()` holds."""
        with self.changed:
            if self.closed or done():
                return
            if self._reading:
                self._waiting += 1
                self.changed.wait()
                self._waiting -= 1
                return
            self._reading = True
            self.watched = True
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        poll.register(self._wake_out, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll()]
        self.watched = False
        if self._wake_out.fileno() in ready:
            self._drain_wakes()
        if self.connection.fileno() in ready or self.connection.fileno() < 0:
            self._read_once()
        else:
            self._give_up_role()

    def call_off(self) -> None:
        """Ends a wait of `stand_in`, so that the read role becomes free."""
        if self.watched:
            self.watched = False
            try:
                self._wake_in.send(b"x")
            except OSError:
                pass  # Full: it is awake already. Closed: so is the link.

    def _drain_wakes(self) -> None:
        try:
            while self._wake_out.recv(64):
                pass
        except OSError:
            pass  # Empty.

    def _give_up_role(self) -> None:
        with self.changed:
            self._reading = False
            self.changed.notify_all()

    def _read_once(self) -> None:
        try:
            data = self._receive(RECEIVE)
            if data:
                self._sort_read(data)
            else:
                self.close()
        except OSError:
            self.close()
        except (Nonsense, ValueError, EOFError, TypeError) as error:
            report(f"the link to the front ends: it sent what is not in the protocol: {error}")
            self.close()
        finally:
            with self._role:
                self._reading = False
                if self._waiting:
                    self.changed.notify_all()

    def _sort_read(self, data: bytes) -> None:
        rest = self._rest
        if rest:
            rest += data
            data = bytes(rest) if self._holds_frame(rest) else b""
            if not data:
                return
            rest.clear()
        at, end = 0, len(data)
        if end >= 5 and data[4] == frames.BATCH and NUMBER.unpack_from(data)[0] == end - 4 <= FRAME_LIMIT:
            self._sort_batch(marshal.loads(data[5:]))
            return
        view = memoryview(data)
        while end - at >= 5:
            length, kind = FRAME_HEAD.unpack_from(data, at)
            if not 1 <= length <= FRAME_LIMIT:
                raise Nonsense(f"a frame of {length} bytes, expected 1 to {FRAME_LIMIT}")
            following = at + 4 + length
            if following > end:
                break
            if kind == frames.BATCH:
                self._sort_batch(marshal.loads(view[at + 5 : following]))
            else:
                self._sort_frame(kind, view[at + 5 : following])
            at = following
        if at < end:
            rest += view[at:]

    @staticmethod
    def _holds_frame(rest: bytearray) -> bool:
        """So that a long frame in many reads is not copied at each of them."""
        return len(rest) >= 5 and (len(rest) >= 4 + NUMBER.unpack_from(rest)[0] or NUMBER.unpack_from(rest)[0] > FRAME_LIMIT)

    def _sort_batch(self, batch: List[Any]) -> None:
        if type(batch) is not list or len(batch) % 3:
            raise Nonsense("a batch that is not a list of threes")
        if len(self.queue) + len(batch) // 3 > QUEUE_BOUND:
            raise Nonsense(f"more than {QUEUE_BOUND} requests at once")
        bodies = batch[2::3]
        if bodies.count(None) < len(bodies):
            for number, body in zip(batch[::3], bodies):
                if type(body) is int:
                    self.exchanges[number] = Exchange(number)
        parts = iter(batch)
        self.queue.extend(zip(parts, parts, parts))

    def _sort_frame(self, kind: int, payload: memoryview) -> None:
        if len(payload) < 4:
            raise Nonsense(f"a frame of kind {kind} with {len(payload)} bytes, expected at least 4")
        number = NUMBER.unpack_from(payload)[0]
        exchange = self.exchanges.get(number)
        if kind == frames.CANCEL:
            self._cancel(number, exchange)
        elif not frames.BATCH < kind <= frames.FILE_REFUSED:
            raise Nonsense(f"a frame of kind {kind}, expected 0 to {frames.FILE_REFUSED}")
        elif exchange is None:
            return  # Its fate was settled while this was on the way.
        elif kind == frames.BODY:
            exchange.received += len(payload) - 4
            if exchange.received > exchange.taken + WINDOW:
                raise Nonsense(f"request {number}: more than {WINDOW} bytes of body beyond its credit")
            exchange.pieces.append(bytes(payload[4:]))
        elif kind == frames.BODY_END:
            exchange.ended = True
        elif kind == frames.CREDIT:
            if len(payload) != 8:
                raise Nonsense(f"a credit of {len(payload)} bytes, expected 8")
            exchange.credit += PAIR.unpack(payload)[1]
        elif exchange.file == FILE_NAMED:
            exchange.file = FILE_IS_DONE if kind == frames.FILE_DONE else FILE_IS_REFUSED

    def _cancel(self, number: int, exchange: Optional[Exchange]) -> None:
        for entry in list(self.queue):
            if entry[0] == number:
                try:
                    self.queue.remove(entry)
                except (ValueError, IndexError):
                    break  # Another thread started it meanwhile.
                self.exchanges.pop(number, None)
                self.send(frames.returned([number]))
                return
        if exchange is None:
            # Mark first, then look again: the request's thread makes its exchange first and then looks for the mark.
            running = self.running()
            self._cancelled = {entry[0]: entry for entry in running if entry[0] == number or entry[0] in self._cancelled}
            exchange = self.exchanges.get(number)
        if exchange is not None:
            exchange.cancelled = True

    # Writing

    def send(self, data: bytes) -> None:
        """Sends whole frames; after the end of the link it does nothing."""
        with self.write_lock:
            self._send(data)

    def flush(self, answers: List[Any], seconds: float = 0.0) -> None:
        """
        Sends and removes the answers in this list; others may append to it meanwhile. `seconds` is what their handlers took in
        all, 0 where that is not known.
        """
        with self.write_lock:
            count = len(answers)
            if count:
                self._send(dump_answers(answers[:count], int(seconds * 1e6 / count)))
                del answers[:count]

    def _send(self, data: bytes) -> None:
        try:
            self.connection.sendall(data)
        except OSError:
            self.shut()

    # Ending

    def exchange(self, entry: Entry) -> Exchange:
        """The exchange of a request that runs, made when it is not there yet."""
        exchange = self.exchanges.setdefault(entry[0], Exchange(entry[0]))
        if self._cancelled.get(entry[0]) is entry or self.closed:
            exchange.cancelled = True
        return exchange

    def shut(self) -> None:
        """Ends the stream in both directions; the reader then finds its end and closes."""
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It has ended already.

    def stop_reading(self) -> None:
        """What was received may still be answered; the reader finds the end behind it."""
        try:
            self.connection.shutdown(socket.SHUT_RD)
        except OSError:
            pass  # It has ended already.

    def close(self) -> None:
        """The reader's: nothing more comes. Wakes everybody; the descriptors live until `release`."""
        self.closed = True
        self.shut()
        self.queue.clear()
        for exchange in list(self.exchanges.values()):
            exchange.cancelled = True
        with self.changed:
            self.changed.notify_all()

    def leave(self) -> None:
        """In a process that the application forked."""
        self._role, self.write_lock = Lock(), Lock()
        self.changed = Condition(self._role)
        self.closed = True
        self.queue.clear()
        self.release()

    def release(self) -> None:
        """Closes the descriptors once no thread uses the link."""
        for end in (self.connection, self._wake_out, self._wake_in):
            end.close()
