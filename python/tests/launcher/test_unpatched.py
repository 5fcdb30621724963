"""What a server keeps of the standard library when the application replaces parts of it."""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

BEGIN = """
import os, sys
folder = sys.argv[1]
sys.path.insert(0, folder)
open(os.path.join(folder, "server_like.py"), "w").write('''
import queue, select, socket, threading, time
from concurrent import futures
from threading import Lock, Thread
class Worker(threading.Thread):
    def run(self):
        self.ran = True
''')
import server_like, socket, threading, time, _thread, select
from terpan_worker.unpatched import Before
before = Before()

def never(*given, **named):
    raise RuntimeError("the application's")

class Other(socket.socket):
    __init__ = never

def patch():
    for each in ("start_new_thread", "start_joinable_thread"):  # locks are importing's too
        if hasattr(_thread, each):
            setattr(_thread, each, never)
    for each in ("_start_new_thread", "_start_joinable_thread", "_allocate_lock", "Lock"):
        if hasattr(threading, each):
            setattr(threading, each, never)
    socket.socket = Other
    time.sleep = select.select = never
"""


class Unpatched(unittest.TestCase):
    def run_program(self, text):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", BEGIN + text, folder],
                env={**os.environ, "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                timeout=60,
            )
        self.assertEqual((0, ""), (ran.returncode, ran.stderr), ran.stderr)
        return ran.stdout

    def test_nothing_is_changed_where_nothing_was_replaced(self):
        self.assertEqual("False\n", self.run_program("print(before.is_changed())\n"))

    def test_threads_locks_and_sockets_of_the_server_are_those_of_before(self):
        out = self.run_program("""
patch()
print(before.is_changed())
before.give(("server_like",))
worker = server_like.Worker()
worker.start()
worker.join()
print(worker.ran)
with server_like.futures.ThreadPoolExecutor(1) as pool:
    future = pool.submit(lambda: 7)
    print(future.result())
import concurrent.futures
print(isinstance(future, concurrent.futures.Future))
one, other = server_like.socket.socketpair()
one.sendall(b"x")
print(server_like.select.select([other], [], [], 10)[0] == [other], other.recv(1))
server_like.time.sleep(0)
bell = server_like.Lock()
print(server_like.Thread is not threading.Thread, bell.acquire(timeout=60))
print(server_like.socket.AF_UNIX is socket.AF_UNIX, server_like.socket.timeout is socket.timeout)
""")
        self.assertEqual("True\nTrue\n7\nTrue\nTrue b'x'\nTrue True\nTrue True\n", out)

    def test_what_the_server_imports_later_has_them_too(self):
        out = self.run_program("""
open(os.path.join(folder, "later_part.py"), "w").write("from socket import socket\\nimport threading\\n")
patch()
before.give(("server_like", "later_part"))
import later_part
print(later_part.socket is not socket.socket, later_part.threading is server_like.threading)
""")
        self.assertEqual("True True\n", out)

    def test_a_listener_made_before_accepts_what_was_there_before(self):
        out = self.run_program("""
listener = socket.socket(socket.AF_UNIX)
path = os.path.join(folder, "s")
listener.bind(path)
listener.listen()
patch()
before.give(("server_like",))
listener = before.plain(listener)
client = server_like.socket.socket(server_like.socket.AF_UNIX)
client.connect(path)
accepted, _ = listener.accept()
print(isinstance(accepted, Other), isinstance(listener, server_like.socket.socket))
""")
        self.assertEqual("False True\n", out)
