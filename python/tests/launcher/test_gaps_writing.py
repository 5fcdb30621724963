"""What applications write comes through in servers without ``write``."""

import contextlib
import io
import unittest
from wsgiref.validate import validator

from terpan_worker import gaps
from tests.launcher.plain_server import Asked, Closed, start


class Writing(unittest.TestCase):
    def test_what_is_written_leaves_before_what_is_returned(self):
        result = Closed([b"c"])

        def application(environ, start_response):
            write = start(start_response)
            write(b"a")
            write(b"b")
            return result

        asked = Asked(gaps.filled(application, gaps.Gaps(writes=True)))
        self.assertEqual([b"a", b"b", b"c"], asked.pieces)
        self.assertEqual(1, result.closed)

    def test_the_validator_finds_nothing(self):
        def application(environ, start_response):
            start(start_response)(b"written")
            return [b"returned"]

        asked = Asked(gaps.filled(validator(application), gaps.Gaps(writes=True)))
        self.assertEqual((b"writtenreturned", None), (asked.body, asked.raised))

    def test_a_generator_may_write_too(self):
        def application(environ, start_response):
            write = start(start_response)
            write(b"a")
            yield b"b"
            write(b"c")

        self.assertEqual(b"abc", Asked(gaps.filled(application, gaps.Gaps(writes=True))).body)

    def test_much_is_kept_in_a_file(self):
        block = bytes(range(256)) * 4096

        def application(environ, start_response):
            write = start(start_response)
            for _ in range(3):
                write(block)
            write(b"end")
            return []

        asked = Asked(gaps.filled(application, gaps.Gaps(writes=True)))
        self.assertEqual(block * 3 + b"end", asked.body)
        self.assertLessEqual(max(map(len, asked.pieces)), len(block))

    def test_a_head_that_was_refused_at_a_write_may_be_replaced(self):
        told = []

        def refusing_once(status, headers, exc_info=None):
            told.append((status, exc_info is not None))
            if len(told) == 1:
                raise ValueError("refused")

        def application(environ, start_response):
            import sys

            try:
                start(start_response)(b"never")
            except ValueError:
                start_response("503 Later", [], sys.exc_info())
            return [b"later"]

        pieces = list(gaps.filled(application)({"REQUEST_METHOD": "GET"}, refusing_once))
        self.assertEqual(([b"later"], [("200 OK", False), ("503 Later", True)]), (pieces, told))

    def test_an_exception_after_a_write_is_too_late_for_a_500(self):
        def application(environ, start_response):
            start(start_response)(b"half")
            raise RuntimeError("no luck")

        asked = Asked(gaps.filled(application, gaps.Gaps(writes=True)))
        self.assertEqual(("200 OK", b"half", "RuntimeError: no luck"), (asked.status, asked.body, str(asked.raised)))

    def test_a_new_head_after_a_write_is_refused_with_the_applications_exception(self):
        def application(environ, start_response):
            import sys

            start(start_response)(b"half")
            try:
                raise RuntimeError("no luck")
            except RuntimeError:
                start_response("500 Oh", [], sys.exc_info())
            return [b"never"]

        asked = Asked(gaps.filled(application, gaps.Gaps(writes=True)))
        self.assertEqual((b"half", "RuntimeError: no luck"), (asked.body, str(asked.raised)))

    def test_text_is_refused(self):
        def application(environ, start_response):
            start(start_response)("text")
            return []

        self.assertIn("of type str, expected bytes", Asked(gaps.filled(application, gaps.Gaps(writes=True))).errors)

    def test_the_servers_own_write_is_used_where_it_has_one(self):
        written = []

        def application(environ, start_response):
            start(start_response)(b"a")
            self.assertEqual([b"a"], written)
            raise RuntimeError("too late")

        def start_response(status, headers):
            return written.append

        with contextlib.redirect_stderr(io.StringIO()), self.assertRaisesRegex(RuntimeError, "too late"):
            list(gaps.filled(application)({"REQUEST_METHOD": "GET"}, start_response))
