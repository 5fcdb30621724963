"""The first file of a worker."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PACKAGE = os.path.join(os.path.dirname(__file__), "..", "..", "terpan_worker")
START = os.path.join(PACKAGE, "start.py")


class Start(unittest.TestCase):
    def test_an_interpreter_that_is_too_old_is_told_apart(self):
        for old in ("python2.7", "python3.6", "python3.7", "python3.8"):
            python = shutil.which(old)
            if python is None or subprocess.run([python, "-V"], capture_output=True).returncode != 0:
                continue
            with self.subTest(old):
                ended = subprocess.run([python, START], capture_output=True, text=True)
                self.assertEqual(5, ended.returncode)
                self.assertIn("is too old: at least 3.9 is needed", ended.stderr)

    def test_no_place_of_ours_is_on_the_path(self):
        with tempfile.TemporaryDirectory() as folder:
            place = shutil.copytree(PACKAGE, os.path.join(folder, "terpan_worker"), ignore=shutil.ignore_patterns("__pycache__"))
            with open(os.path.join(place, "work.py"), "w") as file:
                file.write("import sys, queue\ndef main():\n    print(sys.path, queue.__file__)\n")
            ended = subprocess.run(
                [sys.executable, os.path.join(place, "start.py")], capture_output=True, text=True, check=True, cwd="/"
            )
            self.assertNotIn(folder, ended.stdout)

    def test_interrupts_are_heard_where_terpan_was_started_in_the_background(self):
        with tempfile.TemporaryDirectory() as folder:
            place = shutil.copytree(PACKAGE, os.path.join(folder, "terpan_worker"), ignore=shutil.ignore_patterns("__pycache__"))
            with open(os.path.join(place, "work.py"), "w") as file:
                file.write("import signal\ndef main():\n    print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n")
            ignoring = "trap '' INT; exec \"$0\" \"$1\""
            ended = subprocess.run(
                ["sh", "-c", ignoring, sys.executable, os.path.join(place, "start.py")],
                capture_output=True,
                text=True,
                check=True,
            )
            self.assertEqual("True\n", ended.stdout)
