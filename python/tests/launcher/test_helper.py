"""Root's helper, and a hostile front in the place of the one that it was started for: it gets nothing but the orders."""

import fcntl
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from terpan_worker import fields
from terpan_worker.control import Control
from terpan_worker.helper import HERE

NOBODY = 65534
TOKEN = "0123456789abcdef" * 2
SECONDS = 10.0
#: Of this process alone: others run the same test at the same time.
LOOPBACK = f"127.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250}.19"
STARTS_ELSE = [
    {"plan": "1"},
    {"plan": ""},
    {"user": "root"},
    {"group": "root"},
    {"owner": "0"},
    {"starter": "/bin/sh"},
    {"interpreter": "/bin/sh"},
    {"chdir": "/"},
    {"directory": "/tmp"},
    {"file": "/tmp/evil.py"},
    {"module": "evil"},
    {"server": "uwsgi"},
    {"option.exec_asap": "id"},
    {"environment.LD_PRELOAD": "/tmp/evil.so"},
    {"environment.SHOP": "2"},
    {"socket": "/etc/w1.1"},
    {"socket": "FOLDER/../w1.1"},
    {"socket": "FOLDER/control"},
    {"socket": "FOLDER/a1/w1.1"},
    {"control": "/run/docker.sock"},
    {"control": "FOLDER/w1.1"},
    {"control": "FOLDER/operators"},
    {"control": "FOLDER/upgrade"},
    {"control": "FOLDER/controlb"},
    {"socket": "FOLDER/w1.1b"},
    {"shared": "/run/docker.sock"},
    {"shared": "FOLDER/s1.1"},
    {"shared": "FOLDER/s1.1.hand", "socket": ""},
    {"name": "web 1"},
    {"name": "web\n1"},
    {"token": "short"},
    {"mark": "a b"},
    {"secret": "x"},
    {"threads": "1\n2"},
    {"threads": "-1"},
    {"preload": "false"},
    {"questions": "server:evil"},
]
NO_ORDERS = [
    ("exec", {"command": "id"}),
    ("", {}),
    ("signal", {"pid": "1", "number": "9"}),
    ("signal", {"pid": str(os.getpid()), "number": "15"}),
    ("signal", {"pid": "-1", "number": "9"}),
    ("signal", {"pid": "0", "number": "15"}),
    ("signal", {}),
    ("output", {"pid": "1", "descriptor": "0"}),
    ("output", {"pid": str(os.getpid()), "descriptor": "0"}),
    ("output", {"pid": "self", "descriptor": "../mem"}),
    ("door", {"name": "../x"}),
    ("door", {"name": "/run/x"}),
    ("door", {"name": "w1.1"}),
    ("door", {"name": "helper"}),
    ("door", {"name": "a\u0661.control"}),
    ("door", {"name": "controlb"}),
    ("forget", {"name": "a1.w1.1b"}),
    ("door", {"name": ""}),
    ("forget", {"name": "../one"}),
    ("forget", {"name": "helper"}),
    ("forget", {"name": "."}),
    ("listen", {"host": "127.0.0.1", "port": "25"}),
    ("listen", {"host": "127.0.0.1", "port": "8080"}),
    ("listen", {"host": "127.0.0.1", "port": "0"}),
    ("listen", {"host": "127.0.0.1", "port": ""}),
    ("listen", {"host": "localhost", "port": "80"}),
    ("listen", {"host": "/run/x", "port": "80"}),
    ("read", {"number": "1"}),
    ("read", {"number": ""}),
    ("read", {"number": "0/../../etc/shadow"}),
    ("append", {"number": "1"}),
    ("append", {"number": "-1"}),
    ("remove", {"number": "1"}),
]


