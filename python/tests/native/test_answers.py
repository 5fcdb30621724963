"""Answers, whole and in pieces."""

import contextlib
import io
import marshal
import struct
import sys
import unittest
from wsgiref.validate import validator

from .front import ABORT, END, PIECE, Worker, environ


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]


def with_head(body, status="200 OK", headers=()):
    def application(environ, start_response):
        start_response(status, list(headers))
        return body() if callable(body) else body

    return application


@contextlib.contextmanager
def stderr():
    kept, sys.stderr = sys.stderr, io.StringIO()
    try:
        yield sys.stderr
    finally:
        sys.stderr = kept


class Closing:
    def __init__(self, pieces):
        self.pieces = pieces
        self.closed = 0

    def __iter__(self):
        yield from self.pieces

    def close(self):
        self.closed += 1


class Answers(unittest.TestCase):
    def test_a_batch_is_answered_in_order(self):
        with Worker(hello) as front:
            front.batch(*((number, environ(), None) for number in range(16)))
            answers = front.answers(16)
            self.assertEqual(list(range(16)), [answer[0] for answer in answers])
            expected = ("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")], b"hello")
            self.assertEqual(expected, answers[7][1:])

    def test_a_frame_may_come_in_any_pieces(self):
        with Worker(hello) as front:
            sent = io.BytesIO()
            for batch in ([1, environ(), None, 2, environ(), None], [3, environ(), None]):
                payload = marshal.dumps(batch)
                sent.write(struct.pack("<IB", len(payload) + 1, 0) + payload)
            for byte in sent.getvalue():
                front.connection.send(bytes([byte]))
            self.assertEqual([1, 2, 3], [answer[0] for answer in front.answers(3)])

    def test_the_validator_has_nothing_to_say(self):
        def application(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [environ["wsgi.input"].read(5), b"-", environ["QUERY_STRING"].encode()]

        with Worker(validator(application)) as front:
            front.ask(1, method="POST", body=b"hello", CONTENT_LENGTH="5", CONTENT_TYPE="text/plain")
            front.head(1)
            self.assertEqual(b"hello", front.expect(PIECE))

    def test_pieces_of_a_list_are_joined(self):
        with Worker(with_head([b"a", b"", b"b"])) as front:
            front.ask()
            self.assertEqual((1, "200 OK", [], b"ab"), front.answer())

    def test_a_generator_streams_each_piece_at_once(self):
        def pieces():
            yield b""
            yield b"one"
            yield b"two"

        with Worker(with_head(pieces)) as front:
            front.ask()
            self.assertEqual(("200 OK", [], -1), front.head())
            self.assertEqual([b"one", b"two", b""], [front.expect(PIECE), front.expect(PIECE), front.expect(END)])

    def test_a_generator_may_start_the_response_with_its_first_piece(self):
        def application(environ, start_response):
            start_response("200 OK", [])
            yield b"x"

        with Worker(application) as front:
            front.ask()
            front.head()
            self.assertEqual([b"x", b""], [front.expect(PIECE), front.expect(END)])

    def test_one_piece_of_the_declared_length_goes_in_a_batch(self):
        result = Closing([b"hello"])
        with Worker(with_head(result, headers=[("content-length", "5")])) as front:
            front.ask()
            self.assertEqual((1, "200 OK", [("content-length", "5")], b"hello"), front.answer())
        self.assertEqual(1, result.closed)

    def test_written_bytes_come_before_returned_ones(self):
        def application(environ, start_response):
            write = start_response("200 OK", [])
            write(b"written")
            return [b"returned"]

        with Worker(application) as front:
            front.ask()
            front.head()
            self.assertEqual([b"written", b"returned", b""], [front.expect(PIECE), front.expect(PIECE), front.expect(END)])

    def test_an_answer_to_head_has_no_body_and_is_closed(self):
        result = Closing([b"hello"] * 3)
        with Worker(with_head(result, headers=[("Content-Length", "15")])) as front:
            front.ask(method="HEAD")
            self.assertEqual((1, "200 OK", [("Content-Length", "15")], b""), front.answer())
        self.assertEqual(1, result.closed)

    def test_an_answer_without_content_is_empty_whatever_its_length_says(self):
        with Worker(with_head([b""], "304 Not Modified", [("Content-Length", "15")])) as front:
            front.ask()
            self.assertEqual((1, "304 Not Modified", [("Content-Length", "15")], b""), front.answer())

    def test_an_empty_list_is_an_empty_answer(self):
        with Worker(with_head([])) as front:
            front.ask()
            self.assertEqual((1, "200 OK", [], b""), front.answer())

    def test_bytes_beyond_the_content_length_are_cut_and_logged(self):
        with stderr() as log, Worker(with_head([b"hello"], headers=[("Content-Length", "3")])) as front:
            front.ask()
            self.assertEqual(("200 OK", [("Content-Length", "3")], 3), front.head())
            self.assertEqual([b"hel", b""], [front.expect(PIECE), front.expect(END)])
        self.assertIn("2 bytes more than its Content-Length", log.getvalue())

    def test_fewer_bytes_than_the_content_length_are_an_abort(self):
        with stderr(), Worker(with_head([b"hello"], headers=[("Content-Length", "9")])) as front:
            front.ask()
            front.head()
            self.assertEqual([b"hello", b""], [front.expect(PIECE), front.expect(ABORT)])


class Failures(unittest.TestCase):
    def test_a_failure_before_the_head_is_a_500(self):
        def application(environ, start_response):
            raise RuntimeError("no luck")

        with stderr() as log, Worker(application) as front:
            front.batch((1, environ("/a"), None), (2, environ("/b"), None))
            for answer in front.answers(2):
                self.assertEqual("500 Internal Server Error", answer[1])
                self.assertNotIn(b"no luck", answer[3])
        self.assertIn("RuntimeError: no luck", log.getvalue())
        self.assertIn("GET /b", log.getvalue())

    def test_in_development_the_traceback_is_the_body(self):
        def application(environ, start_response):
            raise SystemExit("no luck")

        with stderr(), Worker(application, development=True) as front:
            front.ask()
            self.assertIn(b"SystemExit: no luck", front.answer()[3])

    def test_a_failure_after_the_head_is_an_abort_and_closes(self):
        def pieces():
            yield b"one"
            raise RuntimeError("no luck")

        result = Closing(pieces())
        with stderr(), Worker(with_head(result)) as front:
            front.ask()
            front.head()
            self.assertEqual([b"one", b""], [front.expect(PIECE), front.expect(ABORT)])
        self.assertEqual(1, result.closed)

    def test_a_second_start_needs_exc_info(self):
        def application(environ, start_response):
            start_response("200 OK", [])
            start_response("200 OK", [])
            return []

        with stderr(), Worker(application) as front:
            front.ask()
            self.assertEqual("500 Internal Server Error", front.answer()[1])

    def test_exc_info_replaces_a_head_that_was_not_sent(self):
        def application(environ, start_response):
            start_response("200 OK", [])
            try:
                raise ValueError("seen")
            except ValueError:
                start_response("503 Later", [("X-A", "b")], sys.exc_info())
            return [b"sorry"]

        with Worker(application) as front:
            front.ask()
            self.assertEqual((1, "503 Later", [("X-A", "b")], b"sorry"), front.answer())

    def test_exc_info_raises_again_once_the_head_was_sent(self):
        def application(environ, start_response):
            start_response("200 OK", [])(b"begun")
            try:
                raise ValueError("too late")
            except ValueError:
                start_response("503 Later", [], sys.exc_info())
            return [b"never"]

        with stderr() as log, Worker(application) as front:
            front.ask()
            front.head()
            self.assertEqual([b"begun", b""], [front.expect(PIECE), front.expect(ABORT)])
        self.assertIn("ValueError: too late", log.getvalue())

    def test_an_answer_without_a_head_is_a_500(self):
        with stderr() as log, Worker(lambda environ, start_response: [b"x"]) as front:
            front.ask()
            self.assertEqual("500 Internal Server Error", front.answer()[1])
        self.assertIn("did not call start_response", log.getvalue())

    def test_a_wrong_head_costs_its_own_answer_alone(self):
        heads = {
            "/status": (200, []),
            "/number": ("200 OK", [("Content-Length", 5)]),
            "/none": ("200 OK", [("X-A", None)]),
            "/list": ("200 OK", [["X-A"]]),
            "/length": ("200 OK", [("Content-Length", "five")]),
            "/good": ("200 OK", [("X-A", "b")]),
        }

        def application(environ, start_response):
            start_response(*heads[environ["PATH_INFO"]])
            return [b"hello"]

        with stderr(), Worker(application) as front:
            front.batch(*((number, environ(path), None) for number, path in enumerate(heads)))
            answers = front.answers(len(heads))
        self.assertEqual(["500 "] * 5 + ["200 "], [answer[1][:4] for answer in answers])

    def test_a_str_subclass_is_made_exact(self):
        class Odd(str):
            pass

        class OddBytes(bytes):
            pass

        def application(environ, start_response):
            start_response(Odd("200 OK"), [(Odd("X-A"), Odd("b"))])
            return [OddBytes(b"hello")]

        with Worker(application) as front:
            front.batch((1, environ(), None), (2, environ(), None))
            expected = ("200 OK", [("X-A", "b")], b"hello")
            self.assertEqual([(1, *expected), (2, *expected)], front.answers(2))

    def test_text_instead_of_bytes_is_a_500(self):
        with stderr() as log, Worker(with_head(["text"])) as front:
            front.ask()
            self.assertEqual("500 Internal Server Error", front.answer()[1])
        self.assertIn("expected a bytes-like object, str found", log.getvalue())

    def test_what_an_application_does_to_its_list_of_headers_later_changes_nothing(self):
        shared = [("X-Count", "0")]

        def application(environ, start_response):
            shared[0] = ("X-Count", environ["QUERY_STRING"])
            start_response("200 OK", shared)
            return [b""]

        with Worker(application) as front:
            front.batch(*((number, environ(QUERY_STRING=str(number)), None) for number in range(4)))
            self.assertEqual(["0", "1", "2", "3"], [answer[2][0][1] for answer in front.answers(4)])


class Surroundings(unittest.TestCase):
    def ask(self, path, **settings):
        seen = {}

        def application(environ, start_response):
            seen.update(environ)
            return hello(environ, start_response)

        with Worker(application, **settings) as front:
            front.ask(path=path)
            front.answer()
        return seen

    def test_the_environment_is_whole(self):
        seen = self.ask("/a")
        self.assertEqual(("", "/a", (1, 0)), (seen["SCRIPT_NAME"], seen["PATH_INFO"], seen["wsgi.version"]))
        self.assertEqual((False, True, False), tuple(seen["wsgi.multi" + x] for x in ("thread", "process")) + (seen["wsgi.run_once"],))
        self.assertTrue(seen["SERVER_SOFTWARE"].startswith("terpan/"))
        self.assertTrue(self.ask("/a", threads=2)["wsgi.multithread"])

    def test_a_path_under_the_prefix_is_split(self):
        for path, expected in {"/app/x": ("/app", "/x"), "/app": ("/app", ""), "/apple": ("", "/apple"), "/": ("", "/")}.items():
            seen = self.ask(path, prefix="/app")
            self.assertEqual(expected, (seen["SCRIPT_NAME"], seen["PATH_INFO"]), path)
