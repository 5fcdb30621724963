"""Bodies that come and go in pieces, cancels, and the end of the link."""

import os
import struct
import threading
import unittest

from terpan_worker.native.frames import CHUNK, WINDOW

from .front import (
    ABORT,
    BODY,
    BODY_CREDIT,
    BODY_END,
    CANCEL,
    CREDIT,
    END,
    HEAD,
    PIECE,
    Worker,
    receive_pieces,
    wait_until,
)
from .test_answers import Closing, hello, stderr, with_head


def echo(environ, start_response):
    data = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(data)))])
    return [data]


class AnswerBodies(unittest.TestCase):
    def test_a_large_answer_waits_for_credit(self):
        body = os.urandom(1_000_000)
        with Worker(with_head([body])) as front:
            front.ask()
            self.assertEqual(("200 OK", [], len(body)), front.head())
            seen = b""
            while len(seen) < WINDOW:
                seen += front.expect(PIECE)
            self.assertEqual(WINDOW, len(seen))
            front.connection.settimeout(0.05)
            with self.assertRaises(OSError):
                front.frame()
            front.connection.settimeout(10)
            front.numbered(CREDIT, 1, struct.pack("<I", 1))
            seen += front.expect(PIECE)
            self.assertEqual(WINDOW + 1, len(seen))
            front.numbered(CREDIT, 1, struct.pack("<I", len(body)))
            self.assertEqual(body, seen + receive_pieces(front, credit=False))

    def test_others_are_answered_while_one_waits_for_credit(self):
        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"x" * (WINDOW + 1)] if environ["PATH_INFO"] == "/large" else [b"small"]

        with Worker(application, threads=2) as front:
            front.ask(1, "/large")
            front.head()
            for _ in range(WINDOW // CHUNK):
                front.expect(PIECE)
            front.ask(2)
            self.assertEqual((2, "200 OK", [], b"small"), front.answer())
            front.numbered(CREDIT, 1, struct.pack("<I", 1))
            self.assertEqual([b"x", b""], [front.expect(PIECE), front.expect(END)])

    def test_a_cancelled_answer_stops_and_is_closed(self):
        def endless():
            while True:
                yield b"x" * CHUNK

        result = Closing(endless())
        with stderr() as log, Worker(with_head(result)) as front:
            front.ask()
            front.head()
            front.numbered(CANCEL, 1)
            kinds = [front.frame()[0]]
            while kinds[-1] == PIECE:
                kinds.append(front.frame()[0])
            self.assertEqual(ABORT, kinds[-1])
            wait_until(lambda: result.closed == 1)
            front.ask(2, method="HEAD")
            self.assertEqual(2, front.answer()[0])
        self.assertEqual("", log.getvalue())

    def test_the_end_of_the_link_closes_what_streams(self):
        def endless():
            while True:
                yield b"x" * CHUNK

        result = Closing(endless())
        with stderr(), Worker(with_head(result)) as front:
            front.ask()
            front.head()
        self.assertEqual(1, result.closed)


class RequestBodies(unittest.TestCase):
    def send(self, front, body, number=1):
        for at in range(0, len(body), CHUNK):
            front.numbered(BODY, number, body[at : at + CHUNK])
        front.numbered(BODY_END, number)

    def test_a_whole_body_is_read(self):
        with Worker(echo) as front:
            front.ask(method="POST", body=b"hello")
            self.assertEqual(b"hello", front.answer()[3])

    def test_a_large_body_is_echoed_under_flow_control(self):
        body = os.urandom(1_500_000)
        with Worker(echo) as front:
            front.ask(method="POST", body=len(body))
            at, allowed = 0, WINDOW
            while at < len(body):
                while at < min(allowed, len(body)):
                    piece = body[at : min(at + 50_000, allowed)]
                    front.numbered(BODY, 1, piece)
                    at += len(piece)
                if at < len(body):
                    allowed += struct.unpack("<I", front.expect(BODY_CREDIT))[0]
            front.numbered(BODY_END, 1)
            kind, payload = front.frame()
            while kind == BODY_CREDIT:
                kind, payload = front.frame()
            self.assertEqual(HEAD, kind)
            self.assertEqual(body, receive_pieces(front))

    def test_lines_cross_pieces(self):
        def application(environ, start_response):
            lines = environ["wsgi.input"]
            found = [lines.readline(), lines.readline(2), lines.read(1), *lines.readlines(1), *lines, lines.read(), lines.read(3)]
            start_response("200 OK", [])
            return [repr(found).encode()]

        with Worker(application) as front:
            front.ask(method="POST", body=-1)
            for piece in (b"fir", b"st\nsec", b"ond\nthi", b"rd\nfourth\nrest"):
                front.numbered(BODY, 1, piece)
            front.numbered(BODY_END, 1)
            expected = [b"first\n", b"se", b"c", b"ond\n", b"third\n", b"fourth\n", b"rest", b"", b""]
            self.assertEqual(repr(expected).encode(), front.answer()[3])

    def test_an_answer_may_come_before_the_body(self):
        with Worker(hello) as front:
            front.ask(method="POST", body=-1)
            self.assertEqual(b"hello", front.answer()[3])
            self.send(front, b"x" * CHUNK * 3)
            front.ask(2)
            self.assertEqual(2, front.answer()[0])

    def test_a_body_that_breaks_off_is_an_error_for_its_reader(self):
        seen, entered = [], threading.Event()

        def application(environ, start_response):
            entered.set()
            try:
                environ["wsgi.input"].read()
            except OSError as error:
                seen.append(error)
                raise

        with stderr() as log, Worker(application) as front:
            front.ask(method="POST", body=100)
            front.numbered(BODY, 1, b"x" * 10)
            entered.wait(10)
            front.numbered(CANCEL, 1)
            self.assertEqual(1, front.answer()[0])
        self.assertEqual(1, len(seen))
        self.assertEqual("", log.getvalue())

    def test_the_end_of_the_link_is_an_error_for_the_reader(self):
        seen, entered = [], threading.Event()

        def application(environ, start_response):
            entered.set()
            try:
                environ["wsgi.input"].read()
            except OSError as error:
                seen.append(error)
                raise

        with stderr(), Worker(application) as front:
            front.ask(method="POST", body=100)
            entered.wait(10)
        self.assertEqual(1, len(seen))

    def test_a_body_beyond_its_credit_ends_the_link(self):
        release = threading.Event()

        def application(environ, start_response):
            release.wait(10)
            return echo(environ, start_response)

        with stderr() as log, Worker(application) as front:
            front.ask(method="POST", body=-1)
            with self.assertRaises(OSError):
                for _ in range(100):
                    front.numbered(BODY, 1, b"x" * CHUNK)
            release.set()
            with self.assertRaises((EOFError, OSError)):
                while True:
                    front.frame()
        self.assertIn("beyond its credit", log.getvalue())


class BrokenLinks(unittest.TestCase):
    def refused(self, data, message):
        with stderr() as log, Worker(hello) as front:
            front.connection.sendall(data)
            with self.assertRaises(EOFError):
                front.frame()
        self.assertIn(message, log.getvalue())

    def test_a_frame_too_long_ends_the_link(self):
        self.refused(struct.pack("<IB", 1 << 25, 0), "a frame of 33554432 bytes")

    def test_an_unknown_kind_ends_the_link(self):
        self.refused(struct.pack("<IBI", 5, 9, 1), "a frame of kind 9")

    def test_a_batch_that_is_not_marshal_ends_the_link(self):
        self.refused(struct.pack("<IB", 4, 0) + b"???", "not in the protocol")

    def test_a_batch_of_another_shape_ends_the_link(self):
        self.refused(struct.pack("<IB", 2, 0) + b"N", "not a list of threes")
