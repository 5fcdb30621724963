"""Instant answers, and under /slow ones that take 50 ms without using a processor, as a query to a database does."""

import time

SLEEP_SECONDS = 0.05


def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(SLEEP_SECONDS)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, World!"]
