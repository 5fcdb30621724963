"""What is made of texts that come again and again, without end, and mostly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: As many texts are remembered. Of the front's private field a connection of a client's has one for all its requests.
REMEMBERED_MOST = 1024


class Remembered(dict):
    """What is made of each text, ``REMEMBERED_MOST`` of them, by ``make``."""

    def __init__(self, make: Callable) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, told: object) -> object:
        made = self._make(told)
        if len(self) >= REMEMBERED_MOST:
            self.clear()
        self[told] = made
        return made
