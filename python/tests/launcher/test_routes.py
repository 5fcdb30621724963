"""The route that the application's framework found goes to the front with the answer, and nothing else changes."""

import asyncio
import contextlib
import sys
import types
import unittest

from terpan_worker import asgi_identity, gaps, routes
from tests.launcher.plain_server import Asked, start
from tests.native.front import PIECE, Worker, environ


@contextlib.contextmanager
def imported(name, **content):
    """As if the application had imported a module of that name. The real ones answer in the front's own tests (RoutesIT)."""
    module = types.ModuleType(name)
    vars(module).update(content)
    kept = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield module
    finally:
        sys.modules.pop(name)
        if kept is not None:
            sys.modules[name] = kept


class Matched:
    def __init__(self, rule):
        self.rule = rule


class Broken:
    @property
    def rule(self):
        raise LookupError("no rule")


def told(rule, word="w0rd", **more):
    with imported("bottle"):
        found = routes.in_a_field(word)
    return found({"SCRIPT_NAME": "", "bottle.route": rule, **more})


class Values(unittest.TestCase):
    def test_the_word_and_the_route_with_the_path_that_it_is_below(self):
        self.assertEqual(("X-Terpan-Route", "w0rd /report/<id:int>"), told(Matched("/report/<id:int>")))
        self.assertEqual("w0rd /shop/report", told(Matched("/report"), SCRIPT_NAME="/shop")[1])
        self.assertEqual("w0rd /report", told(Matched("/report"), SCRIPT_NAME="/")[1])

    def test_whatever_a_rule_has_in_it_what_is_told_is_short_and_printable(self):
        for rule in ("/a b", "/ü/<x>", "/\r\nSet-Cookie: a=1", "/\x00", "/" + "ü" * 5000, "/" + "x" * 5000, "/\ud800", "/%"):
            name, value = told(Matched(rule))
            word, _, route = value.partition(" ")
            self.assertEqual(("X-Terpan-Route", "w0rd"), (name, word))
            self.assertTrue(all("!" <= letter <= "~" for letter in route), route)
            self.assertLessEqual(len(route), routes.ROUTE_MOST)
        self.assertEqual("w0rd /%C3%BC/<x>", told(Matched("/ü/<x>"))[1])
        self.assertTrue(told(Matched("/" + "x" * 5000))[1].endswith("xxx..."))

    def test_what_can_not_be_found_is_not_told(self):
        for rule in (None, Matched(None), Matched(7), Matched(b"/a"), Broken(), object()):
            self.assertIsNone(told(rule))
        with imported("bottle"):
            self.assertIsNone(routes.in_a_field("w0rd")(None))

    def test_fields_of_many_routes_are_not_kept_for_ever(self):
        with imported("bottle"):
            found = routes.in_a_field("w0rd")
        for number in range(5000):
            self.assertEqual(f"w0rd /{number}", found({"bottle.route": Matched(f"/{number}")})[1])
        kept = found.__closure__
        self.assertLessEqual(max(len(cell.cell_contents) for cell in kept if isinstance(cell.cell_contents, dict)), 1024)

    def test_without_a_framework_or_a_word_nothing_is_looked_for(self):
        hidden = {name: sys.modules.pop(name) for name in routes.FRAMEWORKS if name in sys.modules}
        try:
            for tell in (routes.in_a_field, routes.on_the_link, routes.in_an_event):
                self.assertIsNone(tell("w0rd"))
                with imported("bottle"), imported("starlette.routing"):
                    self.assertIsNone(tell(""))
                    self.assertIsNotNone(tell("w0rd"))
            with imported("starlette.routing"):
                self.assertIsNone(routes.in_a_field("w0rd"), "it has no WSGI applications")
        finally:
            sys.modules.update(hidden)


