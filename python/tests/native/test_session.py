"""The worker as a process: accepting, reconnecting and stopping."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from .front import Front, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PROGRAM = """
import os, socket, sys, threading, time
from terpan_worker import children
from terpan_worker.servers import builtin

def application(environ, start_response):
    if environ["PATH_INFO"] == "/sleep":
        open(sys.argv[2], "w").close()
        time.sleep(0.3)
    if environ["PATH_INFO"] == "/fork":
        child = os.fork()
        if not child:
            open(sys.argv[2], "w").close()
            time.sleep(60)
            os._exit(0)
        start_response("200 OK", [("X-Child", str(child))])
        return [b""]
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [])
        return Stream()
    main = threading.current_thread() is threading.main_thread()
    start_response("200 OK", [("X-Main", str(main))])
    return [b"hello"]

class Stream:
    def __iter__(self):
        while True:
            yield b"x" * 1000
    def close(self):
        open(sys.argv[2], "w").close()

class Launch:
    listener = socket.socket(socket.AF_UNIX)
    raw_application = staticmethod(application)
    threads = int(sys.argv[3])
    prefix = ""
    multiprocess = True
    files = True
    route_of = staticmethod(lambda native: None)
    marks_lines = staticmethod(lambda: False)
    name = "worker-1"
    @staticmethod
    def ready():
        children.begin(Launch.address, os.open(os.devnull, os.O_RDONLY))
        print("ready", flush=True)

Launch.listener.bind(sys.argv[1])
Launch.listener.listen()
Launch.address = sys.argv[1]
builtin.serve(Launch)
print("done", flush=True)
"""


class Session(unittest.TestCase):
    threads = 1

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "w")
        self.mark = os.path.join(folder.name, "mark")
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.path, self.mark, str(self.threads)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ROOT},
            text=True,
        )
        self.addCleanup(self.end)
        self.assertEqual("ready\n", self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.communicate()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path)
        self.addCleanup(connection.close)
        return Front(connection)

    def sleeps(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rpartition(") ")[2].startswith("S")

    def stop(self):
        """Waits for the end of a worker that was asked to stop."""
        out, errors = self.process.communicate(timeout=60)
        self.assertEqual(("done\n", "", 0), (out, errors, self.process.returncode))

    def test_the_front_may_connect_again(self):
        for number in range(3):
            front = self.connect()
            front.ask(number)
            self.assertEqual(number, front.answer()[0])
            front.connection.close()

    def test_a_new_connection_ends_the_old_one(self):
        old = self.connect()
        old.ask(1)
        old.answer()
        new = self.connect()
        with self.assertRaises((EOFError, ConnectionError)):
            old.frame()
        new.ask(2)
        self.assertEqual(2, new.answer()[0])

    def test_a_stream_is_closed_when_its_link_ends(self):
        front = self.connect()
        front.ask(1, "/stream")
        front.head()
        front.connection.close()
        wait_until(lambda: os.path.exists(self.mark), "close() was not called")
        again = self.connect()
        again.ask(2)
        self.assertEqual(2, again.answer()[0])

    def test_an_idle_worker_stops_at_once(self):
        front = self.connect()
        front.ask(1)
        front.answer()
        self.process.send_signal(signal.SIGTERM)
        self.stop()

    def test_a_worker_without_a_front_stops_at_once(self):
        self.process.send_signal(signal.SIGTERM)
        self.stop()

    def test_what_was_started_is_answered_before_the_end(self):
        front = self.connect()
        front.ask(1, "/sleep")
        wait_until(lambda: os.path.exists(self.mark))
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(1, front.answer()[0])
        with self.assertRaises(EOFError):
            front.frame()
        self.stop()

    def test_an_interrupt_changes_nothing(self):
        front = self.connect()
        self.process.send_signal(signal.SIGINT)
        front.ask(1)
        self.assertEqual(1, front.answer()[0])

    def test_stacks_are_written_when_asked_for(self):
        front = self.connect()
        front.ask(1, "/sleep")
        wait_until(lambda: os.path.exists(self.mark))
        self.process.send_signal(signal.SIGUSR2)
        front.answer()
        self.process.send_signal(signal.SIGTERM)
        self.assertIn("in application", self.process.communicate(timeout=60)[1])

    @unittest.skipUnless(os.path.exists("/proc/self/stat"), "Linux tells what a process does")
    def test_an_end_that_is_asked_for_while_stacks_are_written_is_not_lost(self):
        front = self.connect()
        front.ask(1)
        front.answer()
        wait_until(self.sleeps)
        for number in (signal.SIGSTOP, signal.SIGUSR2, signal.SIGTERM, signal.SIGCONT):
            self.process.send_signal(number)  # So both come at once, in the wait for the front.
        out, errors = self.process.communicate(timeout=60)
        self.assertEqual(("done\n", 0), (out, self.process.returncode))
        self.assertIn("Stack (most recent call first)", errors)

    def test_a_process_that_the_application_forks_does_not_hold_the_link_and_can_be_ended(self):
        front = self.connect()
        front.ask(1, "/fork")
        child = int(front.answer()[2][0][1])
        wait_until(lambda: os.path.exists(self.mark))
        self.process.kill()
        with self.assertRaises((EOFError, ConnectionError)):
            front.frame()
        os.kill(child, signal.SIGTERM)
        self.process.stdout.read()  # Ends when nobody holds the pipe.

    def test_with_one_thread_handlers_run_on_the_main_one(self):
        front = self.connect()
        for number in range(10):
            front.ask(number)
            self.assertEqual([("X-Main", "True")], front.answer()[2])


class ThreadedSession(Session):
    threads = 3

    test_with_one_thread_handlers_run_on_the_main_one = None
