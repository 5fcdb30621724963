"""A WSGI application behind an ASGI server."""

import asyncio
import threading
import unittest
from wsgiref.validate import validator

from terpan_worker.bridge import Bridge

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/caf\u00e9",
    "raw_path": b"/caf%C3%A9",
    "query_string": b"a=%20",
    "http_version": "1.1",
    "headers": [(b"host", b"h"), (b"x-odd", b"\xe9"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-two", b"1"), (b"x-two", b"2")],
}


def ask(application, pieces=(), method="GET", leaves_after=None):
    """What the server was sent; the client leaves after so many messages."""
    sent = []
    waiting = [*pieces]

    async def run():
        left = asyncio.Event()

        async def receive():
            if waiting:
                body = waiting.pop(0)
                return {"type": "http.request", "body": body, "more_body": bool(waiting)}
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if leaves_after is not None and len(sent) >= leaves_after:
                left.set()
                await asyncio.sleep(0)

        headers = list(SCOPE["headers"])
        if pieces:
            headers.append((b"content-length", b"%d" % sum(map(len, pieces))))
        await Bridge(application, 2, "test/1")({**SCOPE, "method": method, "headers": headers}, receive, send)

    try:
        asyncio.run(run())
    except RuntimeError as error:
        sent.append(str(error))
    return sent


def body(sent):
    return b"".join(message["body"] for message in sent if message["type"] == "http.response.body")


class AnswersOfABridge(unittest.TestCase):
    def test_the_environ_is_valid_and_has_the_path_as_bytes_in_latin_1(self):
        caught = {}

        def application(environ, start_response):
            caught.update(environ)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"x"]

        sent = ask(validator(application))
        self.assertEqual(b"x", body(sent))
        self.assertEqual("/caf\xc3\xa9", caught["PATH_INFO"])
        self.assertEqual("a=%20", caught["QUERY_STRING"])
        self.assertEqual("\xe9", caught["HTTP_X_ODD"])
        self.assertEqual("a=1; b=2", caught["HTTP_COOKIE"])
        self.assertEqual("1, 2", caught["HTTP_X_TWO"])

    def test_an_answer_that_is_whole_gets_its_length(self):
        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"one", b"two"]

        sent = ask(application)
        self.assertEqual([(b"content-length", b"6")], sent[0]["headers"])
        self.assertEqual(b"onetwo", body(sent))
        self.assertFalse(sent[-1]["more_body"])
        self.assertEqual([], ask(application, method="HEAD")[0]["headers"])

    def test_field_values_lose_the_space_around_them(self):
        def application(environ, start_response):
            start_response("200 OK", [("Set-Cookie", " a=1; Path=/ "), ("Content-Length", "0")])
            return [b""]

        self.assertEqual([(b"set-cookie", b"a=1; Path=/"), (b"content-length", b"0")], ask(application)[0]["headers"])

    def test_an_answer_without_a_body_is_an_answer(self):
        def nothing(environ, start_response):
            start_response("204 No Content", [])
            return []

        def no_pieces(environ, start_response):
            start_response("200 OK", [("Content-Length", "0")])
            return iter(())

        for application in (nothing, no_pieces):
            sent = ask(application)
            self.assertEqual(["http.response.start", "http.response.body"], [message["type"] for message in sent])
            self.assertEqual(b"", body(sent))

    def test_pieces_leave_as_they_are_given_and_write_too(self):
        def application(environ, start_response):
            write = start_response("200 OK", [])
            write(b"written")
            yield b""
            yield b"given"

        def starts_at_once(environ, start_response):
            write = start_response("200 OK", [])
            write(b"written")
            return [b"given"]

        for each in (application, starts_at_once):
            self.assertEqual(b"writtengiven", body(ask(each)))

    def test_a_body_in_pieces_is_read_as_it_comes(self):
        def application(environ, start_response):
            given = environ["wsgi.input"]
            read = [given.readline(), given.read(3), given.read(), given.read()]
            start_response("200 OK", [])
            return [b"|".join(read)]

        self.assertEqual(b"line\n|wor|ds more|", body(ask(application, [b"li", b"ne\nword", b"s more"], "POST")))
        self.assertEqual(b"a\n|bcd||", body(ask(application, [b"a\nbcd"], "POST")))

    def test_a_failure_before_the_answer_is_the_servers_and_one_in_it_has_no_end(self):
        def before(environ, start_response):
            raise RuntimeError("before")

        def amid(environ, start_response):
            start_response("200 OK", [])
            yield b"half"
            raise RuntimeError("amid")

        self.assertEqual(["before"], ask(before))
        sent = ask(amid)
        self.assertEqual(b"half", body(sent))
        self.assertTrue(sent[-1]["more_body"])

    def test_a_result_is_closed_when_its_client_has_left(self):
        closed = threading.Event()

        def application(environ, start_response):
            start_response("200 OK", [])
            try:
                while True:
                    yield b"x"
            finally:
                closed.set()

        sent = ask(application, leaves_after=3)
        self.assertTrue(closed.is_set())
        self.assertLess(len(sent), 10)

    def test_the_lifespan_is_completed(self):
        sent = []
        events = ["lifespan.startup", "lifespan.shutdown"]

        async def receive():
            return {"type": events.pop(0)}

        async def send(message):
            sent.append(message["type"])

        asyncio.run(Bridge(None, 1, "test/1")({"type": "lifespan"}, receive, send))
        self.assertEqual(["lifespan.startup.complete", "lifespan.shutdown.complete"], sent)
