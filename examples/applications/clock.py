"""Tells the time, and below which path it was asked."""

import datetime


def application(environ, start_response):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    body = f"{now}, asked below {environ['SCRIPT_NAME']} for {environ['PATH_INFO']}\n".encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
