"""What of a package depends on the processor: packaging/terpan_packages/machines.py."""

import os
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TREE / "packaging"))

from terpan_packages import machines  # noqa: E402

MANIFEST = "Manifest-Version: 1.0\r\nClass-Path: lib/a.jar lib/native-linux-x86_64-1.\r\n 24.0.jar\r\nMain-Class: terpan.cli.Main\r\n\r\n"


def program(machine: int, big_endian: bool = False) -> bytes:
    """The head of a program for a processor."""
    order = "big" if big_endian else "little"
    return b"\x7fELF\x02" + bytes([2 if big_endian else 1]) + bytes(10) + (3).to_bytes(2, order) + machine.to_bytes(2, order) + bytes(44)


class Manifests(unittest.TestCase):
    def test_a_class_path_is_read_over_the_ends_of_lines(self):
        self.assertEqual(["lib/a.jar", "lib/native-linux-x86_64-1.24.0.jar"], machines.class_path(MANIFEST))

    def test_another_class_path_stands_in_its_place_in_lines_that_are_not_too_long(self):
        names = ["lib/library-%d.jar" % number for number in range(40)]
        changed = machines.with_class_path(MANIFEST, names)
        self.assertEqual(names, machines.class_path(changed))
        self.assertLessEqual(max(len(line) for line in changed.split("\r\n")), machines.LINE_BYTES)
        self.assertTrue(changed.startswith("Manifest-Version: 1.0\r\nClass-Path: lib/library-0.jar"))
        self.assertTrue(changed.endswith(".jar\r\nMain-Class: terpan.cli.Main\r\n\r\n"))

    def test_lines_that_are_exactly_full_have_no_empty_one_behind_them(self):
        for length in range(50, 200):
            changed = machines.with_class_path(MANIFEST, ["x" * length])
            self.assertNotIn("\r\n \r\n", changed)
            self.assertEqual(["x" * length], machines.class_path(changed))


class Processors(unittest.TestCase):
    def test_the_interpreter_is_for_the_machine_that_it_runs_on(self):
        name = os.uname().machine
        if name not in machines.MACHINES:
            self.skipTest("there are no packages for %s" % name)
        head = Path(os.path.realpath(sys.executable)).read_bytes()[:64]
        self.assertEqual(machines.machine_of(name).elf, machines.elf_machine(head))

    def test_a_program_tells_its_processor_in_its_own_order_of_bytes(self):
        self.assertEqual(183, machines.elf_machine(program(183)))
        self.assertEqual(22, machines.elf_machine(program(22, big_endian=True)))

    def test_what_is_no_program_is_for_every_machine(self):
        for content in b"", b"\x7fELF", b"#!/bin/sh\n" + bytes(64):
            self.assertIsNone(machines.elf_machine(content))

    def test_native_code_of_another_machine_is_found_beside_jars_and_in_them(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "lib").mkdir()
            (folder / "java").write_bytes(program(183))
            (folder / "other").write_bytes(program(62))
            with zipfile.ZipFile(folder / "lib" / "both.jar", "w") as jar:
                jar.writestr("right.so", program(183))
                jar.writestr("wrong.so", program(62))
                jar.writestr("A.class", b"\xca\xfe\xba\xbe" + bytes(60))
            self.assertEqual(["lib/both.jar!wrong.so (e_machine 62)", "other (e_machine 62)"], machines.strangers(folder, "aarch64"))
            self.assertEqual(["java (e_machine 183)", "lib/both.jar!right.so (e_machine 183)"], machines.strangers(folder, "x86_64"))

    def test_a_machine_without_native_libraries_is_refused_with_those_that_have_them(self):
        with self.assertRaises(SystemExit) as refused:
            machines.machine_of("riscv64")
        self.assertIn("riscv64, expected a machine of x86_64, aarch64", str(refused.exception))

    def test_maven_is_told_where_it_runs_beside_what_else_it_was_told(self):
        before = os.environ.get("MAVEN_OPTS")
        os.environ["MAVEN_OPTS"] = "-Xmx1g"
        try:
            self.assertEqual("-Xmx1g -Dos.arch=aarch64", machines.maven_environment("aarch64")["MAVEN_OPTS"])
        finally:
            del os.environ["MAVEN_OPTS"]
            if before is not None:
                os.environ["MAVEN_OPTS"] = before


if __name__ == "__main__":
    unittest.main()
