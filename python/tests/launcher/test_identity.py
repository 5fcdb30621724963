"""What the application sees of client and host behind a server on a Unix socket."""

import unittest
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from terpan_worker.identity import FIELD, identify


def environ(**values):
    made = {"QUERY_STRING": "", "SERVER_NAME": "waitress.invalid", "SERVER_PORT": "/run/w1", "REMOTE_HOST": "localhost"}
    setup_testing_defaults(made)
    made.update({"REMOTE_ADDR": "localhost", "REMOTE_PORT": "None", "PATH_INFO": "/a", "SCRIPT_NAME": ""}, **values)
    return made


def seen(origin, prefix="", path="/a", **more):
    caught = {}

    def application(environ, start_response):
        caught.update(environ)
        start_response("204 No Content", [])
        return []

    given = environ(PATH_INFO=path, **more)
    if origin:
        given[FIELD] = origin
    wrapped = identify(validator(application), prefix, multiprocess=False)
    result = wrapped(given, lambda status, headers, exc_info=None: lambda data: None)
    list(result)
    result.close()
    return caught


class Identity(unittest.TestCase):
    def test_the_origin_replaces_what_the_server_made_up(self):
        environ = seen("192.0.2.7 4711 https shop.example 8443")
        self.assertEqual("192.0.2.7", environ["REMOTE_ADDR"])
        self.assertEqual("4711", environ["REMOTE_PORT"])
        self.assertEqual("https", environ["wsgi.url_scheme"])
        self.assertEqual("shop.example", environ["SERVER_NAME"])
        self.assertEqual("8443", environ["SERVER_PORT"])
        self.assertIs(False, environ["wsgi.multiprocess"])

    def test_the_private_field_and_the_guessed_host_are_gone(self):
        environ = seen("192.0.2.7 4711 http h 80")
        self.assertNotIn(FIELD, environ)
        self.assertNotIn("REMOTE_HOST", environ)

    def test_a_client_on_a_unix_listener_has_no_address_and_the_host_is_never_empty(self):
        environ = seen("- - https - -")
        self.assertEqual("", environ["REMOTE_ADDR"])
        self.assertNotIn("REMOTE_PORT", environ)
        self.assertEqual(("localhost", "443"), (environ["SERVER_NAME"], environ["SERVER_PORT"]))

    def test_a_request_without_origin_shows_nothing_of_the_socket(self):
        environ = seen("")
        self.assertEqual(("", "localhost", "80"), tuple(environ[n] for n in ("REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT")))

    def test_the_prefix_moves_to_the_script_name(self):
        for path, expected in {
            "/shop/list": ("/shop", "/list"),
            "/shop": ("/shop", ""),
            "/shopping": ("", "/shopping"),
            "/": ("", "/"),
        }.items():
            environ = seen("- - http - -", prefix="/shop", path=path)
            self.assertEqual(expected, (environ["SCRIPT_NAME"], environ["PATH_INFO"]), path)

    def test_slashes_in_front_of_a_path_are_kept(self):
        environ = seen("- - http - -", path="/a/ b", REQUEST_URI="//a/%20b?c//d")
        self.assertEqual("//a/ b", environ["PATH_INFO"])
        environ = seen("- - http - -", path="/a", REQUEST_URI="/a?//b")
        self.assertEqual("/a", environ["PATH_INFO"])
