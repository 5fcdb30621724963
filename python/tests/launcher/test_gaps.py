"""Applications behave alike in servers that leave parts of PEP 3333 open."""

import contextlib
import io
import unittest
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

from terpan_worker import gaps


class Asked:
    """What a server with none of the extras makes of one call."""

    def __init__(self, application, **environ):
        setup_testing_defaults(environ)
        environ.setdefault("QUERY_STRING", "")
        self.status = None
        self.headers = []
        self.pieces = []
        self.raised = None
        self.sent = False
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            try:
                self._take(application(environ, self._start))
            except Exception as error:
                self.raised = error
        self.errors = errors.getvalue()

    def _take(self, result):
        self.result = result
        try:
            for piece in result:
                self.sent = self.sent or bool(piece)
                self.pieces.append(piece)
        finally:
            if hasattr(result, "close"):
                result.close()

    def _start(self, status, headers, exc_info=None):
        if exc_info and self.sent:
            raise exc_info[1]
        assert exc_info or self.status is None
        self.status, self.headers = status, headers
        return None  # there is no write

    @property
    def body(self):
        return b"".join(self.pieces)


class Closed:
    """An iterable that knows whether it was closed."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.closed = 0

    def __iter__(self):
        return self._pieces

    def close(self):
        self.closed += 1


def start(start_response, *headers):
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


class Failing(unittest.TestCase):
    def test_an_exception_before_the_answer_is_a_500_with_a_length(self):
        def application(environ, start_response):
            start(start_response)
            raise RuntimeError("no luck")

        asked = Asked(gaps.failing(application), PATH_INFO="/a")
        self.assertEqual("500 Internal Server Error", asked.status)
        self.assertEqual(b"Internal Server Error\n", asked.body)
        self.assertIn(("Content-Length", "22"), asked.headers)
        self.assertIn("terpan: the application failed in GET /a\nTraceback", asked.errors)
        self.assertIn("RuntimeError: no luck", asked.errors)

    def test_the_page_shows_the_traceback_in_development(self):
        def application(environ, start_response):
            raise RuntimeError("no luck")

        self.assertIn(b"RuntimeError: no luck", Asked(gaps.failing(application, development=True)).body)

    def test_a_generator_that_raises_before_its_first_byte_is_a_500_too(self):
        def application(environ, start_response):
            start(start_response)
            yield b""
            raise RuntimeError("no luck")

        asked = Asked(gaps.failing(application))
        self.assertEqual(("500 Internal Server Error", None), (asked.status, asked.raised))

    def test_a_failure_at_head_has_no_body(self):
        def application(environ, start_response):
            raise RuntimeError("no luck")

        self.assertEqual(b"", Asked(gaps.failing(application), REQUEST_METHOD="HEAD").body)

    def test_an_exception_after_the_first_byte_is_cut_and_goes_on_to_the_server(self):
        def application(environ, start_response):
            start(start_response)
            yield b"half"
            raise RuntimeError("no luck")

        cut = []
        asked = Asked(gaps.failing(application, cut=cut.append))
        self.assertEqual((b"half", "no luck"), (asked.body, str(asked.raised)))
        self.assertEqual(1, len(cut))
        self.assertIn("wsgi.input", cut[0])
        self.assertEqual(1, asked.errors.count("RuntimeError: no luck"))

    def test_lists_and_files_pass_untouched_and_others_are_closed(self):
        pieces, file, other = [b"a"], FileWrapper(io.BytesIO(b"b")), Closed([b"c"])
        for result in (pieces, file, other):

            def application(environ, start_response, result=result):
                start(start_response)
                return result

            asked = Asked(gaps.failing(application), **{"wsgi.file_wrapper": FileWrapper})
            self.assertEqual(result is other, asked.result is not result)
        self.assertEqual(1, other.closed)

    def test_a_file_wrapper_that_is_a_function_is_no_hindrance(self):
        def application(environ, start_response):
            start(start_response)
            return environ["wsgi.file_wrapper"](io.BytesIO(b"bytes"))

        wrapper = {"wsgi.file_wrapper": lambda file, size=8192: iter([file.read()])}
        self.assertEqual(b"bytes", Asked(gaps.never_empty(gaps.failing(application)), **wrapper).body)


class Writing(unittest.TestCase):
    def test_what_is_written_leaves_before_what_is_returned(self):
        result = Closed([b"c"])

        def application(environ, start_response):
            write = start(start_response)
            write(b"a")
            write(b"b")
            return result

        asked = Asked(gaps.writing(application))
        self.assertEqual([b"a", b"b", b"c"], asked.pieces)
        self.assertEqual(1, result.closed)

    def test_the_validator_finds_nothing(self):
        def application(environ, start_response):
            start(start_response)(b"written")
            return [b"returned"]

        asked = Asked(gaps.failing(gaps.writing(validator(application))))
        self.assertEqual((b"writtenreturned", None), (asked.body, asked.raised))

    def test_a_generator_may_write_too(self):
        def application(environ, start_response):
            write = start(start_response)
            write(b"a")
            yield b"b"
            write(b"c")

        self.assertEqual(b"abc", Asked(gaps.writing(application)).body)

    def test_much_is_kept_in_a_file(self):
        block = bytes(range(256)) * 4096

        def application(environ, start_response):
            write = start(start_response)
            for _ in range(3):
                write(block)
            write(b"end")
            return []

        asked = Asked(gaps.writing(application))
        self.assertEqual(block * 3 + b"end", asked.body)
        self.assertLessEqual(max(map(len, asked.pieces)), len(block))

    def test_an_exception_after_a_write_is_too_late_for_a_500(self):
        def application(environ, start_response):
            start(start_response)(b"half")
            raise RuntimeError("no luck")

        asked = Asked(gaps.failing(gaps.writing(application)))
        self.assertEqual(("200 OK", b"half", "no luck"), (asked.status, asked.body, str(asked.raised)))

    def test_a_new_head_after_a_write_is_refused_with_the_applications_exception(self):
        def application(environ, start_response):
            import sys

            start(start_response)(b"half")
            try:
                raise RuntimeError("no luck")
            except RuntimeError:
                start_response("500 Oh", [], sys.exc_info())
            return [b"never"]

        asked = Asked(gaps.writing(application))
        self.assertEqual((b"half", "no luck"), (asked.body, str(asked.raised)))

    def test_text_is_refused(self):
        def application(environ, start_response):
            start(start_response)("text")
            return []

        self.assertIn("of type str, expected bytes", str(Asked(gaps.writing(application)).raised))

    def test_without_a_write_the_result_is_the_applications_own(self):
        result = Closed([b"a"])

        def application(environ, start_response):
            start(start_response)
            return result

        self.assertIs(result, Asked(gaps.writing(application)).result)


class NeverEmpty(unittest.TestCase):
    def test_an_answer_without_pieces_is_one_empty_piece(self):
        for empty in ([], (), Closed([])):

            def application(environ, start_response, empty=empty):
                start_response("204 No Content", [])
                return empty

            self.assertEqual([b""], Asked(gaps.never_empty(application)).pieces)

    def test_others_are_as_they_were(self):
        closed = Closed([b"a", b"b"])

        def application(environ, start_response):
            start(start_response)
            return closed

        self.assertEqual([b"a", b"b"], Asked(gaps.never_empty(application)).pieces)
        self.assertEqual(1, closed.closed)


class Begun(unittest.TestCase):
    def test_a_generator_has_begun_its_answer_when_it_is_returned(self):
        statuses = []

        def application(environ, start_response):
            start(start_response)
            yield b"a"
            yield b"b"

        result = gaps.begun(application)({}, lambda status, headers, exc_info=None: statuses.append(status))
        self.assertEqual(1, len(statuses))
        self.assertEqual([b"a", b"b"], list(result))

    def test_a_result_that_fails_at_once_is_closed(self):
        closed = []

        class Fails:
            def __iter__(self):
                return self

            def __next__(self):
                raise RuntimeError("no luck")

            def close(self):
                closed.append(True)

        self.assertIsInstance(Asked(gaps.begun(lambda environ, start_response: Fails())).raised, RuntimeError)
        self.assertEqual([True], closed)
