"""What an interpreter tells of itself."""

import os
import subprocess
import sys
import unittest

from terpan_worker import fields

START = os.path.join(os.path.dirname(__file__), "..", "..", "terpan_worker", "start.py")


def ask(*questions):
    ended = subprocess.run([sys.executable, START, "facts", *questions], capture_output=True, text=True, check=True)
    return fields.decode(ended.stdout)


class Facts(unittest.TestCase):
    def test_the_interpreter_names_itself(self):
        facts = ask()
        self.assertEqual(sys.version.split()[0].rstrip("+"), facts["python"].rstrip("+"))
        self.assertEqual(sys.executable, facts["executable"])

    def test_what_is_not_there_has_no_line(self):
        facts = ask("distribution:no-such-distribution", "program:no-such-program", "program:sh")
        self.assertNotIn("distribution:no-such-distribution", facts)
        self.assertNotIn("program:no-such-program", facts)
        self.assertTrue(os.path.isabs(facts["program:sh"]))

    def test_a_server_is_asked_through_its_launcher(self):
        facts = ask("server:builtin", "server:no_such_server")
        self.assertTrue(facts["server:builtin"].startswith("builtin "))
        self.assertIn("ModuleNotFoundError", facts["error.server:no_such_server"])


if __name__ == "__main__":
    unittest.main()
