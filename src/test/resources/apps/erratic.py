"""An application that misbehaves by chance, in every way that one can: what a request does follows from its seed alone."""

import asyncio
import io
import os
import random
import sys
import threading
import time

HANG_MOST = 0.2
PIECES_MOST = 40
LATE_THREADS_MOST = 8

late_threads = threading.BoundedSemaphore(LATE_THREADS_MOST)


class Own(BaseException):
    pass


class Unsayable(Exception):
    def __str__(self):
        raise RuntimeError("it has no text")

    __repr__ = __str__


class Text(str):
    pass


def recurse():
    recurse()


def raise_one(chance):
    kind = chance.choice(
        [
            RuntimeError,
            SystemExit,
            KeyboardInterrupt,
            GeneratorExit,
            StopIteration,
            StopAsyncIteration,
            MemoryError,
            RecursionError,
            Own,
            Unsayable,
            BrokenPipeError,
            ConnectionResetError,
            BlockingIOError,
            TimeoutError,
            EOFError,
            AssertionError,
            UnicodeError,
            asyncio.CancelledError,
        ]
    )
    if kind is RecursionError and chance.random() < 0.2:
        recurse()
    raise kind("by chance")


def perhaps_raise(chance, share=0.1):
    if chance.random() < share:
        raise_one(chance)


def piece(chance):
    size = chance.choice([0, 1, 5, 5, 5, 100, 8192, 8193, 70_000])
    data = b"x" * size
    odd = chance.random()
    if odd < 0.8:
        return data
    return chance.choice([bytearray(data), memoryview(data), "text", None, 5, [], Text("x"), data])


def status(chance):
    if chance.random() < 0.7:
        return "200 OK"
    odd = ["404 Not Found", "204 No Content", "304 Not Modified", "500 Oh", "103 Early", "100 Go", "101 Change", "099 Low", "999 High"]
    return chance.choice([*odd, "OK", "", "200", "200OK", " 200 OK", "200 O\r\nX: y", "200 \u20ac", 200, None, b"200 OK", Text("200 OK")])


def headers(chance):
    fields = [("Content-Type", "text/plain")]
    for _ in range(chance.randrange(3)):
        fields.append(
            chance.choice(
                [
                    ("X-A", "b"),
                    ("Set-Cookie", "a=b"),
                    ["X-List", "c"],
                    ("Connection", "close"),
                    ("Connection", "keep-alive"),
                    ("Transfer-Encoding", "chunked"),
                    ("Upgrade", "h2c"),
                    ("Keep-Alive", "timeout=1"),
                    ("X-Long", "y" * 20_000),
                    ("X-Wrong Name", "d"),
                    ("X-Line", "a\r\nX-B: c"),
                    ("X-Text", "\u20ac"),
                    ("X-Number", 5),
                    ("X-None", None),
                    ("X-Short",),
                    ("", "empty"),
                    Text("no pair"),
                    None,
                ]
                if chance.random() < 0.4
                else [("X-A", "b"), ("X-C", "d")]
            )
        )
    for _ in range(chance.choice([0, 0, 0, 1, 1, 1, 1, 2])):
        fields.append(("Content-Length", chance.choice(["0", "1", "5", "5", "5", "100", "10000", " 5 ", "five", "-1", "9" * 30])))
    return chance.choice([fields] * 8 + [tuple(fields), iter(fields), None, "text", {"X-A": "b"}, {"X-A": "b"}.items()])


class Result:
    """Raises and hangs where it may."""

    def __init__(self, chance):
        self.chance = chance
        self.left = chance.randrange(PIECES_MOST)

    def __iter__(self):
        perhaps_raise(self.chance)
        return self

    def __next__(self):
        perhaps_raise(self.chance, 0.05)
        if self.left <= 0:
            raise StopIteration
        self.left -= 1
        return piece(self.chance)


class Closed(Result):
    def close(self):
        if self.chance.random() < 0.2:
            time.sleep(self.chance.random() * HANG_MOST)
        perhaps_raise(self.chance, 0.4)


class Counted(Closed):
    def __len__(self):
        perhaps_raise(self.chance)
        return self.chance.choice([0, 1, 2, 1000])


def generator(chance):
    try:
        for _ in range(chance.randrange(PIECES_MOST)):
            perhaps_raise(chance, 0.05)
            yield piece(chance)
    finally:
        perhaps_raise(chance)


def result(environ, chance):
    kind = chance.randrange(12)
    if kind < 3:
        return [piece(chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 5]))]
    if kind == 3:
        return tuple(piece(chance) for _ in range(3))
    if kind == 4:
        return generator(chance)
    if kind == 5:
        return Result(chance)
    if kind == 6:
        return Closed(chance)
    if kind == 7:
        return Counted(chance)
    if kind == 8 and "wsgi.file_wrapper" in environ:
        file = chance.choice([lambda: open(__file__, "rb"), lambda: io.BytesIO(b"file " * 100), lambda: io.StringIO("text"), object])
        return environ["wsgi.file_wrapper"](file(), chance.choice([1000, 1, 65536]))
    return chance.choice([None, 5, "text", b"bytes", {"a": 1}, {b"a": b"b"}, object(), [None], [[b"nested"]], iter([]), Exception("no raise")])


def read(environ, chance):
    body = environ["wsgi.input"]
    chance.choice([body.read, lambda: body.read(10), body.readline, lambda: list(body), lambda: body.read(-1), lambda: body.readlines(5)])()


def go_on(environ, start_response, write, chance):
    """A thread that does not end with its request."""
    if not late_threads.acquire(blocking=False):
        return

    def late():
        try:
            time.sleep(HANG_MOST)
            for call in (lambda: write(b"late"), lambda: start_response("200 Late", [("X-Late", "yes")]), environ.clear):
                try:
                    call()
                except BaseException:
                    pass
        finally:
            late_threads.release()

    threading.Thread(target=late, daemon=True).start()


def fork(chance):
    child = os.fork()
    if child == 0:
        os._exit(chance.randrange(3))
    if chance.random() < 0.8:
        os.waitpid(child, 0)


def erratic(environ, start_response, query):
    chance = random.Random(int(query["seed"]))
    if chance.random() < 0.4:
        read(environ, chance)
    perhaps_raise(chance, 0.05)
    if chance.random() < 0.02:
        fork(chance)
    if chance.random() < 0.1:
        time.sleep(chance.random() * HANG_MOST / 10)
    if chance.random() < 0.05:
        for name in [name for name in environ if name.isupper()]:
            del environ[name]
        environ["REQUEST_METHOD"] = "HEAD"
    if chance.random() < 0.05:
        return result(environ, chance)
    write = start_response(status(chance), headers(chance))
    if chance.random() < 0.1:
        go_on(dict(environ), start_response, write, chance)
    if chance.random() < 0.1:
        try:
            raise ValueError("seen")
        except ValueError:
            start_response(status(chance), headers(chance), chance.choice([sys.exc_info(), None, ()]))
    perhaps_raise(chance, 0.05)
    if chance.random() < 0.2:
        for _ in range(chance.randrange(5)):
            try:
                write(piece(chance))
            except BaseException:
                if chance.random() < 0.5:
                    raise
    return result(environ, chance)


def honest(environ, start_response, query):
    data = f"{query['word']} {len(environ['wsgi.input'].read())}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(data))), ("X-Word", query["word"])])
    return [data]


ROUTES = {"/erratic": erratic, "/honest": honest}
