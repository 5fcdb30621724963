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

    def test_who_names_a_file_may_tell_its_length_and_give_no_body(self):
        for name in ("X-Sendfile", "x-accel-redirect"):
            named = with_head([], headers=[("Content-Length", "100"), (name, "/srv/a")])
            with stderr() as log, Worker(named) as front:
                front.batch((1, environ(), None))
                self.assertEqual([1, "200 OK", [(name, "/srv/a")], b""], list(front.answer()))
            self.assertEqual("", log.getvalue())

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
