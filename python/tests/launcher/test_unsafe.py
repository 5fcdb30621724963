"""What an import leaves behind that a fork breaks; each case in a process of its own, which forks."""

import os
import subprocess
import sys
import tempfile
import unittest

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TELL = """
import sys
sys.path.insert(0, {package!r})
from terpan_worker.unsafe import Watch
watch = Watch({folder!r})
sys.path.insert(0, {folder!r})
with watch:
    import shop
for line in watch.found():
    print(line)
"""


@unittest.skipUnless(os.path.isdir("/proc/self/fd"), "it looks into /proc")
class UnsafeTest(unittest.TestCase):
    def found(self, application):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "shop.py"), "w") as shop:
                shop.write(application)
            asked = subprocess.run(
                [sys.executable, "-c", TELL.format(package=PACKAGE, folder=folder)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=30,
            )
            self.assertEqual(("", 0), (asked.stderr, asked.returncode))
            return asked.stdout.splitlines()

    def test_what_can_be_forked_is_not_told(self):
        self.assertEqual(
            [],
            self.found(
                "import logging, os, random, socket, ssl, subprocess, tempfile, threading\n"
                "log = open(os.devnull, 'a')\n"
                "ends = os.pipe()\n"
                "statistics = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "statistics.connect(('127.0.0.1', 9))\n"
                "subprocess.run(['true'])\n"
                "thread = threading.Thread(target=int)\n"
                "thread.start()\n"
                "thread.join()\n"
            ),
        )

    def test_a_thread_is_told_with_what_it_runs_and_who_started_it(self):
        lines = self.found(
            "import threading\n"
            "def poll():\n"
            "    threading.Event().wait()\n"
            "def begin():\n"
            "    threading.Thread(target=poll, name='poller', daemon=True).start()\n"
            "begin()\n"
        )
        self.assertEqual(1, len(lines))
        self.assertRegex(lines[0], r"the thread 'poller', which runs poll \(.*shop\.py:2\), started at shop\.py:5 in begin")

    def test_a_thread_that_has_not_begun_yet_is_told_by_where_it_begins(self):
        lines = self.found(
            "import _thread, sys, time\n"
            "sys.setswitchinterval(100)\n"
            "_thread.start_new_thread(lambda: time.sleep(60), ())\n"
        )
        self.assertEqual(["a thread without a name, which is at shop.py:3 in <lambda>"], lines)

    def test_threads_of_a_pool_are_told_with_who_gave_it_work(self):
        lines = self.found(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "pool = ThreadPoolExecutor(1)\n"
            "pool.submit(print).result()\n"
        )
        self.assertEqual(1, len([line for line in lines if line]))
        self.assertIn("started at shop.py:3 in <module>", lines[-1])

    def test_sockets_are_told_with_their_ends_and_who_made_them(self):
        lines = self.found(
            "import socket\n"
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "client = socket.create_connection(server.getsockname())\n"
            "pair = socket.socketpair()\n"
            "lone = socket.socket()\n"
        )
        self.assertRegex(lines[0], r"a socket that listens at 127\.0\.0\.1:\d+, descriptor \d+, made at shop\.py:2 in <module>")
        self.assertRegex(lines[1], r"a connection to 127\.0\.0\.1:\d+, descriptor \d+, made at shop\.py:3 in <module>")
        self.assertIn("a socket pair", lines[2])
        self.assertIn("a socket pair", lines[3])
        self.assertIn("a socket that is not connected", lines[4])
        self.assertEqual(5, len(lines))

    def test_an_event_loop_is_told_once_with_all_that_it_has(self):
        lines = self.found("import asyncio\nloop = asyncio.new_event_loop()\n")
        self.assertEqual(1, len(lines))
        self.assertIn("an event loop: <", lines[0])
        self.assertEqual([], self.found("import asyncio\nasyncio.run(asyncio.sleep(0))\n"))

    def test_an_epoll_is_told(self):
        lines = self.found("import select\npoll = select.epoll()\n")
        self.assertEqual(1, len(lines))
        self.assertIn("an epoll, descriptor", lines[0])

    def test_a_process_that_runs_is_told(self):
        lines = self.found(
            "import atexit, subprocess, sys\n"
            "child = subprocess.Popen(['sh', '-c', 'echo; read line'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
            "child.stdout.readline()\n"  # it is the other program by now
            "atexit.register(child.wait)\n"
            "atexit.register(child.kill)\n"
        )
        self.assertEqual(1, len(lines))
        self.assertIn("which it has started: sh -c echo; read line", lines[0])

    def test_hooks_put_right_what_they_begin_again(self):
        self.assertEqual(
            [],
            self.found(
                "import os, socket, threading\n"
                "class Kept:\n"
                "    def open(self):\n"
                "        self.server = socket.create_server(('127.0.0.1', 0))\n"
                "        self.over = threading.Event()\n"
                "        self.thread = threading.Thread(target=self.over.wait, daemon=True)\n"
                "        self.thread.start()\n"
                "    def close(self):\n"
                "        self.server.close()\n"
                "        self.over.set()\n"
                "        self.thread.join()\n"
                "kept = Kept()\n"
                "kept.open()\n"
                "os.register_at_fork(before=kept.close, after_in_parent=kept.open, after_in_child=kept.open)\n"
            ),
        )

    def test_more_than_twenty_are_counted(self):
        lines = self.found("import socket\nmany = [socket.socket() for _ in range(25)]\n")
        self.assertEqual(21, len(lines))
        self.assertEqual("and 5 more", lines[-1])

    def test_what_notes_them_is_taken_back(self):
        lines = self.found(
            "import threading, socket, sys\n"
            "before = threading.Thread.start, socket.socket.__init__\n"
        )
        self.assertEqual([], lines)


if __name__ == "__main__":
    unittest.main()
