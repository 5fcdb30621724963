"""`wsgi.early_hints`."""

import threading
import unittest

from .front import BATCH, HEAD, PIECE, Worker

HINTS = 8
LINK = ("Link", "</style.css>; rel=preload; as=style")


def hinting(*calls):
    """An application that gives these lists of fields, one call after the other, and answers with what they raised."""

    def application(environ, start_response):
        raised = []
        for fields in calls:
            try:
                environ["wsgi.early_hints"](fields)
            except (TypeError, ValueError) as error:
                raised.append(str(error))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return ["\n".join(raised).encode("latin-1")]

    return application


class Hints(unittest.TestCase):
    def test_fields_go_before_the_answer(self):
        with Worker(hinting([LINK], [(b"Link", b"</a.js>; rel=preload"), ("X-Any", " b ")])) as front:
            front.ask(3)
            first, second = front.expect(HINTS, 3), front.expect(HINTS, 3)
            self.assertEqual(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n", first)
            self.assertEqual(b"HTTP/1.1 103 Early Hints\r\nLink: </a.js>; rel=preload\r\nX-Any: b\r\n\r\n", second)
            self.assertEqual((3, "200 OK", [("Content-Type", "text/plain")], b""), front.answer())

    def test_fields_of_the_connection_are_left_out(self):
        with Worker(hinting([("Connection", "close"), ("Content-Length", "5"), LINK])) as front:
            front.ask()
            self.assertEqual(3, front.expect(HINTS).count(b"\r\n"))

    def test_bad_fields_are_told_and_nothing_is_sent(self):
        bad = hinting([("Link", "a\r\nSet-Cookie: b")], [("a b", "c")], ["Link"], [("Link", "x" * 9000)], [LINK] * 101)
        with Worker(bad) as front:
            front.ask()
            told = front.answer()[3].decode().split("\n")
            self.assertEqual(5, len(told))
            self.assertIn("control characters", told[0])
            self.assertIn("header name 'a b'", told[1])
            self.assertIn("expected at most 100 and 8192", told[3])

    def test_no_more_than_sixteen_are_sent_for_a_request(self):
        with Worker(hinting(*[[LINK]] * 20)) as front:
            for number in (1, 2):
                front.ask(number)
                kinds = []
                while not kinds or kinds[-1] != BATCH:
                    kinds.append(front.frame()[0])
                self.assertEqual([HINTS] * 16 + [BATCH], kinds)

    def test_a_client_of_http_1_0_gets_none(self):
        with Worker(hinting([LINK])) as front:
            front.ask(1, SERVER_PROTOCOL="HTTP/1.0")
            self.assertEqual("200 OK", front.answer()[1])

    def test_none_follow_once_the_answer_has_begun(self):
        def application(environ, start_response):
            environ["wsgi.early_hints"]([LINK])
            start_response("200 OK", [])
            environ["wsgi.early_hints"]([LINK])
            yield b"one"
            environ["wsgi.early_hints"]([LINK])
            yield b"two"

        with Worker(application) as front:
            front.ask()
            kinds = [front.frame()[0] for _ in range(5)]
            self.assertEqual([HINTS, HINTS, HEAD, PIECE, PIECE], kinds)

    def test_it_belongs_to_the_thread_of_its_request(self):
        def application(environ, start_response):
            told = []

            def other():
                try:
                    environ["wsgi.early_hints"]([LINK])
                except RuntimeError as error:
                    told.append(str(error))

            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            start_response("200 OK", [])
            return [told[0].encode()]

        with Worker(application) as front:
            front.ask()
            self.assertIn(b"belongs to the thread", front.answer()[3])
