"""Clients that a public address has to live with: each does one bad thing and is gone. Those that are to be refused must be."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable
from typing import Callable

from .good import Tally
from .wire import Wire

MALFORMED = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    b"GET /" + b"z" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


async def client(port: int, tally: Tally, until: float) -> None:
    """One bad thing after the other."""
    while time.monotonic() < until:
        name = random.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        try:
            wire = await Wire.open(port, receive_buffer=4096 if name == "slow reader" else None)
        except OSError as refused:
            tally.wrong.append(f"no connection: {refused!r}")
            continue
        try:
            await KINDS[name][1](wire, tally)
        except (OSError, asyncio.IncompleteReadError):
            pass  # being cut is what bad clients are for; those that must get an answer say so themselves
        except asyncio.TimeoutError:
            tally.wrong.append(f"{name}: held open past every deadline")
        finally:
            wire.reset()
        tally.bad[name] = tally.bad.get(name, 0) + 1


async def malformed(wire: Wire, tally: Tally) -> None:
    sent = random.choice(MALFORMED)
    await wire.send(sent)
    answer = await wire.rest()
    if not answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")) or b"onnection: close" not in answer:
        tally.wrong.append(f"not refused: {sent[:60]!r} got {answer[:60]!r}")


async def slow_head(wire: Wire, tally: Tally) -> None:
    """A byte at a time, until the front has had enough."""
    for byte in b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"z" * 100:
        await wire.send(bytes([byte]))
        await asyncio.sleep(0.1)
        if wire.reader.at_eof():
            return


async def silent(wire: Wire, tally: Tally) -> None:
    await wire.rest()


async def slow_body(wire: Wire, tally: Tally) -> None:
    await wire.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
    answer = await wire.rest()
    if answer and not answer.startswith(b"HTTP/1.1 408"):
        tally.wrong.append(f"slow body got {answer[:60]!r}")


async def leaves_in_body(wire: Wire, tally: Tally) -> None:
    await wire.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + bytes(random.randint(0, 600_000)))


async def leaves_in_chunk(wire: Wire, tally: Tally) -> None:
    await wire.send(b"PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" + bytes(random.randint(0, 30_000)))


async def leaves_before_answer(wire: Wire, tally: Tally) -> None:
    await wire.send(random.choice((b"GET /slow", b"GET /stream?1000", b"GET /")) + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.sleep(random.uniform(0, 0.03))


async def slow_reader(wire: Wire, tally: Tally) -> None:
    """Takes a little of a large answer, then leaves, or is cut because it takes nothing."""
    await wire.send(random.choice((b"GET /big?4000", b"GET /stream?4000")) + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    for _ in range(random.randint(1, 5)):
        await asyncio.wait_for(wire.reader.read(4096), 30)
        await asyncio.sleep(0.2)


async def connect_only(wire: Wire, tally: Tally) -> None:
    return


async def half_close(wire: Wire, tally: Tally) -> None:
    await wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    wire.writer.write_eof()
    await wire.rest()


async def expects(wire: Wire, tally: Tally) -> None:
    await wire.send(b"PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    status, _ = await wire.head()
    if status != 100:
        tally.wrong.append(f"Expect: 100-continue got {status}")


async def fails(wire: Wire, tally: Tally) -> None:
    await wire.send(b"GET /fail HTTP/1.1\r\nHost: a\r\n\r\n")
    status, _, _ = await wire.answer()
    tally.judge("GET /fail", status == 500, status)


async def broken_off(wire: Wire, tally: Tally) -> None:
    """The application says more than it gives: only a cut is right, never a short body that looks whole."""
    await wire.send(b"GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
    try:
        status, body, _ = await wire.answer()
    except (OSError, asyncio.IncompleteReadError):
        return
    if status == 200:
        tally.wrong.append(f"a short answer of {len(body)} bytes passed for whole")


Kind = Callable[[Wire, Tally], Awaitable[None]]

KINDS: dict[str, tuple[int, Kind]] = {
    "malformed": (30, malformed),
    "slow head": (6, slow_head),
    "silent": (3, silent),
    "slow body": (6, slow_body),
    "leaves in the body": (8, leaves_in_body),
    "leaves in a chunk": (8, leaves_in_chunk),
    "leaves before the answer": (15, leaves_before_answer),
    "slow reader": (6, slow_reader),
    "connects only": (15, connect_only),
    "half-close": (6, half_close),
    "expects, then leaves": (5, expects),
    "application fails": (5, fails),
    "answer broken off": (4, broken_off),
}


async def disturber(port: int, tally: Tally, until: float, every: float) -> None:
    """Now and then a worker dies under a request, or hangs until its time is up."""
    while time.monotonic() + every < until:
        await asyncio.sleep(every)
        path = random.choice((b"/die", b"/hang"))
        tally.disturb()
        wire = await Wire.open(port)
        try:
            await wire.send(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" % path)
            status, _, _ = await wire.answer()
            tally.disturb()
            if status not in (502, 504):
                tally.wrong.append(f"{path.decode()} got {status}")
            tally.bad["worker " + path.decode()[1:] + "s"] = tally.bad.get("worker " + path.decode()[1:] + "s", 0) + 1
        finally:
            wire.reset()
