"""A client's connection as a test needs it: any bytes, from any loopback address, closed politely or by a reset."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from typing import Optional

ANSWER_SECONDS = 30
ADDRESSES = 20
RESET = struct.pack("ii", 1, 0)


class Wire:
    """One connection; to be closed by `close` or `reset`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @staticmethod
    async def open(port: int, receive_buffer: Optional[int] = None) -> Wire:
        raw = socket.socket()
        raw.setblocking(False)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.bind((f"127.0.0.{random.randint(1, ADDRESSES)}", 0))
        try:
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=raw, limit=1 << 18)
        except BaseException:
            raw.close()
            raise
        return Wire(reader, writer)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await asyncio.wait_for(self.writer.drain(), ANSWER_SECONDS)

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass  # the other side was faster

    def reset(self) -> None:
        raw = self.writer.get_extra_info("socket")
        if raw.fileno() < 0:
            return  # the other side was faster
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.writer.transport.abort()

    async def head(self) -> tuple[int, dict[str, str]]:
        """The next answer's status and fields."""
        text = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), ANSWER_SECONDS)
        lines = text.decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        return int(lines[0].split(" ")[1]), {name.lower(): value for name, value in fields.items()}

    async def answer(self, method: str = "GET") -> tuple[int, bytes, bool]:
        """The next answer: status, body, and whether the connection lives on."""
        status, fields = await self.head()
        keeps = fields.get("connection") != "close"
        if method == "HEAD":
            return status, b"", keeps
        if "content-length" in fields:
            length = int(fields["content-length"])
            return status, await asyncio.wait_for(self.reader.readexactly(length), ANSWER_SECONDS), keeps
        return status, await asyncio.wait_for(self.chunks(), ANSWER_SECONDS), keeps

    async def chunks(self) -> bytes:
        pieces = []
        while True:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            pieces.append((await self.reader.readexactly(size + 2))[:-2])
            if size == 0:
                return b"".join(pieces)

    async def rest(self) -> bytes:
        """Everything until the other side closes; what a reset lost is not told."""
        try:
            return await asyncio.wait_for(self.reader.read(-1), ANSWER_SECONDS)
        except ConnectionError:
            return b""
