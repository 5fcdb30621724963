"""Modules of the application that are called like the standard library's."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PROGRAM = """
import sys
from terpan_worker.namesakes import keep_apart
keep_apart(sys.argv[1])
sys.path.insert(0, sys.argv[1])
"""


class Namesakes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def run_program(self, text):
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM + text, self.folder],
            env={**os.environ, "PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual((0, ""), (ran.returncode, ran.stderr), ran.stderr)
        return ran.stdout

    def test_the_library_and_servers_see_the_library(self):
        for name in ("struct", "random", "calendar", "select"):
            self.write(name + ".py", "raise RuntimeError('the application has its own')\n")
        out = self.run_program("import tempfile, email.utils, random\nprint(random.__name__, hasattr(random, 'Random'))\n")
        self.assertEqual("random True\n", out)

    def test_the_application_sees_its_own(self):
        self.write("calendar.py", "own = 'own'\nimport queue\n")
        self.write("queue.py", "import calendar\nplace = 'beside ' + calendar.own\n")
        self.write("shop.py", "import calendar, os\nfrom queue import place\nanswer = calendar.own + ' ' + place\n")
        out = self.run_program("import shop, queue\nprint(shop.answer, hasattr(queue, 'Queue'))\n")
        self.assertEqual("own beside own True\n", out)

    def test_whoever_loads_the_library_anew_finds_it(self):
        self.write("queue.py", "raise RuntimeError('the application has its own')\n")
        out = self.run_program("import queue\ndel sys.modules['queue']\nimport queue\nprint(hasattr(queue, 'Queue'))\n")
        self.assertEqual("True\n", out)

    def test_without_such_modules_importing_is_as_it_was(self):
        self.write("shop.py", "")
        out = self.run_program("import builtins\nprint(type(builtins.__import__).__name__)\n")
        self.assertEqual("builtin_function_or_method\n", out)

    def test_a_module_that_fails_is_tried_again(self):
        self.write("calendar.py", "import os\nif 'ONCE' not in os.environ:\n    os.environ['ONCE'] = '1'\n    raise ValueError\nown = 1\n")
        self.write("shop.py", "try:\n    import calendar\nexcept ValueError:\n    import calendar\nprint(calendar.own)\n")
        self.assertEqual("1\n", self.run_program("import shop\n"))