@unittest.skipUnless(os.geteuid() == 0, "only root has a helper")
class Helper(unittest.TestCase):
    """Stands in the place of the front: it has the connection, and says what it likes."""

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.place)
        self.folder = self.place / "run.root"
        self.folder.mkdir(mode=0o711)
        self.ended = {}
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self.folder / "helper"))
            door.listen(1)
            command = [sys.executable, "-I", "-S", os.path.join(HERE, "start.py"), "helper"]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE)
            self.addCleanup(self.end)
            self.told = self.policy()
            self.process.stdin.write(fields.encode(self.told).encode())
            self.process.stdin.close()
            door.settimeout(SECONDS)
            self.channel, _ = door.accept()
        (self.folder / "helper").unlink()
        self.channel.settimeout(SECONDS)
        self.control = Control(self.channel)

    def end(self):
        self.channel.close()
        return self.process.wait(SECONDS)

    def policy(self):
        for release in ("one", "two"):
            (self.place / release).mkdir()
        (self.place / "current").symlink_to("one")
        (self.place / "key.pem").write_text("the key")
        code = str(self.place / "current")
        plan = {
            "starter": sys.executable,
            "user": "nobody",
            "group": "",
            "interpreter": "/usr/bin/python3",
            "server": "builtin",
            "threads": "1",
            "application": "app",
            "chdir": code,
            "directory": code,
            "module": "app",
            "file": "",
            "callable": "",
            "environment.SHOP": "1",
        }
        return {
            "folder": str(self.folder),
            "side": "",
            "owner": str(NOBODY),
            "ports": "81",
            "read.0": str(self.place / "key.pem"),
            "log.0": str(self.place / "log"),
            "socket.0": str(self.place / "shop.sock"),
            "follow.0": "/bin/sleep",
            "follow.1": "30",
            "follow_in": "/",
            "settings": "/etc/terpan/terpan.toml",
            **{f"plan.0.{key}": value for key, value in plan.items()},
        }

    def order(self, kind, **told):
        """The answer, and the descriptor that came with it."""
        self.control.send(kind, id="7", **told)
        while True:
            answer, given = self.control.receive_given(1)
            if answer.get("kind") != "ended":
                self.assertEqual("7", answer["id"])
                return answer, given[0] if given else None
            self.ended[answer["pid"]] = answer["status"]

    def done(self, kind, **told):
        answer, given = self.order(kind, **told)
        self.assertEqual("done", answer["kind"], answer)
        if given is not None:
            self.addCleanup(os.close, given)
        return answer, given

    def await_end(self, pid):
        while pid not in self.ended:
            answer = self.control.receive()
            self.ended[answer["pid"]] = answer["status"]
        return self.ended[pid]

    def worker(self, **other):
        told = {"name": "web-1", "token": TOKEN, "mark": "", "secret": "", "socket": f"{self.folder}/w1.1", "shared": ""}
        return {"plan": "0", "control": f"{self.folder}/control", **told, **other}

    def guard(self):
        _, given = self.done("guard")
        connection = socket.socket(fileno=os.dup(given))
        self.addCleanup(connection.close)
        return connection

    def test_a_worker_of_a_plan_is_started_and_its_end_told(self):
        _, door = self.done("door", name="control")
        with socket.socket(fileno=os.dup(door)) as control:
            answer, _ = self.done("start", **self.worker())
            control.settimeout(SECONDS)
            connection, _ = control.accept()
            said = Control(connection).receive()
            self.assertEqual(("hello", answer["pid"], TOKEN), (said["kind"], said["pid"], said["token"]))
            self.assertEqual({"kind": "bound", "address": f"{self.folder}/w1.1"}, Control(connection).receive())
            self.assertEqual(NOBODY, os.stat(self.folder / "w1.1").st_uid)
            connection.close()
            self.assertEqual("7", self.await_end(answer["pid"]))  # without its front it does not go on

    def test_no_other_program_user_or_place_is_started(self):
        for other in STARTS_ELSE:
            with self.subTest(other):
                told = {key: value.replace("FOLDER", str(self.folder)) for key, value in other.items()}
                answer, given = self.order("start", **self.worker(**told))
                self.assertEqual(("refused", None), (answer["kind"], given), answer)
                self.assertEqual(["helper.lock"], os.listdir(self.folder))

    def test_code_may_lie_where_the_settings_lead_and_nowhere_else(self):
        def asked(name):
            place = str(self.place / name)
            answer, output = self.order("start", **self.worker(chdir=place, directory=place))
            if output is not None:
                os.close(output)
            return answer["kind"]

        self.assertEqual(["done", "done", "refused"], [asked("current"), asked("one"), asked("two")])
        (self.place / "next").symlink_to("two")
        (self.place / "next").rename(self.place / "current")
        self.assertEqual(["done", "refused"], [asked("two"), asked("one")])

    def test_what_is_no_order_of_the_policy_is_refused(self):
        for kind, told in NO_ORDERS:
            with self.subTest(kind=kind, **told):
                answer, given = self.order(kind, **told)
                self.assertEqual(("refused", None), (answer["kind"], given), answer)
        self.done("forget", name="control")  # it goes on

    def test_a_file_that_the_policy_names_is_opened_and_no_link_in_its_place(self):
        _, key = self.done("read", number="0")
        self.assertEqual(b"the key", os.read(key, 100))
        _, log = self.done("append", number="0")
        os.write(log, b"a line\n")
        self.assertEqual("a line\n", (self.place / "log").read_text())
        (self.place / "log").unlink()
        (self.place / "log").symlink_to(self.place / "key.pem")
        self.assertEqual("failed", self.order("append", number="0")[0]["kind"])

    def test_only_a_socket_is_removed(self):
        path = self.place / "shop.sock"
        path.write_text("a file")
        self.assertEqual("refused", self.order("remove", number="0")[0]["kind"])
        path.unlink()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
        self.done("remove", number="0")
        self.assertFalse(path.exists())

    def test_what_is_opened_of_a_worker_is_the_output_of_what_forks(self):
        self.done("door", name="control")
        answer, _ = self.done("start", **self.worker())
        self.assertEqual("refused", self.order("output", pid=answer["pid"], descriptor="1")[0]["kind"])
        parent, _ = self.done("start", **self.worker(preload="true"))
        _, output = self.done("output", pid=parent["pid"], descriptor="1")
        self.assertTrue(os.readlink(f"/proc/self/fd/{output}").startswith("pipe:"))
        refused, given = self.order("output", pid=parent["pid"], descriptor="0")
        self.assertEqual(("refused", None), (refused["kind"], given))  # /dev/null

    def test_one_at_a_time_takes_its_place_by_the_command_of_the_start(self):
        answer, _ = self.done("follow")
        found, until = "", time.monotonic() + SECONDS
        while not found and time.monotonic() < until:  # the kernel has it a moment after the process
            with open(f"/proc/{answer['pid']}/cmdline") as command:
                found = command.read()
        self.assertEqual("/bin/sleep\0" + "30\0", found)
        self.assertEqual("refused", self.order("follow")[0]["kind"])
        self.done("signal", pid=answer["pid"], number="9")
        self.assertEqual("137", self.await_end(answer["pid"]))
        again, _ = self.done("follow")
        self.done("signal", pid=again["pid"], number="9")

    def test_one_waits_for_the_one_before(self):
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self.folder / "helper"))
            door.listen(1)
            door.settimeout(0.5)
            command = [sys.executable, "-I", "-S", os.path.join(HERE, "start.py"), "helper"]
            with subprocess.Popen(command, stdin=subprocess.PIPE) as other:
                other.stdin.write(fields.encode(self.told).encode())
                other.stdin.close()
                self.assertRaises(socket.timeout, door.accept)
                self.assertEqual(0, self.end())
                door.settimeout(SECONDS)
                accepted, _ = door.accept()
                accepted.close()
                self.assertEqual(0, other.wait(SECONDS))
        with open(self.folder / "helper.lock", "r+") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_low_ports_of_the_web_and_of_the_settings_are_bound(self):
        for port in ("80", "81", "443"):
            _, given = self.done("listen", host=LOOPBACK, port=port)
            with socket.socket(fileno=os.dup(given)) as listener:
                self.assertEqual((LOOPBACK, int(port)), listener.getsockname())
            again, _ = self.order("listen", host=LOOPBACK, port=port)
            self.assertEqual(("failed", "EADDRINUSE"), (again["kind"], again["errno"]))

    def test_its_guard_ends_no_process_that_it_has_not_started(self):
        guard = self.guard()
        victim = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        with open(f"/proc/{victim.pid}/stat") as stat:
            began = stat.read().rpartition(")")[2].split()[19]
        for session in (victim.pid, 1, os.getsid(0)):
            guard.sendall(f"session {session} {began}\nkill {session}\nsignal {session} 9\n".encode())
        guard.sendall(f"session {victim.pid} 0\nkill {victim.pid}\n".encode())
        self.done("door", name="control")
        answer, _ = self.done("start", **self.worker())
        guard.sendall(f"session {answer['pid']} 0\nkill {answer['pid']}\n".encode())
        self.assertEqual(str(128 + signal.SIGKILL), self.await_end(answer["pid"]))
        self.assertIsNone(victim.poll())

    def test_its_guard_goes_on_without_it_and_ends_what_it_was_told_alone(self):
        guard = self.guard()
        self.done("door", name="control")
        answer, _ = self.done("start", **self.worker())
        victim = subprocess.Popen(["/bin/sleep", "60"], start_new_session=True)
        self.addCleanup(victim.wait)
        self.addCleanup(victim.kill)
        guard.sendall(f"session {answer['pid']} 0\nsession {self.process.pid} 0\nkill {self.process.pid}\n".encode())
        guard.sendall(f"signal {answer['pid']} 0\nsignal {answer['pid']} 10\n".encode())
        self.assertEqual("138", self.await_end(answer["pid"]))  # by the one signal of the two that is allowed
        self.assertIsNone(self.process.poll())
        self.process.kill()
        self.process.wait(SECONDS)
        guard.sendall(f"session {victim.pid} 0\nkill {victim.pid}\nkill 1\n".encode())
        guard.shutdown(socket.SHUT_WR)
        guard.settimeout(SECONDS)
        self.assertEqual(b"", guard.recv(1))
        self.assertIsNone(victim.poll())

    def test_its_guard_makes_no_socket_elsewhere(self):
        there = self.folder
        tried = [f"{self.place}/s1.1", f"{there}/../s1.1", f"{there}/x", f"{there}/s1.1"]
        self.guard().sendall("".join(f"share {path}\n" for path in tried).encode())
        until = time.monotonic() + SECONDS
        while not (there / "s1.1.hand").exists() and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual({"helper.lock", "s1.1", "s1.1.own", "s1.1.hand"}, set(os.listdir(there)))
        self.assertFalse((self.place / "s1.1").exists())

    def test_it_ends_with_its_front_and_leaves_what_is_not_its_own(self):
        self.done("door", name="a3.control")
        for name in ("controlb", "w1.1b", "notes"):
            (self.folder / name).write_text("")
        self.assertEqual(0, self.end())
        self.assertEqual(["controlb", "helper.lock", "notes", "w1.1b"], sorted(os.listdir(self.folder)))

    def test_what_is_no_message_ends_it(self):
        self.channel.sendall(b"\x00\x00\x00\x04\xff\xff\xff\xff")
        self.assertEqual(0, self.process.wait(SECONDS))

    def test_a_message_that_is_too_long_ends_it(self):
        self.channel.sendall(b"\xff\xff\xff\xff")
        self.assertEqual(0, self.process.wait(SECONDS))
