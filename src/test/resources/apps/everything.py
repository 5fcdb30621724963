"""The application that the tests of the whole program serve: each path does one thing that a server may get wrong."""

import hashlib
import json
import os
import sys
import time
from urllib.parse import parse_qsl

BLOCK = bytes(range(256)) * 256
WAIT_MOST = 20.0


def application(environ, start_response):
    route = ROUTES.get(environ["PATH_INFO"], nothing)
    return route(environ, start_response, dict(parse_qsl(environ.get("QUERY_STRING", ""))))


def text(start_response, body, status="200 OK"):
    data = body.encode()
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))])
    return [data]


def nothing(environ, start_response, query):
    return text(start_response, "nothing here", "404 Not Found")


def hello(environ, start_response, query):
    return text(start_response, "Hello")


def hints(environ, start_response, query):
    """Says before its answer what the page needs."""
    if "wsgi.early_hints" in environ:
        environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload; as=style")])
    if "until" in query:
        wait_for(query["until"])
    return text(start_response, "hinted")


def process(environ, start_response, query):
    return text(start_response, str(os.getpid()))


def environment(environ, start_response, query):
    shown = {name: value for name, value in environ.items() if isinstance(value, (str, bool, tuple))}
    return text(start_response, json.dumps(shown, sort_keys=True))


def sleep(environ, start_response, query):
    time.sleep(float(query["seconds"]))
    return text(start_response, "slept")


KEPT = []


def keep(environ, start_response, query):
    """Memory that is never given back."""
    KEPT.append(bytes(int(query["bytes"])))
    return text(start_response, "kept")


def wait_for(path):
    """Returns once a file is there: the test holds the other end."""
    deadline = time.monotonic() + WAIT_MOST
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.005)


def hold(environ, start_response, query):
    """Says by one file that it has begun and waits for another."""
    with open(query["began"], "a") as file:
        file.write(f"{os.getpid()}\n")
    wait_for(query["until"])
    return text(start_response, "released")


def count(environ, start_response, query):
    """Leaves a line for every call."""
    with open(query["file"], "a") as file:
        file.write("called\n")
    return text(start_response, "counted")


def body(environ, start_response, query):
    """Takes the body in pieces, with a pause after each when asked, and answers with its length and hash."""
    pause = float(query.get("pause", "0"))
    stream = environ["wsgi.input"]
    digest = hashlib.sha256()
    length = 0
    while True:
        piece = stream.read(1 << 20)
        if not piece:
            break
        digest.update(piece)
        length += len(piece)
        if pause:
            time.sleep(pause)
    return text(start_response, f"{length} {digest.hexdigest()}")


def arrives(environ, start_response, query):
    """Leaves a file once the first bytes of the body are here, and answers with the length of it all."""
    stream = environ["wsgi.input"]
    length = len(stream.read(5))
    with open(query["began"], "w") as file:
        file.write(str(length))
    while True:
        piece = stream.read(65536)
        if not piece:
            return text(start_response, str(length))
        length += len(piece)


def blocks(length, pause):
    while length > 0:
        piece = BLOCK if length >= len(BLOCK) else BLOCK[:length]
        length -= len(piece)
        yield piece
        if pause:
            time.sleep(pause)


def download(environ, start_response, query):
    """Sends a known pattern, with its length unless asked for chunks."""
    length = int(query["bytes"])
    headers = [("Content-Type", "application/octet-stream")]
    if "chunks" not in query:
        headers.append(("Content-Length", str(length)))
    start_response("200 OK", headers)
    return blocks(length, float(query.get("pause", "0")))


def file(environ, start_response, query):
    """Sends a file as the server does it best."""
    start_response("200 OK", [("Content-Length", str(os.path.getsize(query["path"])))])
    return environ["wsgi.file_wrapper"](open(query["path"], "rb"), 8192)


def stream(environ, start_response, query):
    """Sends the second piece only once the test says that it has the first."""
    start_response("200 OK", [("Content-Type", "text/plain")])

    def pieces():
        yield b"first\n"
        wait_for(query["until"])
        yield b"last\n"

    return pieces()


def die(environ, start_response, query):
    os._exit(3)


def die_in_answer(environ, start_response, query):
    """Ends the process with half of the answer sent."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "20")])

    def pieces():
        yield b"half of it"
        wait_for(query["until"])
        os._exit(3)

    return pieces()


def fail(environ, start_response, query):
    raise RuntimeError("the application failed as asked")


def say(environ, start_response, query):
    print("said by the application", file=sys.stderr, flush=True)
    return text(start_response, "said")


def well(environ, start_response, query):
    """Says whether it is well: while a file is there it is not."""
    if os.path.exists(query["unless"]):
        return text(start_response, "not well", "503 Service Unavailable")
    return text(start_response, "well")


ROUTES = {
    "/hints": hints,
    "/": hello,
    "/process": process,
    "/environment": environment,
    "/sleep": sleep,
    "/keep": keep,
    "/hold": hold,
    "/count": count,
    "/body": body,
    "/arrives": arrives,
    "/download": download,
    "/file": file,
    "/stream": stream,
    "/die": die,
    "/die-in-answer": die_in_answer,
    "/fail": fail,
    "/say": say,
    "/well": well,
}
