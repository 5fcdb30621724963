"""What an ASGI application sees of client and host, and how the failure of its start is noticed."""

import asyncio
import unittest

from terpan_worker.asgi_identity import identify


def seen(origin, prefix="", path="/a", kind="http"):
    caught = {}

    async def application(scope, receive, send):
        caught.update(scope)

    headers = [(b"host", b"h"), (b"x-terpan-origin", origin.encode()), (b"cookie", b"a=1")]
    if not origin:
        del headers[1]
    scope = {"type": kind, "path": path, "headers": headers, "client": ("x", 1), "server": ("/run/w1", None)}
    scope.update(scheme="http", root_path="")
    asyncio.run(identify(application, prefix, print)(scope, None, None))
    return caught


def start(application):
    """What an application's lifespan sent to the server, and the failures that were noticed."""
    sent, failures = [], []

    async def receive():
        return {"type": "lifespan.startup"}

    async def send(message):
        sent.append(message["type"])

    try:
        asyncio.run(identify(application, "", failures.append)({"type": "lifespan"}, receive, send))
    except Exception as error:
        sent.append(type(error).__name__)
    return sent, failures


class Scope(unittest.TestCase):
    def test_the_origin_replaces_what_the_server_made_up(self):
        scope = seen("192.0.2.7 4711 https shop.example 8443 -")
        self.assertEqual(("192.0.2.7", 4711), scope["client"])
        self.assertEqual(("shop.example", 8443), scope["server"])
        self.assertEqual("https", scope["scheme"])

    def test_method_target_version_and_fields_are_those_of_the_client(self):
        scope = seen("192.0.2.7 4711 http h 80 0*x PURGE")
        self.assertEqual(("PURGE", "*", b"*", "1.0"), tuple(scope[n] for n in ("method", "path", "raw_path", "http_version")))
        self.assertEqual([(b"cookie", b"a=1")], scope["headers"])
        self.assertEqual("2", seen("192.0.2.7 4711 http h 80 2")["http_version"])
        self.assertEqual("1.1", seen("192.0.2.7 4711 http h 80 -")["http_version"])

    def test_the_private_field_is_gone_and_the_others_stay(self):
        self.assertEqual([(b"host", b"h"), (b"cookie", b"a=1")], seen("192.0.2.7 4711 http h 80 -")["headers"])

    def test_the_fields_about_the_client_that_the_origin_implies_are_there(self):
        self.assertEqual(
            [
                *((b"host", b"h"), (b"cookie", b"a=1"), (b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-proto", b"https")),
                (b"x-forwarded-host", b"h"),
            ],
            seen("192.0.2.7 4711 https shop.example 8443 fph")["headers"],
        )

    def test_a_client_on_a_unix_listener_has_no_address(self):
        scope = seen("- - https - - -")
        self.assertIsNone(scope["client"])
        self.assertEqual(("localhost", 443), scope["server"])

    def test_a_request_without_origin_shows_nothing_of_the_socket(self):
        scope = seen("")
        self.assertEqual((None, ("localhost", 80), "http"), (scope["client"], scope["server"], scope["scheme"]))

    def test_the_prefix_is_the_root_path_where_the_path_lies_under_it(self):
        for path, expected in {"/shop/list": "/shop", "/shop": "/shop", "/shopping": "", "/": ""}.items():
            scope = seen("- - http - - -", prefix="/shop", path=path)
            self.assertEqual((expected, path), (scope["root_path"], scope["path"]))

    def test_the_path_that_a_request_is_below_is_its_root_path(self):
        for path, expected in {"/blog/list": "/blog", "/blog": "/blog", "/blogs": ""}.items():
            scope = seen("- - http - - - /blog @1-7", prefix="/shop", path=path)
            self.assertEqual((expected, path), (scope["root_path"], scope["path"]))

    def test_a_websocket_has_its_own_scheme(self):
        scope = seen("192.0.2.7 4711 https shop.example 8443 -", prefix="/shop", path="/shop/chat", kind="websocket")
        self.assertEqual(("wss", "/shop"), (scope["scheme"], scope["root_path"]))
        self.assertEqual((("192.0.2.7", 4711), ("shop.example", 8443)), (scope["client"], scope["server"]))
        self.assertEqual("ws", seen("- - http - - -", kind="websocket")["scheme"])

    def test_a_handshake_that_the_server_took_for_a_request_is_answered_in_its_place(self):
        for kind in "http", "websocket":
            sent, called = [], []

            async def application(scope, receive, send, called=called):
                called.append(scope["type"])

            async def send(message, sent=sent):
                sent.append(message)

            scope = {"type": kind, "path": "/", "headers": [(b"upgrade", b"websocket"), (b"x-terpan-origin", b"- - http - - -")]}
            asyncio.run(identify(application, "", print)(scope, None, send))
            self.assertEqual([] if kind == "http" else [kind], called)
            self.assertEqual([501] if kind == "http" else [], [message["status"] for message in sent[:1]])


class Lifespan(unittest.TestCase):
    def test_a_start_that_succeeds_is_told_to_the_server(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})

        # It returns early, so that the shutdown is answered for it.
        self.assertEqual((["lifespan.startup.complete", "lifespan.shutdown.complete"], []), start(application))

    def test_a_start_that_fails_is_noticed_with_its_reason(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.failed", "message": "no database"})

        self.assertEqual((["lifespan.startup.failed"], ["no database"]), start(application))

    def test_an_application_that_raises_after_it_took_the_event_has_failed(self):
        async def application(scope, receive, send):
            await receive()
            raise ConnectionError("no database")

        sent, failures = start(application)
        self.assertEqual(["ConnectionError"], sent)
        self.assertEqual(1, len(failures))
        self.assertIn("ConnectionError: no database", failures[0])
        self.assertNotIn("terpan_worker", failures[0])

    def test_an_application_without_lifespan_is_served_without_it(self):
        async def refuses(scope, receive, send):
            raise ValueError("only http")

        async def answers_everything(scope, receive, send):
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        for application in (refuses, answers_everything):
            self.assertEqual((["lifespan.startup.complete", "lifespan.shutdown.complete"], []), start(application))

    def test_a_failure_after_the_start_is_the_servers_to_tell(self):
        async def application(scope, receive, send):
            await receive()
            await send({"type": "lifespan.startup.complete"})
            raise ValueError("at the end")

        self.assertEqual((["lifespan.startup.complete", "ValueError"], []), start(application))
