"""A launch that goes on in another program, which has an environment, open descriptors and a Python of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import unittest

from terpan_worker import fields

BEFORE = """
import os, sys
from terpan_worker import fields, resumed
from terpan_worker.control import Control
from terpan_worker.launch import Launch
control = Control.connect(sys.argv[1])
launch = Launch(fields.decode(sys.argv[2]), control, None)
sys.path[:] = [sys.argv[3], *[each for each in sys.path if each], sys.argv[3] + "/lib/site-packages"]
resumed.hand_on(launch)
if sys.argv[5]:
    os.environ[resumed.HANDED_ON] = os.environ[resumed.HANDED_ON].replace("python=3.", "python=4.")
os.execv(sys.executable, [sys.executable, "-c", sys.argv[4]])
"""
AFTER = """
import os, sys
sys.executable = "/another"
from terpan_worker.resumed import Resumed
launch = Resumed()
import installed
print(installed.NAME, sys.path[0], sys.executable, sys.argv, sorted(name for name in os.environ if name.startswith("TERPAN")))
launch.ready("other 1")
"""
ORDERS = fields.encode(
    {
        **{"name": "worker-1", "threads": "1", "prefix": "", "multiprocess": "true"},
        **{"secret": "", "application": "shop:app", "server": "other", "directory": "/nowhere"},
    }
)


class ResumedTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.realpath(folder.name)
        packages = os.path.join(self.folder, "lib", "site-packages")
        os.makedirs(packages)
        os.mkdir(os.path.join(self.folder, "linked"))
        with open(os.path.join(packages, "linked.pth"), "w") as file:
            file.write(os.path.join(self.folder, "linked") + "\n")
        with open(os.path.join(self.folder, "linked", "installed.py"), "w") as file:
            file.write("NAME = 'found'\n")
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(os.path.join(self.folder, "control"))
        self.listener.listen(1)
        self.listener.settimeout(60)

    def resume(self, changed: str = "") -> tuple[subprocess.CompletedProcess, dict[str, str]]:
        control = os.path.join(self.folder, "control")
        here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        done = subprocess.run(
            [sys.executable, "-c", BEFORE, control, ORDERS, self.folder, AFTER, changed],
            env={**os.environ, "PYTHONPATH": here},
            capture_output=True,
            text=True,
            timeout=60,
        )
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as stream:
            return done, fields.decode(stream.read()[4:].decode())

    def test_it_speaks_on_and_looks_where_the_first_one_did(self) -> None:
        done, message = self.resume()
        self.assertEqual("", done.stderr)
        self.assertEqual(f"found {self.folder} {sys.executable} ['shop:app'] []\n", done.stdout)
        self.assertTrue(message.pop("pid").isdigit())
        self.assertEqual("%d.%d.%d" % sys.version_info[:3], message.pop("python"))
        self.assertEqual({"kind": "ready", "server": "other 1", "interface": "wsgi"}, message)

    def test_another_version_of_python_is_told(self) -> None:
        done, message = self.resume("another")
        self.assertEqual(22, done.returncode)
        self.assertEqual(("failed", "server"), (message["kind"], message["reason"]))
        self.assertRegex(message["text"], r"other brings Python 3\.\d+, the application's interpreter is 4\.\d+")


if __name__ == "__main__":
    unittest.main()