class Left(unittest.TestCase):
    """Frameworks whose requests alone know their route."""

    def test_django_s_resolver_works_as_before_and_leaves_the_route(self):
        class BaseHandler:
            def resolve_request(self, request):
                if request.path == "/nope":
                    raise KeyError(request.path)
                return types.SimpleNamespace(route=request.path[1:])

        with imported("django.core.handlers.base", BaseHandler=BaseHandler):
            of_environ, of_scope = routes.in_a_field("w0rd"), routes.in_an_event("w0rd")
        resolve = BaseHandler().resolve_request
        place = {"SCRIPT_NAME": "/shop"}
        self.assertEqual("r/<int:id>/", resolve(types.SimpleNamespace(path="/r/<int:id>/", environ=place)).route)
        self.assertEqual("w0rd /shop/r/<int:id>/", of_environ(place)[1])
        scope = {"root_path": ""}
        resolve(types.SimpleNamespace(path="/r", scope=scope))
        self.assertEqual((b"x-terpan-route", b"w0rd /r"), of_scope(scope))
        self.assertEqual("x", resolve(types.SimpleNamespace(path="/x")).route, "a request of neither kind")
        with self.assertRaises(KeyError):
            resolve(types.SimpleNamespace(path="/nope", environ=place))

    def test_a_method_is_replaced_once_and_one_that_is_not_there_never(self):
        class App:
            def _get_responder(self, request):
                return None, {}, None, "/r/{id}"

        class Old:
            pass

        with imported("falcon.app", App=App), imported("django.core.handlers.base", BaseHandler=Old):
            routes.in_a_field("w0rd")
            replaced = App._get_responder
            found = routes.in_a_field("w0rd")
        self.assertIs(replaced, App._get_responder)
        self.assertEqual({}, {name: value for name, value in vars(Old).items() if not name.startswith("__")})
        place = {}
        self.assertEqual("/r/{id}", App()._get_responder(types.SimpleNamespace(env=place))[3])
        self.assertEqual("w0rd /r/{id}", found(place)[1])

    def test_flask_s_matching_leaves_the_rule_where_one_was_found(self):
        class RequestContext:
            def __init__(self, request):
                self.request = request

            def match_request(self):
                self.matched = True

        class Own(RequestContext):
            def match_request(self):
                super().match_request()

        with imported("flask.ctx", RequestContext=RequestContext, AppContext=object):
            found = routes.in_a_field("w0rd")
        for rule, expected in ((None, None), (Matched("/r/<int:id>"), "w0rd /r/<int:id>"), (Broken(), None)):
            place = {}
            request = types.SimpleNamespace(url_rule=rule, environ=place)
            context = Own(request)
            context.match_request()
            self.assertTrue(context.matched)
            self.assertEqual(expected, (found(place) or (None, None))[1])
        RequestContext(None).match_request()

    def test_starlette_s_route_its_mount_and_fast_api_s_included_router(self):
        with imported("starlette.routing"), imported("fastapi"):
            found = routes.in_an_event("w0rd")
        with imported("starlette.routing"):
            self.assertEqual(b"w0rd /r", routes.in_an_event("w0rd")({"route": types.SimpleNamespace(path="/r", endpoint=print)})[1])
        route, mount = types.SimpleNamespace(path="/r/{id}", endpoint=print), types.SimpleNamespace(path="/static")
        included = types.SimpleNamespace(path="/api/r/{id}", endpoint=print)
        for scope, expected in (
            ({"route": route}, b"w0rd /r/{id}"),
            ({"route": route, "root_path": "/shop", "fastapi": {}}, b"w0rd /shop/r/{id}"),
            ({"route": mount, "root_path": "/static"}, b"w0rd /static/{path}"),
            ({"route": route, "fastapi": {"effective_route_context": included}}, b"w0rd /api/r/{id}"),
        ):
            self.assertEqual((b"x-terpan-route", expected), found(scope))
        self.assertIsNone(found({}))


FIELD = ("X-Terpan-Route", "w0rd /r")


LINK_FIELD = b"X-Terpan-Route:w0rd /r"


def found(environ):
    return FIELD if environ["PATH_INFO"] == "/" else None


def on_the_link(environ):
    return LINK_FIELD if environ["PATH_INFO"] == "/" else None


def headers_of(application, **more):
    """Those of an answer with the route's field and without it, whose bodies have to be the same."""
    with_route = Asked(gaps.filled(application, gaps.Gaps(route_of=found, **more)))
    without = Asked(gaps.filled(application, gaps.Gaps(**more)))
    assert with_route.body == without.body, (with_route.body, without.body)
    return with_route.headers, without.headers


