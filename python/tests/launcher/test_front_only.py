"""Who is let through to the application on a socket that others can reach."""

import asyncio
import unittest
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from terpan_worker.front_only import FIELD, NAME, guarded, guarded_asgi


def asked(**values):
    """The status that a request gets, and what the application saw of it."""
    environ = {"SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    environ.update(values)
    heads = []
    seen = []

    def application(environ, start_response):
        seen.append(dict(environ))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    def start_response(status, headers, exc_info=None):
        heads.append(status)

    result = validator(guarded(application, "abc"))(environ, start_response)
    for _ in result:
        pass
    result.close()
    return heads[0], seen


def asked_asgi(*headers, kind="http"):
    sent = []
    seen = []

    async def application(scope, receive, send):
        seen.append(scope)

    async def send(message):
        sent.append(message)

    asyncio.run(guarded_asgi(application, "abc")({"type": kind, "headers": list(headers)}, None, send))
    return sent, seen


class FrontOnly(unittest.TestCase):
    def test_whoever_knows_the_secret_is_let_through_and_the_application_does_not_see_it(self):
        status, seen = asked(**{FIELD: "abc"})
        self.assertEqual("200 OK", status)
        self.assertNotIn(FIELD, seen[0])

    def test_everybody_else_is_refused_before_the_application(self):
        for values in {}, {FIELD: ""}, {FIELD: "abcd"}, {FIELD: "abc,abc"}, {FIELD: "\xe9"}:
            status, seen = asked(**values)
            self.assertEqual(("403 Forbidden", []), (status, seen), values)

    def test_an_asgi_application_is_guarded_alike(self):
        sent, seen = asked_asgi((b"host", b"h"), (NAME, b"abc"))
        self.assertEqual(([], [(b"host", b"h")]), (sent, seen[0]["headers"]))
        for headers in [], [(NAME, b"no")], [(NAME, b"abc"), (NAME, b"no")]:
            sent, seen = asked_asgi(*headers)
            self.assertEqual((403, []), (sent[0]["status"], seen))

    def test_a_websocket_of_somebody_else_is_closed_before_it_is_open(self):
        sent, seen = asked_asgi((NAME, b"no"), kind="websocket")
        self.assertEqual(([{"type": "websocket.close"}], []), (sent, seen))
        self.assertEqual(1, len(asked_asgi((NAME, b"abc"), kind="websocket")[1]))

    def test_the_lifespan_is_the_servers_own(self):
        sent, seen = asked_asgi(kind="lifespan")
        self.assertEqual(([], 1), (sent, len(seen)))
