"""What is printed for a request is marked with its id, whoever prints how."""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BEGIN = """
import array, io, os, sys, threading
sys.path.insert(0, %r)
from terpan_worker import printed
sys.stdout.reconfigure(line_buffering=True)
printed.begin("w")
def within(request, act, *given):
    printed.marked(lambda environ, start: act(*given))({"HTTP_X_REQUEST_ID": request}, None)
""" % ROOT


def run(program, *arguments):
    """What it writes, with the marks shortened."""
    command = [sys.executable, *arguments, "-c", BEGIN + program]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
    return ended.stdout.decode().replace("terpan: for w ", "@")


class Printed(unittest.TestCase):
    def test_each_line_has_its_requests_id_and_what_is_of_none_has_nothing(self):
        program = """
print("before")
within("1-1", print, "one\\ntwo\\n\\nthree")
within("1-2", sys.stderr.write, "error\\n")
print("after")
"""
        self.assertEqual("before\n@1-1 one\n@1-1 two\n@1-1 \n@1-1 three@1-1>\n@1-2 error\nafter\n", run(program))

    def test_a_line_in_parts_says_that_it_goes_on_and_whose_each_part_is(self):
        program = """
def part(text): print(text, end="", flush=True)
within("1-1", part, "a")
within("1-1", part, "b\\nc")
within("1-2", part, "d")
print("e")
within("1-2", print, "f")
within("1-1", print)
print("g")
"""
        expected = "@1-1 a@1-1>b\n@1-1 c@1-2 d@- e\n@1-2>f\n@1-1>\ng\n"
        self.assertEqual(expected, run(program))
        # Without buffers a line's end comes by itself.
        self.assertEqual(expected, run(program, "-u").replace("f@1-2>", "f").replace("@->", ""))

    def test_bytes_are_marked_and_all_of_them_are_written(self):
        program = """
data = b"x" * 100 + b"\\n"
within("1-1", sys.stdout.buffer.write, data * 1000)
within("1-1", sys.stdout.buffer.write, memoryview(bytearray(b"view\\n")))
within("1-1", sys.stdout.buffer.write, array.array("H", b"sets\\n\\n"))
within("1-1", sys.stdout.buffer.write, b"")
sys.stdout.flush()
"""
        self.assertEqual(["@1-1 " + "x" * 100] * 1000 + ["@1-1 view", "@1-1 sets", "@1-1 "], [line.replace("@1-1>", "") for line in run(program).splitlines()])

    def test_other_streams_over_the_same_buffer_are_marked_if_they_leave_by_lines(self):
        program = """
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "latin-1", line_buffering=%s)
within("1-1", print, "caf\\xe9"[:3])
within("1-2", print, "two")
sys.stdout.flush()
"""
        self.assertEqual("@1-1 caf\n@1-2 two\n", run(program % True))
        # Several requests' lines come at once, and nobody can tell whose they are.
        self.assertEqual("caf\ntwo\n", run(program % False))

    def test_a_stream_of_the_applications_own_and_a_file_that_it_puts_there_have_no_marks(self):
        program = """
kept = sys.stdout
sys.stdout = io.StringIO()
within("1-1", print, "kept by itself")
sys.stdout, text = kept, sys.stdout.getvalue()
print("was", text, end="")
name = os.path.join("/tmp", "printed-%d" % os.getpid())
file = os.open(name, os.O_CREAT | os.O_RDWR, 0o600)
before = os.dup(1)
os.dup2(file, 1)
within("1-1", print, "into a file")
os.dup2(before, 1)
with open(name) as read: print("has", read.read(), end="")
os.unlink(name)
"""
        self.assertEqual("was kept by itself\nhas into a file\n", run(program))

    def test_threads_that_print_at_the_same_time_have_each_its_own(self):
        program = """
sys.setswitchinterval(1e-6)
def prints(request):
    for number in range(300):
        print("line", number, "of", request)
threads = [threading.Thread(target=within, args=(f"1-{n}", prints, f"1-{n}")) for n in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
        lines = run(program).splitlines()
        self.assertEqual(1800, len(lines))
        for line in lines:
            self.assertRegex(line, r"^@(1-\d) line \d+ of \1$")

    def test_many_lines_that_never_end_are_forgotten(self):
        program = """
for number in range(100):
    within(f"1-{number}", sys.stdout.buffer.write, b"x")
within("2-1", sys.stdout.buffer.write, b"a")
within("2-1", sys.stdout.buffer.write, b"b")
"""
        said = run(program)
        self.assertEqual(100, said.count("@1-"))
        self.assertTrue(said.endswith("@2-1 a@2-1>b"), said)

    def test_what_goes_wrong_in_the_application_is_marked_and_leaves_nothing_behind(self):
        program = """
def fails():
    print("fails")
    raise ValueError
try:
    within("1-1", fails)
except ValueError:
    print("afterwards")
"""
        self.assertEqual("@1-1 fails\nafterwards\n", run(program))

    def test_without_a_standard_stream_the_other_is_marked(self):
        program = """
os.close(1)
sys.stdout = None
printed._begun = False
sys.stderr.buffer.__dict__.clear()
printed.begin("w")
within("1-1", sys.stderr.write, "one\\n")
del sys.stderr
within("1-1", sys.__stderr__.write, "two\\n")
"""
        self.assertEqual("@1-1 one\n@1-1 two\n", run(program))

    def test_a_process_that_the_application_forks_prints_for_the_same_request(self):
        program = """
def forks():
    child = os.fork()
    if not child:
        print("child")
        os._exit(0)
    os.waitpid(child, 0)
    print("parent")
within("1-1", forks)
"""
        self.assertEqual("@1-1 child\n@1-1 parent\n", run(program))
