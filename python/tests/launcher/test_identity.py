"""What the application sees of client and host behind a server on a Unix socket."""

import unittest
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from terpan_worker.identity import FIELD, identify, mend_path, read
from terpan_worker.remembered import REMEMBERED_MOST, Remembered
from terpan_worker.servers import waitress


def environ(**values):
    made = {"QUERY_STRING": "", "SERVER_NAME": "waitress.invalid", "SERVER_PORT": "/run/w1"}
    setup_testing_defaults(made)
    made.update({"REMOTE_ADDR": "localhost", "REMOTE_PORT": "None", "PATH_INFO": "/a", "SCRIPT_NAME": ""}, **values)
    return {name: value for name, value in made.items() if value is not None}


def seen(origin, prefix="", path="/a", mend=None, checked=True, **more):
    caught = {}

    def application(environ, start_response):
        caught.update(environ)
        start_response("204 No Content", [])
        return []

    given = environ(PATH_INFO=path, **more)
    if origin:
        given[FIELD] = origin
    wrapped = identify(validator(application) if checked else application, prefix, multiprocess=False, multithread=True, mend=mend)
    result = wrapped(given, lambda status, headers, exc_info=None: lambda data: None)
    list(result)
    if checked:
        result.close()
    return caught


class Identity(unittest.TestCase):
    def test_the_origin_replaces_what_the_server_made_up(self):
        environ = seen("192.0.2.7 4711 https shop.example 8443 -")
        self.assertEqual("192.0.2.7", environ["REMOTE_ADDR"])
        self.assertEqual("4711", environ["REMOTE_PORT"])
        self.assertEqual("https", environ["wsgi.url_scheme"])
        self.assertEqual("shop.example", environ["SERVER_NAME"])
        self.assertEqual("8443", environ["SERVER_PORT"])
        self.assertIs(False, environ["wsgi.multiprocess"])
        self.assertIs(True, environ["wsgi.multithread"])

    def test_a_request_without_a_query_has_an_empty_one(self):
        self.assertEqual("", seen("- - http - - -", QUERY_STRING=None)["QUERY_STRING"])

    def test_the_private_field_and_the_guessed_host_are_gone(self):
        environ = seen("192.0.2.7 4711 http h 80 -", mend=waitress.mend, REQUEST_URI="/a", REMOTE_HOST="localhost")
        self.assertNotIn(FIELD, environ)
        self.assertNotIn("REMOTE_HOST", environ)

    def test_a_client_on_a_unix_listener_has_no_address_and_the_host_is_never_empty(self):
        environ = seen("- - https - - -")
        self.assertEqual("", environ["REMOTE_ADDR"])
        self.assertNotIn("REMOTE_PORT", environ)
        self.assertEqual(("localhost", "443"), (environ["SERVER_NAME"], environ["SERVER_PORT"]))

    def test_a_request_without_origin_shows_nothing_of_the_socket(self):
        environ = seen("")
        self.assertEqual(("", "localhost", "80"), tuple(environ[n] for n in ("REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT")))

    def test_the_fields_about_the_client_that_the_origin_implies_are_there(self):
        environ = seen("192.0.2.7 4711 https shop.example 8443 fporh", HTTP_HOST="shop.example:8443")
        fields = {name: value for name, value in environ.items() if name.startswith(("HTTP_X_", "HTTP_FORWARDED"))}
        self.assertEqual(
            {
                "HTTP_X_FORWARDED_FOR": "192.0.2.7",
                "HTTP_X_FORWARDED_PROTO": "https",
                "HTTP_X_FORWARDED_PORT": "8443",
                "HTTP_X_REAL_IP": "192.0.2.7",
                "HTTP_X_FORWARDED_HOST": "shop.example:8443",
            },
            fields,
        )
        self.assertNotIn("HTTP_X_FORWARDED_FOR", seen("192.0.2.7 4711 http h 80 p"))

    def test_method_target_and_version_are_those_of_the_client_whatever_came(self):
        environ = seen("- - http - - 0* PURGE", path="/", checked=False, REQUEST_METHOD="POST", REQUEST_URI="/", RAW_URI="/")
        names = ("REQUEST_METHOD", "PATH_INFO", "REQUEST_URI", "RAW_URI", "SERVER_PROTOCOL")
        self.assertEqual(["PURGE", "*", "*", "*", "HTTP/1.0"], [environ[name] for name in names])
        self.assertEqual("HTTP/2.0", seen("- - http - - 2")["SERVER_PROTOCOL"])
        self.assertEqual("HTTP/1.1", seen("- - http - - -", SERVER_PROTOCOL="HTTP/1.0")["SERVER_PROTOCOL"])
        self.assertEqual("-", seen("- - http - - - -", checked=False)["REQUEST_METHOD"])

    def test_fields_that_the_client_did_not_send_are_not_there(self):
        environ = seen("- - http - - nx", REQUEST_METHOD="POST", CONTENT_LENGTH="0", HTTP_HOST="")
        self.assertNotIn("CONTENT_LENGTH", environ)
        self.assertNotIn("HTTP_HOST", environ)
        self.assertEqual("0", seen("- - http - - -", CONTENT_LENGTH="0")["CONTENT_LENGTH"])

    def test_what_is_remembered_of_origins_is_bounded_and_each_gets_its_own(self):
        told = {}

        def application(environ, start_response):
            told[environ["REMOTE_PORT"]] = environ["HTTP_X_FORWARDED_FOR"]
            return []

        wrapped = identify(application)
        for turn in range(2):
            for port in range(REMEMBERED_MOST + 10):
                wrapped(environ(**{FIELD: f"192.0.2.{port % 250} {port} http h 80 f"}), None)
        self.assertEqual({str(port): f"192.0.2.{port % 250}" for port in range(REMEMBERED_MOST + 10)}, told)
        made = []
        remembered = Remembered(lambda text: made.append(text) or text)
        for number in range(3 * REMEMBERED_MOST):
            self.assertEqual(number, remembered[number])
            self.assertLessEqual(len(remembered), REMEMBERED_MOST)
        self.assertEqual(3 * REMEMBERED_MOST - 1, remembered[3 * REMEMBERED_MOST - 1])
        self.assertEqual(3 * REMEMBERED_MOST, len(made), "the last one was remembered")

    def test_the_prefix_moves_to_the_script_name(self):
        for path, expected in {
            "/shop/list": ("/shop", "/list"),
            "/shop": ("/shop", ""),
            "/shopping": ("", "/shopping"),
            "/": ("", "/"),
        }.items():
            environ = seen("- - http - - -", prefix="/shop", path=path)
            self.assertEqual(expected, (environ["SCRIPT_NAME"], environ["PATH_INFO"]), path)

    def test_the_path_that_a_request_is_below_counts_more_than_that_of_all(self):
        for origin, path, expected in [
            ("- - http - - - /blog", "/blog/a", ("/blog", "/a")),
            ("- - http - - - /blog", "/blogs", ("", "/blogs")),
            ("- - http - - - PROPFIND /blog", "/blog", ("/blog", "")),
            ("- - http - - - PROPFIND", "/shop/a", ("/shop", "/a")),
        ]:
            environ = seen(origin, prefix="/shop", path=path, checked=False)
            self.assertEqual(expected, (environ["SCRIPT_NAME"], environ["PATH_INFO"]), origin)
            self.assertEqual("PROPFIND" if "PROPFIND" in origin else "GET", environ["REQUEST_METHOD"])

    def test_words_that_the_front_never_says_are_not_the_fronts(self):
        for origin in ["- - http - -", "- - http - - - A B", "- - http - - - A B /c", "- - http - - - /a /b /c"]:
            self.assertIsNone(read(origin), origin)

    def test_slashes_in_front_of_a_path_are_kept(self):
        environ = seen("- - http - - -", path="/a/ b", mend=mend_path, REQUEST_URI="//a/%20b?c//d")
        self.assertEqual("//a/ b", environ["PATH_INFO"])
        environ = seen("- - http - - -", path="/a", mend=mend_path, REQUEST_URI="/a?//b")
        self.assertEqual("/a", environ["PATH_INFO"])
