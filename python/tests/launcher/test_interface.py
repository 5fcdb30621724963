"""Which callables are taken for ASGI applications."""

import functools
import unittest

from terpan_worker.interface import is_asgi
from terpan_worker.loading import NotFound, speaks_asgi


async def asynchronous(scope, receive, send):
    pass


def synchronous(environ, start_response):
    return []


class Asynchronous:
    async def __call__(self, scope, receive, send):
        pass

    async def method(self, scope, receive, send):
        pass


class Synchronous:
    def __call__(self, environ, start_response):
        return []


class Result:
    def __init__(self, environ, start_response):
        pass


class Interface(unittest.TestCase):
    def test_what_gives_a_coroutine_is_asgi(self):
        for application in (
            asynchronous,
            Asynchronous(),
            Asynchronous().method,
            functools.partial(asynchronous, send=None),
            functools.partial(functools.partial(asynchronous), send=None),
        ):
            self.assertTrue(is_asgi(application), application)

    def test_anything_else_is_wsgi(self):
        for application in (synchronous, Synchronous(), Synchronous().__call__, Result, functools.partial(synchronous), print):
            self.assertFalse(is_asgi(application), application)

    def test_what_was_said_counts_more_than_what_it_looks_like(self):
        self.assertTrue(speaks_asgi(synchronous, "asgi"))
        self.assertFalse(speaks_asgi(asynchronous, "wsgi"))
        self.assertTrue(speaks_asgi(asynchronous, "auto"))
        self.assertFalse(speaks_asgi(synchronous, "auto"))

    def test_a_class_that_was_not_called_is_named_with_what_to_write(self):
        with self.assertRaisesRegex(NotFound, r"Asynchronous is a class .*MODULE:Asynchronous\(\)"):
            speaks_asgi(Asynchronous, "auto")
