"""What an application does wrong costs its own answer alone."""

import io
import marshal
import sys
import threading
import unittest

from terpan_worker import raised
from terpan_worker.native.files import FileWrapper

from .front import ABORT, BATCH, PIECE, Worker, environ, receive_pieces
from .test_answers import Closing, stderr, with_head


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

    def test_the_answer_tells_the_front_the_same_as_the_line(self):
        def application(environ, start_response):
            raise SystemExit("no luck: 100%\u00e4")

        with stderr() as log, Worker(application) as front:
            front.batch((1, environ("/a b"), None))
            told = dict(front.answer()[2])["X-Terpan-Raised"]
        self.assertTrue(told.endswith("SystemExit: no luck: 100%25%C3%A4"), told)
        number, _, trace = told.partition(" ")
        self.assertEqual(f"terpan: raised: {number} GET /a%20b {trace}\n", log.getvalue())

    def test_the_line_has_the_trace_that_the_request_belongs_to(self):
        for traceparent, shown in (
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "/4bf92f3577b34da6a3ce929d0e0e4736"),
            ("00-x y-1", ""),
        ):
            with stderr() as log:
                raised.tell("7-1 X", "GET", "/a", traceparent)
                raised.tell_of(ValueError("b"), "GET", "/a", "id 1", traceparent)
            first, second = log.getvalue().splitlines()
            self.assertEqual(f"terpan: raised: 7-1{shown} GET /a X", first)
            self.assertEqual(f"terpan: raised: -{shown} id%201 GET /a ValueError: b", second)

    def test_what_is_told_of_a_failure_is_bounded(self):
        def application(environ, start_response):
            raise RuntimeError("\U0001f40d" * 100000 + "the end")

        with stderr() as log, Worker(application) as front:
            front.batch((1, environ("/" + "x" * 100000), None))
            told = dict(front.answer()[2])["X-Terpan-Raised"]
        self.assertLess(len(told), 10000)
        self.assertLess(len(log.getvalue()), 11000)
        self.assertTrue(told.endswith("the end"))

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

    def test_a_failure_after_the_last_byte_of_its_length_leaves_the_answer_whole(self):
        def pieces():
            yield b"on"
            yield b"e"
            raise RuntimeError("no luck")

        with stderr() as log, Worker(with_head(pieces, headers=[("Content-Length", "3")])) as front:
            front.ask()
            front.head()
            self.assertEqual(b"one", receive_pieces(front))
        self.assertIn("RuntimeError: no luck", log.getvalue())

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
        self.assertEqual(["500 "] * 5 + ["200 "], [answer[1][:4] for answer in sorted(answers)])

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

    def test_more_bytes_than_the_content_length_are_cut_and_the_answer_ends(self):
        def written(start_response):
            start_response("200 OK", [("Content-Length", "3")])(b"toolong")
            return [b"and", b"more"]

        def given(result, length="3"):
            def answer(start_response):
                start_response("200 OK", [("Content-Length", length)])
                return result

            return answer

        def endless():
            while True:
                yield b"too"

        shapes = {
            "/pieces": (given(iter([b"to", b"olong"])), b"too"),
            "/zero": (given(iter([b"a", b"b"]), "0"), b""),
            "/endless": (given(endless()), b"too"),
            "/across": (given(iter([b"toolong"])), b"too"),
            "/written": (written, b"too"),
            "/file": (given(FileWrapper(io.BytesIO(b"toolong"), 2)), b"too"),
        }

        def application(environ, start_response):
            return shapes[environ["PATH_INFO"]][0](start_response)

        with stderr() as log, Worker(application) as front:
            for number, (path, (_, expected)) in enumerate(shapes.items()):
                front.ask(number, path)
                kind, payload = front.frame()
                if kind == BATCH:
                    self.assertEqual((path, expected), (path, marshal.loads(payload)[1][3]))
                    continue
                self.assertEqual((path, expected), (path, receive_pieces(front, number)))
        for path in shapes:
            self.assertEqual((path, 1), (path, log.getvalue().count(f"the answer to {path} is cut")))

    def test_an_endless_answer_where_none_belongs_is_left_at_its_first_piece(self):
        def endless():
            while True:
                yield b"more"

        for method, status in (("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")):
            result = Closing(endless())
            with Worker(with_head(result, status)) as front:
                front.ask(method=method)
                self.assertEqual((status, b""), (front.answer()[1], b""))
                front.ask(2, method="HEAD")
                self.assertEqual(2, front.answer()[0])
            self.assertEqual(2, result.closed)

    def test_a_thread_that_goes_on_can_not_speak_in_another_answer(self):
        kept, raised = [], []

        def late():
            for call in (lambda: kept[0]("500 Late", []), lambda: kept[1](b"late")):
                try:
                    call()
                except RuntimeError as error:
                    raised.append(str(error))

        def application(environ, start_response):
            if not kept:
                kept.extend((start_response, start_response("200 OK", [])))
                return [b"first"]
            thread = threading.Thread(target=late)
            thread.start()
            thread.join()
            start_response("200 OK", [])
            return [b"second"]

        with stderr(), Worker(application) as front:
            for number, body in ((1, b"first"), (2, b"second")):
                front.ask(number)
                self.assertEqual((number, "200 OK", [], body), front.answer())
        self.assertEqual(2, len(raised))

    def test_heads_of_other_shapes_are_taken_and_a_final_status_below_200_is_a_502(self):
        fields = {"X-A": "b", "Content-Length": " 5 "}
        heads = {
            "/tuple": ("200 OK", tuple(fields.items())),
            "/items": ("200 OK", fields.items()),
            "/lists": ("200 OK", [list(field) for field in fields.items()]),
            "/hop": ("200 OK", [("Connection", "close"), *fields.items()]),
            "/early": ("103 Early Hints", []),
        }

        def application(environ, start_response):
            start_response(*heads[environ["PATH_INFO"]])
            return [b"hello"] if environ["QUERY_STRING"] else iter([b"hello"])

        with stderr() as log, Worker(application) as front:
            for query in ("list", ""):
                for path in heads:
                    front.ask(1, path, QUERY_STRING=query)
                    answer = front.answer()
                    if path == "/early":
                        self.assertEqual("502 Bad Gateway", answer[1])
                    else:
                        self.assertEqual(("200 OK", [("X-A", "b"), ("Content-Length", "5")], b"hello"), answer[1:])
        self.assertIn("status '103 Early Hints'", log.getvalue())
