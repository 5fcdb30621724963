import os
import select
import signal
import subprocess
import sys
import unittest
from pathlib import Path

PYTHON = Path(__file__).resolve().parents[2]
SIGNALS = 200
MOST_SECONDS = 0.5

PROGRAM = """
import os, sys, threading
from terpan_worker import stacks

def deep(left):
    return deep(left - 1) + 1 if left else 0

def busy():
    while True:
        deep(300)

def ends():
    while True:
        thread = threading.Thread(target=deep, args=(5,))
        thread.start()
        thread.join()

def waits():
    os.write(1, b"r")
    while os.read(0, 1):
        pass

for target in (busy, ends):
    threading.Thread(target=target, daemon=True).start()
if sys.argv[1] == "python":
    stacks.PAUSE_SECONDS = 0
    stacks.tell()
else:
    stacks.tell_in_c(int(sys.argv[2]))
waits()
os._exit(0)
"""


class Stacks(unittest.TestCase):
    def run_program(self, sought: bytes, *arguments: str) -> str:
        """What a program with busy threads writes at many signals."""
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(PYTHON)},
        ) as process:
            assert process.stdin and process.stdout and process.stderr
            self.assertEqual(b"r", process.stdout.read(1))
            told = b""
            sent = 0
            # One after the other, as the front sends them: one that comes within the handler of another may go to a thread that
            # ends just then.
            while sent < SIGNALS or sought not in told:
                process.send_signal(signal.SIGUSR2)
                sent += 1
                pause = MOST_SECONDS
                while select.select([process.stderr], [], [], pause)[0]:
                    piece = os.read(process.stderr.fileno(), 1 << 16)
                    self.assertTrue(piece, "it has ended")
                    told += piece
                    pause = 0
            process.stdin.close()
            told += process.stderr.read()
            self.assertEqual(0, process.wait(60))
        return told.decode()

    def test_a_busy_worker_tells_its_stacks_and_goes_on(self):
        told = self.run_program(b"in deep", "python")
        self.assertIn("Thread 0x", told)
        self.assertIn("in deep", told)

    def test_where_the_main_thread_waits_in_c_the_others_are_told_of_too(self):
        self.assertIn("in deep", self.run_program(b"in deep", "c", "2"))

    def test_with_one_thread_its_stack_is_all(self):
        told = self.run_program(b"in waits", "c", "1")
        self.assertIn("Stack (most recent call first)", told)
        self.assertNotIn("Thread 0x", told)


if __name__ == "__main__":
    unittest.main()
