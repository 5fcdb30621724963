"""Sockets that workers share: kept by a real guard, fetched by real processes, let go by one of them."""

import os
import resource
import select
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

from terpan_worker.shared import Fetched, Shared

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "terpan_worker")
GUARD = os.path.join(FOLDER, "guard.py")
NOBODY = 65534


class Kept(unittest.TestCase):
    """The guard as a process, told to share one socket."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ts", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "s1.1")
        self.guard = subprocess.Popen(
            [sys.executable, "-I", "-S", GUARD], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.addCleanup(self.end)
        self.guard.stdin.write(f"share {self.path}\n".encode())
        self.guard.stdin.flush()
        self.worker = Fetched.fetch(self.path, self.path + ".hand")
        self.addCleanup(self.close, self.worker)

    def end(self):
        self.guard.stdin.close()
        self.guard.wait(10)
        self.guard.stderr.close()

    @staticmethod
    def close(fetched):
        fetched.listener.close()
        fetched._deaf.close()

    def await_true(self, condition):
        deadline = time.monotonic() + 5
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def connect(self, path=None):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(client.close)
        client.connect(path or self.path)
        return client

    def test_what_is_fetched_listens_at_the_path(self):
        self.connect().sendall(b"x")
        accepted, _ = self.worker.listener.accept()
        with accepted:
            self.assertEqual(b"x", accepted.recv(1))

    def test_without_a_descriptor_it_waits_and_hands_out_when_there_is_one(self):
        limit = resource.prlimit(self.guard.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.guard.pid, resource.RLIMIT_NOFILE, (1, limit[1]))
        client = self.connect(self.path + ".hand")
        begun = self.ticks()
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            self.assertLess(self.ticks() - begun, 30)
            time.sleep(0.05)
        resource.prlimit(self.guard.pid, resource.RLIMIT_NOFILE, limit)
        client.settimeout(5)
        _, descriptors, _, _ = socket.recv_fds(client, 1, 1)
        self.assertEqual(1, len(descriptors))
        os.close(descriptors[0])

    def ticks(self):
        """The guard's processor time, in hundredths of a second."""
        with open(f"/proc/{self.guard.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def test_servers_learn_another_name_than_the_front_uses(self):
        self.assertEqual(self.path + ".own", self.worker.listener.getsockname())

    def test_either_name_is_made_again_from_the_other(self):
        for name in (self.path, self.path + ".own"):
            with self.subTest(name):
                os.unlink(name)
                self.await_true(lambda name=name: os.path.exists(name))
                self.connect(name)
                self.worker.listener.accept()[0].close()

    def test_something_else_at_its_name_is_replaced(self):
        os.unlink(self.path)
        with open(self.path, "w"):
            pass
        self.await_true(lambda: stat.S_ISSOCK(os.stat(self.path).st_mode))
        self.connect()

    def test_a_mode_that_was_opened_is_closed(self):
        self.assertEqual(0o600, stat.S_IMODE(os.stat(self.path).st_mode))
        os.chmod(self.path + ".own", 0o666)
        self.await_true(lambda: stat.S_IMODE(os.stat(self.path).st_mode) == 0o600)

    def test_without_any_name_the_guard_ends_and_says_so_by_its_code(self):
        os.unlink(self.path)
        os.unlink(self.path + ".own")
        self.assertEqual(3, self.guard.wait(5))

    def test_the_guard_obeys_while_it_shares(self):
        process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        self.guard.stdin.write(f"session {process.pid}\nkill {process.pid}\n".encode())
        self.guard.stdin.flush()
        self.assertEqual(-9, process.wait(5))

    def test_a_silent_visitor_does_not_hold_it_up(self):
        self.connect(self.path + ".hand")
        other = Fetched.fetch(self.path, self.path + ".hand")
        self.close(other)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user_can_neither_connect_nor_fetch(self):
        os.chmod(self.folder, 0o711)  # the sockets' own modes are what is tried
        # One that another user may read; a version tool's lies in root's own folder.
        python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])"
        for name in (self.path, self.path + ".own", self.path + ".hand"):
            with self.subTest(name):
                tried = subprocess.run(
                    ["setpriv", f"--reuid={NOBODY}", "--clear-groups", python, "-I", "-S", "-c", code, name],
                    capture_output=True,
                    text=True,
                )
                self.assertIn("PermissionError", tried.stderr)


class LetGo(unittest.TestCase):
    """One process stops accepting, others go on."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="ts", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "s1.1")
        self.shared = Shared(self.path)
        self.addCleanup(self.shared._listener.close)
        self.addCleanup(self.shared.hand.close)
        self.stays = self.fetch()

    def fetch(self):
        visitor = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(visitor.close)
        # The guard's side is in this process too: it answers whoever knocked first.
        visitor.connect(self.path + ".hand")
        self.shared.hand_out()
        _, descriptors, _, _ = socket.recv_fds(visitor, 1, 1)
        listener = socket.socket(fileno=descriptors[0])
        self.addCleanup(listener.close)
        return listener

    def fetching(self, code):
        """A process that runs this and has fetched the socket."""
        child = subprocess.Popen(
            [sys.executable, "-c", code, self.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=os.path.join(FOLDER, ".."),
        )
        self.shared.hand.setblocking(True)
        self.shared.hand_out()
        self.assertEqual("fetched\n", child.stdout.readline())
        return child

    @unittest.skipUnless(hasattr(select, "epoll"), "epoll is Linux's")
    def test_what_watches_it_is_told_of_no_client_any_more(self):
        code = (
            "import select, sys\n"
            "from terpan_worker.shared import Fetched\n"
            "f = Fetched.fetch(sys.argv[1], sys.argv[1] + '.hand')\n"
            "poll = select.epoll()\n"
            "poll.register(f.listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)\n"
            "print('fetched', flush=True); sys.stdin.readline()\n"
            "print(len(poll.poll(5)), flush=True)\n"
            "f.let_go()\n"
            "print(len(poll.poll(0.1)))\n"
            "poll.unregister(f.listener)\n"
            "print(poll.closed)\n"
        )
        child = self.fetching(code)
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(client.close)
        client.connect(self.path)
        out, _ = child.communicate("go\n", timeout=60)
        self.assertEqual("1\n0\nFalse\n", out)

    def test_every_descriptor_of_it_is_deaf_and_the_socket_is_not(self):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(client.close)
        code = (
            "import os, socket, sys\n"
            "from terpan_worker.shared import Fetched\n"
            "f = Fetched.fetch(sys.argv[1], sys.argv[1] + '.hand')\n"
            "copy = f.listener.dup()\n"
            "print('fetched', flush=True); sys.stdin.readline()\n"
            "f.let_go()\n"
            "for each in (f.listener, copy):\n"
            "    each.setblocking(False)\n"
            "    try:\n"
            "        each.accept(); print('accepted')\n"
            "    except BlockingIOError:\n"
            "        print('deaf')\n"
        )
        child = self.fetching(code)
        client.connect(self.path)
        out, _ = child.communicate("go\n", timeout=60)
        self.assertEqual("deaf\ndeaf\n", out)
        self.stays.settimeout(5)
        self.stays.accept()[0].close()
        self.assertEqual(["s1.1", "s1.1.hand", "s1.1.own"], sorted(os.listdir(self.folder)))


if __name__ == "__main__":
    unittest.main()
