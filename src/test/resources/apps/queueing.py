"""Notes what it runs; one request can hold the thread."""

import os
import time


def note(text):
    print("noted " + text, flush=True)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/hold":
        file = environ["QUERY_STRING"]
        note(f"begun {path}?{file}")
        while not os.path.exists(file):
            time.sleep(0.02)
    else:
        note("run " + path)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
