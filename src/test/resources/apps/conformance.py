"""The application of the matrix: whatever server runs it, it has to see the same requests, and its answers have to arrive."""

import hashlib
import os
import subprocess
import sys
import time
from urllib.parse import parse_qsl

import erratic
import misbehaving

BLOCK = bytes(range(256)) * 256
WAIT_MOST = 15.0


def application(environ, start_response):
    path = environ["PATH_INFO"]
    route = environment if path.startswith("/seen/") else ROUTES.get(path, nothing)
    return route(environ, start_response, dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)))


def text(start_response, body, status="200 OK", *fields):
    data = body.encode("latin-1")
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(data))), *fields])
    return [data]


def nothing(environ, start_response, query):
    return text(start_response, "nothing here", "404 Not Found")


def hello(environ, start_response, query):
    return text(start_response, "Hello")


def process(environ, start_response, query):
    return text(start_response, str(os.getpid()))


def environment(environ, start_response, query):
    """A line for every text and truth value: the name, a tab, the value."""
    lines = [f"{name}\t{value}" for name, value in sorted(environ.items()) if isinstance(value, (str, bool))]
    return text(start_response, "\n".join(lines))


def body(environ, start_response, query):
    """Reads to the end, and answers with length and hash."""
    digest = hashlib.sha256()
    length = 0
    while True:
        piece = environ["wsgi.input"].read(1 << 16)
        if not piece:
            break
        digest.update(piece)
        length += len(piece)
    return text(start_response, f"{environ.get('CONTENT_LENGTH')} {length} {digest.hexdigest()}")


def early(environ, start_response, query):
    """Answers without a look at the body."""
    return text(start_response, "early")


def download(environ, start_response, query):
    """Sends a known pattern, with its length unless asked for chunks."""
    length = int(query["bytes"])
    fields = [("Content-Type", "application/octet-stream")]
    if "chunks" not in query:
        fields.append(("Content-Length", str(length)))
    start_response("200 OK", fields)

    def blocks():
        left = length
        while left > 0:
            yield BLOCK[:left]
            left -= len(BLOCK)

    return blocks()


def wait_for(path):
    deadline = time.monotonic() + WAIT_MOST
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.005)


def stream(environ, start_response, query):
    """Gives the second piece once the test says that it has the first."""
    start_response("200 OK", [("Content-Type", "text/plain")])

    def pieces():
        yield b"first\n"
        wait_for(query["until"])
        yield b"last\n"

    return pieces()


def always(environ, start_response, query):
    """Returns a body for HEAD too, as plain applications do."""
    return text(start_response, "always")


def empty(environ, start_response, query):
    fields = [("ETag", '"7"')] if query["status"] == "304" else []
    start_response(query["status"] + " Said", fields)
    return []


def gappy(environ, start_response, query):
    """Pieces of no bytes among others."""
    pieces = [piece.encode() for piece in query["pieces"].split(".")]
    write = start_response("200 OK", [("Content-Length", query["length"])] if "length" in query else [])
    if query["shape"] != "write":
        return {"list": list, "tuple": tuple, "generator": iter}[query["shape"]](pieces)
    for piece in pieces:
        write(piece)
    return []


def fields(environ, start_response, query):
    return text(start_response, "fields", "200 OK", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Latin", "caf\xe9"))


def fail(environ, start_response, query):
    raise RuntimeError("failed as asked")


def fail_later(environ, start_response, query):
    """Fails with a part of the answer at the client."""
    start_response("200 OK", [("Content-Type", "text/plain"), *([("Content-Length", "20")] if "length" in query else [])])

    def pieces():
        yield b"half of it"
        wait_for(query["until"])
        raise RuntimeError("failed as asked, later")

    return pieces()


def written(environ, start_response, query):
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"first ")
    return [b"second"]


def file(environ, start_response, query):
    """A file through wsgi.file_wrapper where the server has one."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(os.path.getsize(query["path"])))])
    opened = open(query["path"], "rb")
    if "wsgi.file_wrapper" in environ:
        return environ["wsgi.file_wrapper"](opened, 8192)
    return iter(lambda: opened.read(8192), b"")


class Closing:
    def __init__(self, path):
        self.path = path

    def __iter__(self):
        yield b"to be closed"

    def close(self):
        with open(self.path, "a") as file:
            file.write("closed\n")


def closing(environ, start_response, query):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Closing(query["path"])


def hold(environ, start_response, query):
    """Says by one file that it has begun and waits for another."""
    with open(query["began"], "a") as file:
        file.write("began\n")
    wait_for(query["until"])
    return text(start_response, "released")


def sleep(environ, start_response, query):
    time.sleep(float(query["seconds"]))
    return text(start_response, "slept")


def say(environ, start_response, query):
    print("said to standard error: " + query["word"], file=sys.stderr, flush=True)
    print("said to standard output: " + query["word"], flush=True)
    return text(start_response, "said")


def child(environ, start_response, query):
    """Runs one child process to its end, and leaves another behind."""
    said = subprocess.run(["sh", "-c", "echo from a child"], stdout=subprocess.PIPE, check=True).stdout
    subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
    return text(start_response, said.decode().strip())


ROUTES = {
    "*": environment,
    **misbehaving.ROUTES,
    **erratic.ROUTES,
    "/": hello,
    "/process": process,
    "/environment": environment,
    "/body": body,
    "/early": early,
    "/download": download,
    "/stream": stream,
    "/always": always,
    "/empty": empty,
    "/gappy": gappy,
    "/fields": fields,
    "/fail": fail,
    "/fail-later": fail_later,
    "/written": written,
    "/file": file,
    "/closing": closing,
    "/hold": hold,
    "/sleep": sleep,
    "/say": say,
    "/child": child,
}
