"""What applications do that they should not, or that servers forget: routes of the matrix's application."""

import fcntl
import gc
import io
import time

WAIT_MOST = 15.0
PLAIN = ("Content-Type", "text/plain")
TOO_MUCH = b"toolong"


class Own(BaseException):
    pass


KINDS = {kind.__name__: kind for kind in (SystemExit, KeyboardInterrupt, GeneratorExit, Own, RuntimeError)}


def shaped(environ, write, query, data):
    """The same bytes as an application may give them."""
    shape = query["shape"]
    if shape == "list":
        return [data]
    if shape == "tuple":
        return (data,)
    if shape == "two":
        return [data[:2], data[2:]]
    if shape == "pieces":
        return iter([data[:2], data[2:]])
    if shape == "generator":
        return (piece for piece in (data,))
    if shape == "write":
        write(data)
        return []
    if shape == "written":
        write(data[:2])
        return [data[2:]]
    if shape == "file":
        wrapper = environ.get("wsgi.file_wrapper", lambda file, size: iter(lambda: file.read(size), b""))
        file = open(query["path"], "rb") if "path" in query else io.BytesIO(data)
        return wrapper(file, 2)
    raise AssertionError(shape)


def sized(environ, start_response, query):
    """Says one length and gives seven bytes."""
    write = start_response("200 OK", [PLAIN, ("Content-Length", query["length"])])
    return shaped(environ, write, query, TOO_MUCH)


def endless(environ, start_response, query):
    """Gives pieces for as long as they are taken."""
    start_response(query["status"], [PLAIN] + ([("Content-Length", query["length"])] if "length" in query else []))

    def pieces():
        deadline = time.monotonic() + WAIT_MOST
        while time.monotonic() < deadline:
            yield b"more"
        raise TimeoutError("it was taken to no end")

    return pieces()


class Ending:
    """An answer that raises where it is told to."""

    def __init__(self, kind, step):
        self.kind = kind
        self.step = step
        self.at = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.at += 1
        if self.step == "iteration" or (self.step == "late" and self.at == 2):
            raise self.kind("as asked, in iteration")
        if self.at > 2:
            raise StopIteration
        return b"some"

    def close(self):
        if self.step == "close":
            raise self.kind("as asked, in close")


def ends(environ, start_response, query):
    kind = KINDS[query["kind"]]
    if query["step"] == "before":
        raise kind("as asked, in the call")
    start_response("200 OK", [PLAIN, *([("Content-Length", "8")] if query["step"] == "late" else [])])
    if query["step"] == "call":
        raise kind("as asked, in the call")
    return Ending(kind, query["step"])


def status(environ, start_response, query):
    write = start_response(query["status"], [PLAIN])
    return [] if query["shape"] == "empty" else shaped(environ, write, query, b"never seen")


def refused(environ, start_response, query):
    """A head of which one value can not be sent."""
    length = [("Content-Length", "2")] if "length" in query else []
    start_response(
        "200 OK",
        [PLAIN, ("Set-Cookie", "session=secret"), ("Cache-Control", "public, max-age=3600"), ("X-Name", "\u20ac"), *length],
    )
    return [b"ok"]


def locked(environ, start_response, query):
    """Holds a lock for as long as its locals live."""
    gc.disable()  # which would free in the end what a cycle keeps
    file = open(query["path"], "a")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if query["step"] == "call":
        raise ValueError("as asked, with a lock")
    start_response("200 OK", [PLAIN])
    if query["step"] == "iteration":
        return raising(file)
    gc.enable()
    return [b"had the lock"]


def raising(file):
    if file:
        raise ValueError("as asked, with a lock")
    yield b""


def read_late(environ, start_response, query):
    """Reads its body when its answer has begun."""
    write = start_response("200 OK", [PLAIN])
    body = environ["wsgi.input"]
    if query["shape"] == "write":
        write(b"begun, ")
        return [b"then read %d" % len(body.read())]

    def pieces():
        yield b"begun, "
        yield b"then read %d" % len(body.read())

    return pieces()


def read_all(environ, start_response, query):
    """Reads its body in one of the ways that files have."""
    body = environ["wsgi.input"]
    read = {
        "all": lambda: [body.read()],
        "minus": lambda: [body.read(-1)],
        "lines": lambda: list(body),
        "readlines": lambda: body.readlines(),
        "hint": lambda: [line for lines in iter(lambda: body.readlines(5), []) for line in lines],
        "readline": lambda: list(iter(body.readline, b"")),
    }[query["how"]]()
    data = b"|".join(read)
    start_response("200 OK", [PLAIN, ("Content-Length", str(len(data)))])
    return [data]


HOP_BY_HOP = [("Connection", "X-Gone, close"), ("Keep-Alive", "timeout=9"), ("Upgrade", "h2c"), ("transfer-encoding", "chunked"), ("Trailer", "X-A")]


def hop_by_hop(environ, start_response, query):
    write = start_response("200 OK", [PLAIN, *HOP_BY_HOP, ("X-Kept", "yes")])
    return shaped(environ, write, query, b"hello")


HEADS = {
    "tuple": (PLAIN, ("X-Kept", "yes")),
    "lists": [list(PLAIN), ["X-Kept", "yes"]],
    "items": {"Content-Type": "text/plain", "X-Kept": "yes"}.items(),
    "spaces": [PLAIN, ("X-Kept", "yes"), ("Content-Length", " 5 ")],
    "twice": [PLAIN, ("X-Kept", "yes"), ("Content-Length", "5"), ("content-length", "5")],
}
WRONG = {
    "name": [PLAIN, ("X-Wrong Name", "a")],
    "line": [PLAIN, ("X-Wrong", "a\r\nSet-Cookie: b=c")],
    "text": [PLAIN, ("X-Wrong", "\u20ac")],
    "control": [PLAIN, ("X-Wrong", "a\x01b")],
    "number": [PLAIN, ("X-Wrong", 5)],
    "none": [PLAIN, ("X-Wrong", None)],
    "short": [PLAIN, ("X-Wrong",)],
    "length": [PLAIN, ("X-Wrong", "no"), ("Content-Length", "five")],
    "lengths": [PLAIN, ("X-Wrong", "no"), ("Content-Length", "5"), ("Content-Length", "6")],
}


def head(environ, start_response, query):
    write = start_response("200" if query["head"] == "tuple" else "200 OK", HEADS[query["head"]])
    return shaped(environ, write, query, b"hello")


def wrong_head(environ, start_response, query):
    write = start_response("200 OK", WRONG[query["head"]])
    return shaped(environ, write, query, b"hello")


ROUTES = {
    "/sized": sized,
    "/endless": endless,
    "/ends": ends,
    "/status": status,
    "/refused-head": refused,
    "/locked": locked,
    "/read-late": read_late,
    "/read-all": read_all,
    "/hop-by-hop": hop_by_hop,
    "/head": head,
    "/wrong-head": wrong_head,
}
