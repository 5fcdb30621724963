"""Threads, give-back and cancels."""

import marshal
import struct
import threading
import time
import unittest

from .front import BATCH, BODY, BODY_END, CANCEL, DEADLINE, RETURNED, Worker, environ, wait_until
from .test_answers import hello, stderr


class Gate:
    """An application whose requests to /wait wait until they are let go."""

    def __init__(self):
        self.open = threading.Event()
        self.inside = 0
        self.threads = set()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.inside += 1
            self.open.wait(10)
        self.threads.add(threading.current_thread())
        return hello(environ, start_response)


def returned(front):
    kind, payload = front.frame()
    assert kind == RETURNED, kind
    return sorted(struct.unpack(f"<{len(payload) // 4}I", payload))


class OneThread(unittest.TestCase):
    def test_what_waits_behind_a_stuck_handler_is_given_back(self):
        gate = Gate()
        with Worker(gate) as front:
            front.batch((1, environ(), None), (2, environ("/wait"), None), (3, environ(), None), (4, environ(), None))
            self.assertEqual(1, front.answer()[0])
            self.assertEqual([3, 4], returned(front))
            front.ask(5)
            self.assertEqual([5], returned(front))
            gate.open.set()
            self.assertEqual(2, front.answer()[0])
            front.ask(6)
            self.assertEqual(6, front.answer()[0])

    def test_every_request_has_one_fate(self):
        def application(environ, start_response):
            time.sleep(int(environ["PATH_INFO"][1:]) / 1000)
            return hello(environ, start_response)

        with Worker(application) as front:
            for start in range(0, 400, 8):
                front.batch(*((number, environ(f"/{(number * 7) % 5}"), None) for number in range(start, start + 8)))
            fates = []
            while len(fates) < 400:
                kind, payload = front.frame()
                if kind == BATCH:
                    fates += [answer[0] for answer in marshal.loads(payload)[1:]]
                else:
                    self.assertEqual(RETURNED, kind)
                    fates += struct.unpack(f"<{len(payload) // 4}I", payload)
            self.assertEqual(list(range(400)), sorted(fates))

    def test_handlers_run_on_one_thread(self):
        gate = Gate()
        with Worker(gate) as front:
            for number in range(50):
                front.ask(number, "/wait" if number == 10 else "/")
                if number == 10:
                    wait_until(lambda: gate.inside == 1)
                    gate.open.set()
                front.answer()
        self.assertEqual(1, len(gate.threads))

    def test_a_cancel_of_a_queued_request_returns_it(self):
        gate = Gate()
        with Worker(gate) as front:
            front.ask(1, "/wait")
            wait_until(lambda: gate.inside == 1)
            front.ask(2)
            front.numbered(CANCEL, 2)
            self.assertEqual([2], returned(front))
            gate.open.set()
            self.assertEqual(1, front.answer()[0])

    def test_a_cancel_of_a_running_request_stops_its_stream(self):
        entered, go = threading.Event(), threading.Event()

        def application(environ, start_response):
            entered.set()
            go.wait(10)
            start_response("200 OK", [])
            yield b"x"

        with Worker(lambda environ, start: [b"".join(application(environ, start))]) as front:
            front.ask(1)
            entered.wait(10)
            front.numbered(CANCEL, 1)
            go.set()
            self.assertEqual(1, front.answer()[0])
            front.ask(1)
            self.assertEqual((1, "200 OK", [], b"x"), front.answer())

    def test_finished_answers_do_not_wait_for_a_stuck_neighbour(self):
        gate = Gate()
        with Worker(gate) as front:
            front.batch((1, environ(), None), (2, environ("/wait"), None))
            self.assertEqual(1, front.answer()[0])
            gate.open.set()
            self.assertEqual(2, front.answer()[0])

    def test_a_request_whose_body_is_on_its_way_stays(self):
        gate = Gate()
        bodies = []

        def application(environ, start_response):
            bodies.append(environ["wsgi.input"].read())
            return gate(environ, start_response)

        with Worker(application) as front:
            front.batch((1, environ("/wait"), None), (2, environ(), -1), (3, environ(), None), (4, environ(), 2))
            front.numbered(BODY, 2, b"x")
            self.assertEqual([3], returned(front))
            front.numbered(BODY, 4, b"zz")
            front.numbered(BODY_END, 4)
            front.ask(5)
            self.assertEqual([5], returned(front))
            front.numbered(BODY, 2, b"y")
            front.numbered(BODY_END, 2)
            gate.open.set()
            self.assertEqual([1, 2, 4], [answer[0] for answer in front.answers(3)])
            self.assertEqual([b"", b"xy", b"zz"], bodies)

    def test_a_body_for_a_request_that_was_cancelled_is_dropped(self):
        gate = Gate()
        with Worker(gate) as front:
            front.batch((1, environ("/wait"), None), (2, environ(), -1))
            front.numbered(BODY, 2, b"x")
            front.numbered(CANCEL, 2)
            self.assertEqual([2], returned(front))
            front.numbered(BODY, 2, b"y")
            front.numbered(BODY_END, 2)
            gate.open.set()
            self.assertEqual(1, front.answer()[0])

    def test_the_link_may_end_while_a_handler_is_stuck(self):
        gate = Gate()
        worker = Worker(gate)
        worker.front.ask(1, "/wait")
        wait_until(lambda: gate.inside == 1)
        worker.front.connection.close()
        gate.open.set()
        worker.end()


