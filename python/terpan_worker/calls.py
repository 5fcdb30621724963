"""The calls of an event loop's application that run, whether their client, or even their connection, is still there or not.

The front gives each request a name, behind an ``@`` at the end of the private field. When the server has closed the connection of
one whose client left, the front asks whether the call has ended, by a request whose field begins with ``ended`` and the name: a
byte twice a second says that it has not. Owned by the loop.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = " @"
QUESTION = "ended "
#: The same where a server gives fields as bytes.
MARK_BYTES = MARK.encode("ascii")
QUESTION_BYTES = QUESTION.encode("ascii")
#: So often a question is told that the loop is not stuck.
ALIVE_SECONDS = 0.5


def read(told: Any) -> tuple[Any, Any, Any]:
    """Of a private field, text or bytes: what stands before the name, the name, and of which call a question asks, if it is one.

    A request without a name has one that nobody can ask for.
    """
    mark, question, space = (MARK, QUESTION, " ") if isinstance(told, str) else (MARK_BYTES, QUESTION_BYTES, b" ")
    origin, marked, name = told.rpartition(mark)
    if marked:
        return origin, name, None
    if told.startswith(question):
        return told, object(), told[len(question) :].partition(space)[0]
    return told, object(), None


class Calls:
    """Which of them run."""

    def __init__(self) -> None:
        #: by name, what wakes those who ask about it; None: nobody does
        self._running: dict[Any, asyncio.Event | None] = {}
        self._all_ended: asyncio.Event | None = None

    def begin(self, name: object) -> None:
        self._running[name] = None

    def end(self, name: object) -> None:
        asked = self._running.pop(name)
        if asked is not None:
            asked.set()
        if self._all_ended is not None and not self._running:
            self._all_ended.set()

    async def wait_all(self) -> None:
        """Returns when none runs; nothing begins any more."""
        if self._running:
            self._all_ended = asyncio.Event()
            await self._all_ended.wait()

    async def answer(self, name: object, send: Callable) -> None:
        """Answers the question about the call of this name, once it has ended."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while name in self._running:
            asked = self._running[name]
            if asked is None:
                self._running[name] = asked = asyncio.Event()
            try:
                await asyncio.wait_for(asked.wait(), ALIVE_SECONDS)
            except asyncio.TimeoutError:
                await send({"type": "http.response.body", "body": b".", "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
