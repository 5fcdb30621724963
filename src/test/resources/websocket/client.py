"""A client by the websockets library: client.py URL TRUSTED|- WHAT [NUMBER] prints what it saw, a line for each thing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

url, trusted, what = sys.argv[1:4]
number = int(sys.argv[4]) if len(sys.argv) > 4 else 1
MEGABYTE = 1 << 20


def opened(path: str = "", **options):
    if trusted != "-":
        options["ssl"] = ssl.create_default_context(cafile=trusted)
    return connect(url + path, max_size=64 * MEGABYTE, ping_interval=None, **options)


def say(text: object) -> None:
    print(text, flush=True)


async def echo() -> None:
    async with opened("/echo", subprotocols=["chat"]) as socket:
        say(socket.subprotocol)
        for message in ["", "hello", "ü" * 100, b"\x00\xff", "x" * 70_000, os.urandom(MEGABYTE), "y" * MEGABYTE]:
            await socket.send(message)
            if await socket.recv() != message:
                raise SystemExit("another message came back")
    say(f"closed {socket.close_code}")


async def many() -> None:
    async def one(index: int) -> None:
        async with opened("/echo") as socket:
            for turn in range(20):
                await socket.send(f"{index} {turn}")
                assert await socket.recv() == f"{index} {turn}"

    await asyncio.gather(*(one(index) for index in range(number)))
    say("all")


async def scope() -> None:
    async with opened("/scope?a=b", additional_headers={"X-Mine": "1"}) as socket:
        say(await socket.recv())
        say(socket.response.headers.get("X-From"))


async def slow() -> None:
    """Takes 16 MiB after a while, and sends 16 MiB to an application that takes them slowly."""
    async with opened("/many") as socket:
        await asyncio.sleep(1)
        for _ in range(16):
            assert await socket.recv() == bytes(range(256)) * 4096
    async with opened("/digest") as socket:
        for _ in range(16):
            await socket.send(body := os.urandom(MEGABYTE))
            assert await socket.recv() == hashlib.sha256(body).hexdigest()
    say("all")


async def status() -> None:
    try:
        async with opened("/no"):
            say("open")
    except InvalidStatus as refused:
        say(refused.response.status_code)
        say(refused.response.body.decode(errors="replace"))


async def closed(path: str) -> None:
    async with opened(path) as socket:
        try:
            await socket.recv()
        except ConnectionClosed:
            say(f"closed {socket.close_code} {socket.close_reason}")


async def hold() -> None:
    """Opens so many, says so, and says how each ended."""
    loop = asyncio.get_running_loop()

    async def one(socket) -> float:
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return loop.time()

    sockets = [await opened("/echo") for _ in range(number)]
    say(f"open {len(sockets)}")
    line = await loop.run_in_executor(None, sys.stdin.readline)
    began = loop.time()
    if line.strip() == "talk":
        for turn, socket in enumerate(sockets):
            await socket.send(str(turn))
            assert await socket.recv() == str(turn)
        say("talked")
    ends = await asyncio.gather(*(one(socket) for socket in sockets))
    for socket, ended in zip(sockets, ends, strict=True):
        say(f"closed {socket.close_code} after {ended - began:.1f}")


async def chat() -> None:
    """Two in a room of the example."""
    async with opened("/room") as one, opened("/room") as other:
        await one.send("hello")
        say(await one.recv())
        say(await other.recv())
        await other.send("and you")
        say(await one.recv())


run = {
    "echo": echo,
    "many": many,
    "scope": scope,
    "slow": slow,
    "status": status,
    "close": lambda: closed("/close"),
    "raise": lambda: closed("/raise"),
    "hold": hold,
    "chat": chat,
}[what]
asyncio.run(run())