class ManyThreads(unittest.TestCase):
    def test_sleepers_sleep_together(self):
        all_asleep = threading.Barrier(8)

        def application(environ, start_response):
            all_asleep.wait(DEADLINE)  # one after the other none would come past it
            return hello(environ, start_response)

        with Worker(application, threads=8) as front:
            front.batch(*((number, environ(), None) for number in range(8)))
            answers = sorted(front.answers(8))
        self.assertEqual([(number, "200 OK") for number in range(8)], [answer[:2] for answer in answers])

    def test_quick_requests_pass_slow_ones(self):
        gate = Gate()
        with Worker(gate, threads=4) as front:
            front.batch(*((number, environ("/wait"), None) for number in range(3)))
            wait_until(lambda: gate.inside == 3)
            for number in range(10, 200):
                front.ask(number)
                self.assertEqual(number, front.answer()[0])
            gate.open.set()
            front.answers(3)

    def test_no_more_handlers_at_once_than_threads(self):
        gate = Gate()
        with Worker(gate, threads=3) as front:
            front.batch(*((number, environ("/wait"), None) for number in range(5)))
            back = returned(front)
            self.assertEqual(2, len(back))
            self.assertEqual(3, gate.inside)
            gate.open.set()
            front.answers(3)
            front.ask(9)
            self.assertEqual(9, front.answer()[0])

    def test_a_thread_that_comes_back_serves_again(self):
        for _ in range(5):
            gate = Gate()
            with Worker(gate, threads=2) as front:
                for turn in range(20):
                    gate.open.clear()
                    gate.inside = 0
                    front.batch((1, environ("/wait"), None), (2, environ("/wait"), None))
                    wait_until(lambda: front.ask_again() or gate.inside == 2)
                    gate.open.set()
                    front.answers(2)

    def test_bodies_come_to_all_threads_at_once(self):
        def application(environ, start_response):
            data = environ["wsgi.input"].read()
            start_response("200 OK", [])
            return [data]

        with Worker(application, threads=4) as front:
            front.batch(*((number, environ("/", "POST"), -1) for number in range(4)))
            for piece in range(10):
                for number in range(4):
                    front.numbered(BODY, number, b"%d" % number)
            for number in range(4):
                front.numbered(BODY_END, number)
            answers = {answer[0]: answer[3] for answer in front.answers(4)}
            self.assertEqual({number: b"%d" % number * 10 for number in range(4)}, answers)

    def test_failures_on_many_threads_cost_themselves(self):
        def application(environ, start_response):
            time.sleep(0.004)
            if environ["PATH_INFO"] == "/bad":
                raise RuntimeError
            return hello(environ, start_response)

        with stderr(), Worker(application, threads=4) as front:
            front.batch(*((number, environ("/bad" if number % 2 else "/"), None) for number in range(4)))
            statuses = {answer[0]: answer[1][:3] for answer in front.answers(4)}
        self.assertEqual({0: "200", 1: "500", 2: "200", 3: "500"}, statuses)


class Idleness(unittest.TestCase):
    def test_idle_threads_use_no_processor(self):
        with Worker(hello, threads=4) as front:
            front.ask()
            front.answer()
            begun, deadline = time.process_time(), threading.Event()
            deadline.wait(0.5)
            self.assertLess(time.process_time() - begun, 0.02)
