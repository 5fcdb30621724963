"""What ``ps`` shows of a process of ours."""

import subprocess
import sys
import unittest

SHOW = """
import sys
from terpan_worker import title
title.show(title.of_worker("builtin-1", sys.argv[1]), "builtin-1")
shown = open("/proc/self/cmdline", "rb").read()
sys.stdout.buffer.write(shown.rstrip(b"\\0") + b"|" + open("/proc/self/comm", "rb").read().rstrip())
sys.stdout.buffer.write(b"MARK=kept" in open("/proc/self/environ", "rb").read() and b"|kept" or b"|lost")
"""


@unittest.skipUnless(sys.platform == "linux", "only Linux shows a process's arguments where they lie")
class Title(unittest.TestCase):
    def shown(self, application, room):
        command = [sys.executable, "-c", SHOW, application, "x" * room]
        return subprocess.run(command, stdout=subprocess.PIPE, env={"MARK": "kept", "PYTHONPATH": ":".join(sys.path)}, check=True).stdout

    def test_name_and_application_stand_in_the_place_of_the_arguments(self):
        self.assertEqual(b"terpan: builtin-1 shop:app|builtin-1", self.shown("shop:app", 200).rsplit(b"|", 1)[0])

    def test_what_is_not_printable_is_not_shown(self):
        self.assertTrue(self.shown("a\x1b[2J", 200).startswith(b"terpan: builtin-1 a?[2J|"))

    def test_the_environment_stays(self):
        self.assertIn(b"|kept", self.shown("shop:app" * 400, 0))


if __name__ == "__main__":
    unittest.main()