class Wsgi(unittest.TestCase):
    def test_an_answer_has_the_field_once_however_it_is_given_and_is_the_same_otherwise(self):
        def whole(environ, start_response):
            start(start_response, ("Content-Length", "1"))
            return [b"x"]

        def pieces(environ, start_response):
            start(start_response)
            return iter([b"x", b"y"])

        def again(environ, start_response):
            start(start_response)
            try:
                raise ValueError
            except ValueError:
                start_response("500 Oh", [("Content-Length", "2")], sys.exc_info())
            return [b"no"]

        for application in (whole, pieces, again):
            for more in ({}, {"writes": True}, {"empties": True}):
                with_route, without = headers_of(application, **more)
                self.assertEqual([*without, FIELD], with_route, (application.__name__, more))

    def test_an_answer_that_begins_later_or_was_written_has_none(self):
        def generator(environ, start_response):
            start(start_response)
            yield b"x"

        def written(environ, start_response):
            start(start_response)(b"x")
            return []

        for application in (generator, written):
            with_route, without = headers_of(application, writes=True)
            self.assertEqual(without, with_route)

    def test_the_application_s_own_list_of_headers_stays_as_it_is(self):
        own = [("Content-Length", "1")]

        def application(environ, start_response):
            start_response("200 OK", own)
            return [b"x"]

        for _ in range(3):
            headers_of(application)
        self.assertEqual([("Content-Length", "1")], own)

    def test_an_application_that_raises_or_gives_a_bad_head_is_answered_as_ever(self):
        def raises(environ, start_response):
            start(start_response)
            raise ValueError

        def bad(environ, start_response):
            start_response("200 OK", [("Bad Name", "x")])
            return [b"x"]

        def none(environ, start_response):
            return [b"x"]

        for application in (raises, bad, none):
            asked = Asked(gaps.filled(application, gaps.Gaps(route_of=found)))
            self.assertEqual(("500 Internal Server Error", b"Internal Server Error\n"), (asked.status, asked.body))
            self.assertLessEqual(asked.headers.count(FIELD), 1)


class Asgi(unittest.TestCase):
    def sent(self, *messages, route=(b"x-terpan-route", b"w0rd /r")):
        sent = []

        async def application(scope, receive, send):
            for message in messages:
                await send(message)

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "path": "/", "method": "GET", "headers": []}
        asyncio.run(asgi_identity.identify(application, "", print, lambda scope: route)(scope, None, send))
        return sent

    def test_the_head_alone_has_the_field_and_the_application_s_own_message_stays_as_it_is(self):
        head = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}
        body = {"type": "http.response.body", "body": b"x"}
        sent = self.sent(head, body)
        self.assertEqual([(b"a", b"b"), (b"x-terpan-route", b"w0rd /r")], sent[0]["headers"])
        self.assertEqual(200, sent[0]["status"])
        self.assertIs(body, sent[1])
        self.assertEqual([(b"a", b"b")], head["headers"])
        self.assertEqual([(b"x-terpan-route", b"w0rd /r")], self.sent({"type": "http.response.start"})[0]["headers"])

    def test_what_is_no_head_or_has_no_route_passes_as_it_is(self):
        for message in ({"type": "http.response.start", "headers": None}, {"no": "type"}, "text", {"type": "http.response.debug"}):
            self.assertIs(message, self.sent(message)[0])
        head = {"type": "http.response.start", "status": 200, "headers": []}
        self.assertIs(head, self.sent(head, route=None)[0])


class Native(unittest.TestCase):
    def test_whole_answers_and_those_in_pieces_have_the_field(self):
        def application(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"x"] if environ["QUERY_STRING"] == "whole" else iter([b"x", b"y"])

        headers = [("Content-Type", "text/plain")]
        with Worker(application, route_of=on_the_link) as front:
            front.batch((1, environ(QUERY_STRING="whole"), None))
            self.assertEqual((1, "200 OK", headers, b"x", LINK_FIELD), front.answer())
            front.batch((2, environ("/", "HEAD", QUERY_STRING="whole"), None))
            self.assertEqual((2, "200 OK", headers, b"", LINK_FIELD), front.answer())
            front.batch((3, environ("/other", QUERY_STRING="whole"), None))
            self.assertEqual((3, "200 OK", headers, b"x"), front.answer())
            front.batch((4, environ(), None))
            self.assertEqual(("200 OK", headers, -1, LINK_FIELD), front.head(4))
            self.assertEqual(PIECE, front.frame()[0])

    def test_an_answer_that_does_not_fit_its_batch_has_it_too(self):
        class Text(str):
            pass

        def application(environ, start_response):
            start_response("200 OK", [("X-A", Text("b"))])
            return [b"x"]

        with Worker(application, route_of=on_the_link) as front:
            front.batch((1, environ(), None))
            self.assertEqual((1, "200 OK", [("X-A", "b")], b"x", LINK_FIELD), front.answer())


if __name__ == "__main__":
    unittest.main()
