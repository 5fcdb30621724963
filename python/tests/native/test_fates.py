"""Random requests, bodies, credits and cancels: each request ends exactly once, and nothing is left of it."""

import marshal
import os
import random
import select
import socket
import struct
import time
import unittest

from terpan_worker.native.frames import CHUNK, WINDOW

from .front import (
    ABORT,
    BATCH,
    BODY,
    BODY_CREDIT,
    BODY_END,
    CANCEL,
    CREDIT,
    DEADLINE,
    END,
    HEAD,
    PIECE,
    RETURNED,
    Worker,
    environ,
    wait_until,
)
from .test_answers import hello, stderr

SEED = int(os.environ.get("TERPAN_SEED", "0")) or random.randrange(1, 1 << 30)
AT_ONCE = 24


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/body":
        size = len(environ["wsgi.input"].read())
        start_response("200 OK", [("X-Size", str(size))])
        return [b"x" * size]
    if path == "/sleep":
        time.sleep(0.004)
    if path == "/fail":
        raise RuntimeError("asked for")
    if path == "/stream":
        start_response("200 OK", [])
        return (b"y" * 30_000 for _ in range(20))
    if path == "/break":
        start_response("200 OK", [])
        return (b"z" * (10 // (3 - number)) for number in range(5))
    return hello(environ, start_response)


class Traffic:
    """The front's books: what is open, what is still to be sent of a body. Like the real front it never waits to send."""

    def __init__(self, test, front, source):
        self.test, self.front, self.source = test, front, source
        self.unsent = bytearray()
        front.send = lambda kind, payload: self.unsent.extend(struct.pack("<IB", len(payload) + 1, kind) + payload)
        self.open = {}
        self.cancelled = set()
        self.settled = 0

    def begin(self, number):
        path = self.source.choice(["/", "/", "/", "/body", "/body", "/sleep", "/fail", "/stream", "/break"])
        size = self.source.choice([0, 10, 100_000, 600_000]) if path == "/body" else 0
        body = self.source.choice([size, -1]) if size else None
        self.open[number] = [size, WINDOW]
        return number, environ(path), body

    def push(self, number):
        """One piece of a body, as far as credit goes."""
        rest = self.open[number]
        if not rest[0] or number in self.cancelled:
            return
        count = min(rest[0], rest[1], self.source.randrange(1, CHUNK + 1))
        if count:
            self.front.numbered(BODY, number, b"b" * count)
            rest[0] -= count
            rest[1] -= count
            if not rest[0]:
                self.front.numbered(BODY_END, number)

    def settle(self, number):
        self.test.assertIn(number, self.open, "a second fate")
        del self.open[number]
        self.cancelled.discard(number)
        self.settled += 1

    def take(self):
        kind, payload = self.front.frame()
        if kind == BATCH:
            for answer in marshal.loads(payload)[1:]:
                self.settle(answer[0])
            return
        number, rest = struct.unpack_from("<I", payload)[0], payload[4:]
        if kind in (END, ABORT):
            self.settle(number)
        elif kind == RETURNED:
            for number in struct.unpack(f"<{len(payload) // 4}I", payload):
                self.settle(number)
        elif kind == PIECE:
            self.front.numbered(CREDIT, number, struct.pack("<I", len(rest)))
        elif kind == BODY_CREDIT:
            if number in self.open:
                self.open[number][1] += struct.unpack("<I", rest)[0]
        else:
            self.test.assertEqual(HEAD, kind)

    def turn(self, patience):
        """Sends what goes out and takes what is there; waits that long for either."""
        connection = self.front.connection
        writing = [connection] if self.unsent else []
        readable, writable, _ = select.select([connection], writing, [], 0 if self.front.rest else patience)
        if writable:
            del self.unsent[: connection.send(self.unsent[:CHUNK], socket.MSG_DONTWAIT)]
        if readable or self.front.rest:
            self.take()


class Fates(unittest.TestCase):
    def run_traffic(self, threads, count=600):
        source = random.Random(SEED)
        worker = Worker(application, threads=threads)
        with stderr(), worker as front, self.subTest(seed=SEED):
            traffic = Traffic(self, front, source)
            number, deadline = 0, time.monotonic() + 6 * DEADLINE
            while traffic.settled < count:
                self.assertLess(time.monotonic(), deadline, f"seed {SEED}: these never ended: {traffic.open}")
                if number < count and len(traffic.open) < AT_ONCE and source.random() < 0.5:
                    size = min(source.randrange(1, 9), count - number)
                    front.batch(*(traffic.begin(number + at) for at in range(size)))
                    number += size
                for waiting in list(traffic.open):
                    traffic.push(waiting)
                    if source.random() < 0.005 and waiting not in traffic.cancelled:
                        front.numbered(CANCEL, waiting)
                        traffic.cancelled.add(waiting)
                traffic.turn(0.001)
            wait_until(lambda: not worker.link.exchanges, f"seed {SEED}: left over: {worker.link.exchanges}")
            self.assertEqual(0, len(worker.link.queue))

    def test_on_one_thread(self):
        self.run_traffic(1)

    def test_on_two_threads(self):
        self.run_traffic(2)

    def test_on_many_threads(self):
        self.run_traffic(6)
