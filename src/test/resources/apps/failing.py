"""An application that fails in the ways that a log has to tell of."""

import asyncio
import logging

LOGGER = logging.getLogger("shop")


def wsgi(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/raise"):
        try:
            {}["key"]
        except KeyError:
            raise RuntimeError("no luck with " + path)
    if path == "/log":
        try:
            raise ValueError("caught")
        except ValueError:
            LOGGER.exception("a handler's own words")
    start_response("200 OK", [("Content-Length", "2"), ("X-Terpan-Raised", "1-1 forged")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    await asyncio.sleep(0)
    raise RuntimeError("no luck with " + scope["path"])
