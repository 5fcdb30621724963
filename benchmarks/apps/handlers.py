"""Two handlers, as WSGI and as ASGI: `/` answers at once, `/cpu` computes for about a millisecond before.

HANDLER_STEPS says of how many steps that is made. Run as a program it prints how many milliseconds they take here.
"""

import os

STEPS = int(os.environ.get("HANDLER_STEPS", "15000"))
BODY = b"Hello, World!"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", "13")]
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain"), (b"content-length", b"13")]}


def application(environ, start_response):
    if environ["PATH_INFO"] == "/cpu":
        compute()
    start_response("200 OK", HEADERS[:])
    return [BODY]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])  # as an application says that it has no lifespan
    if scope["path"] == "/cpu":
        compute()
    await send(START)
    await send({"type": "http.response.body", "body": BODY})


def compute():
    """The same work every time, by whatever server it is called."""
    total = 0
    for step in range(STEPS):
        total += step & 7
    return total


if __name__ == "__main__":
    import statistics
    import time

    times = []
    for _ in range(300):
        began = time.perf_counter()
        compute()
        times.append(time.perf_counter() - began)
    print(f"{statistics.median(times) * 1000:.3f}")
