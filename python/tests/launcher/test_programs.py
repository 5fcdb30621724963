"""Servers that are programs: where they lie and what version they are."""

import os
import sys
import tempfile
import unittest
from unittest import mock

from terpan_worker import programs


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.mkdir(os.path.join(folder.name, "bin"))
        self.path = os.path.join(folder.name, "bin", "sh")
        patch = mock.patch.object(sys, "prefix", folder.name)
        patch.start()
        self.addCleanup(patch.stop)

    def write(self, script):
        with open(self.path, "w") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(self.path, 0o755)

    def test_one_beside_the_interpreter_counts_more_than_the_paths(self):
        self.assertTrue(os.path.isabs(programs.find("sh")))
        self.assertNotEqual(self.path, programs.find("sh"))
        self.write("echo 9.9")
        self.assertEqual(self.path, programs.find("sh"))
        self.assertEqual("", programs.find("no-such-program"))

    def test_its_version_is_the_one_word_that_it_says(self):
        self.write("echo 9.9-debian")
        self.assertEqual("9.9-debian", programs.version(self.path))
        for script in "echo it is 9.9", "exit 1", "echo 9.9; exit 1", "":
            self.write(script)
            self.assertEqual(self.path, programs.version(self.path), script)
