"""Well-behaved clients: what they get is checked to the byte."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from dataclasses import dataclass, field

from .wire import Wire

REQUESTS_A_CONNECTION = 50
LINE = b"0123456789abcdef" * 64
LOST_SECONDS = 3.0
OVERLOAD = (502, 503, 504)


@dataclass
class Tally:
    """What came of the good requests; latencies in seconds, those of the last minute only."""

    right: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    bad: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    disturbed_until: float = 0.0

    def disturb(self) -> None:
        """A worker is about to die or to hang: for a little while requests may be lost with it."""
        self.disturbed_until = time.monotonic() + LOST_SECONDS

    def judge(self, what: str, fine: bool, status: int) -> None:
        if fine:
            self.right += 1
        elif status in OVERLOAD and time.monotonic() < self.disturbed_until:
            self.lost += 1
        else:
            self.wrong.append(f"{what}: {status}")


async def client(port: int, tally: Tally, until: float) -> None:
    """Kept connections with mixed requests, one after the other, with little pauses."""
    while time.monotonic() < until:
        wire = await Wire.open(port)
        try:
            for _ in range(random.randint(1, REQUESTS_A_CONNECTION)):
                began = time.monotonic()
                if not await request(wire, tally) or time.monotonic() >= until:
                    break
                if len(tally.latencies) < 100_000:
                    tally.latencies.append(time.monotonic() - began)
                await asyncio.sleep(random.uniform(0, 0.02))
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as broken:
            tally.judge(f"a connection broke: {broken!r}", False, 502)
        finally:
            await wire.close()


async def request(wire: Wire, tally: Tally) -> bool:
    """One request, checked; whether the connection lives on."""
    kind = random.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    return await KINDS[kind][1](wire, tally)


async def get(wire: Wire, tally: Tally) -> bool:
    await wire.send(b"GET / HTTP/1.1\r\nHost: soak\r\nCookie: a=b\r\n\r\n")
    status, body, keeps = await wire.answer()
    tally.judge("GET /", (status, body) == (200, b"Hello, World!"), status)
    return keeps


async def head(wire: Wire, tally: Tally) -> bool:
    await wire.send(b"HEAD / HTTP/1.1\r\nHost: soak\r\n\r\n")
    status, _, keeps = await wire.answer("HEAD")
    tally.judge("HEAD /", status == 200, status)
    return keeps


async def slow(wire: Wire, tally: Tally) -> bool:
    await wire.send(b"GET /slow HTTP/1.1\r\nHost: soak\r\n\r\n")
    status, body, keeps = await wire.answer()
    tally.judge("GET /slow", (status, body) == (200, b"Hello, World!"), status)
    return keeps


async def post(wire: Wire, tally: Tally) -> bool:
    body = random.randbytes(random.choice((10, 3_000, 40_000, 300_000)))
    await wire.send(b"POST /echo HTTP/1.1\r\nHost: soak\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return await echoed(wire, tally, body, "POST")


async def chunked(wire: Wire, tally: Tally) -> bool:
    pieces = [random.randbytes(random.randint(1, 9_000)) for _ in range(random.randint(0, 30))]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    await wire.send(b"PUT /echo HTTP/1.1\r\nHost: soak\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n")
    return await echoed(wire, tally, b"".join(pieces), "chunked PUT")


async def echoed(wire: Wire, tally: Tally, body: bytes, what: str) -> bool:
    status, got, keeps = await wire.answer()
    tally.judge(what, (status, got) == (200, hashlib.sha256(body).hexdigest().encode()), status)
    return keeps


async def big(wire: Wire, tally: Tally) -> bool:
    count = random.choice((1, 60, 1_000))
    path = random.choice((b"/big", b"/stream"))
    await wire.send(b"GET %b?%d HTTP/1.1\r\nHost: soak\r\n\r\n" % (path, count))
    status, body, keeps = await wire.answer()
    tally.judge(path.decode(), status == 200 and body == LINE * count, status)
    return keeps


async def pipelined(wire: Wire, tally: Tally) -> bool:
    await wire.send(b"GET / HTTP/1.1\r\nHost: soak\r\n\r\n" * 5)
    keeps = True
    for _ in range(5):
        status, body, keeps = await wire.answer()
        tally.judge("pipelined GET", (status, body) == (200, b"Hello, World!"), status)
        if not keeps:
            break
    return keeps


KINDS = {
    "get": (60, get),
    "head": (5, head),
    "slow": (4, slow),
    "post": (12, post),
    "chunked": (8, chunked),
    "big": (6, big),
    "pipelined": (5, pipelined),
}
