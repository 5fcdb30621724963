"""The guard on real processes: whoever held its input is gone, and so are the sessions."""

import os
import subprocess
import sys
import time
import unittest

GUARD = os.path.join(os.path.dirname(__file__), "..", "..", "terpan_worker", "guard.py")
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
POLITE = "import time; print('up', flush=True); time.sleep(60)"
PARENT = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); time.sleep(60)"


class Guard(unittest.TestCase):
    def setUp(self):
        self.guard = subprocess.Popen([sys.executable, "-I", "-S", GUARD], stdin=subprocess.PIPE)
        self.addCleanup(self.end, self.guard)

    @staticmethod
    def end(process):
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
        if process.poll() is None:
            process.kill()
        process.wait()

    def session(self, code):
        """Starts a session and returns it once its process, or that one's child, is up."""
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self.end, process)
        self.assertEqual(b"up\n", process.stdout.readline())
        return process

    def tell(self, command, process, *more):
        self.guard.stdin.write(f"{command} {process.pid} {' '.join(more)}\n".encode())
        self.guard.stdin.flush()

    @staticmethod
    def began(process):
        with open(f"/proc/{process.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]

    def leave(self):
        started = time.monotonic()
        self.guard.stdin.close()
        self.assertEqual(0, self.guard.wait(10))
        return time.monotonic() - started

    def assert_killed(self, process, signal):
        self.assertEqual(-signal, process.wait(5))

    def test_a_polite_session_ends_at_the_first_signal(self):
        process = self.session(POLITE)
        self.tell("session", process)
        self.leave()
        self.assert_killed(process, 15)

    def test_a_stubborn_one_is_killed_a_second_later(self):
        process = self.session(STUBBORN)
        self.tell("session", process)
        self.assertGreaterEqual(self.leave(), 0.9)
        self.assert_killed(process, 9)

    def test_children_end_with_their_session(self):
        process = self.session(PARENT)
        self.tell("session", process)
        self.leave()
        # The child held the pipe's other end: its end is the end of the stream.
        self.assertEqual(b"", process.stdout.read())

    def test_a_session_that_was_forgotten_is_left_alone(self):
        process = self.session(POLITE)
        self.tell("session", process)
        self.tell("gone", process)
        self.leave()
        self.assertIsNone(process.poll())

    def test_it_signals_and_kills_by_order(self):
        first, second = self.session(POLITE), self.session(STUBBORN)
        self.tell("session", first, self.began(first))
        self.tell("session", second, self.began(second))
        self.tell("signal", first, "15")
        self.assert_killed(first, 15)
        self.tell("kill", second)
        self.assert_killed(second, 9)

    def test_signals_meant_for_all_do_not_end_it(self):
        process = self.session(POLITE)
        self.tell("session", process)
        self.tell("kill", process)
        self.assert_killed(process, 9)  # it has read its orders, so its handlers stand
        self.guard.terminate()
        self.leave()

    def test_it_signals_nobody_but_the_sessions_it_was_told(self):
        first, second, third = (self.session(POLITE) for _ in range(3))
        self.tell("session", first, self.began(first))
        self.tell("session", second, str(int(self.began(second)) - 1))  # an earlier process had this number
        for process in (second, third):
            self.tell("kill", process)
            self.tell("signal", process, "15")
        self.leave()
        self.assert_killed(first, 15)
        self.assertIsNone(second.poll())
        self.assertIsNone(third.poll())
