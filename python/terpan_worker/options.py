"""A server's own options, which arrive as text, as the values that the server wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0")


def typed(launch: Launch, kinds: dict[str, Callable[[str], Any]]) -> dict[str, Any]:
    """The options that were given, each read by its kind; one that can not be read ends the start with a message."""
    read = {}
    for name, kind in kinds.items():
        if name in launch.options:
            text = launch.options[name]
            try:
                read[name] = kind(text)
            except ValueError:
                expected = getattr(kind, "expected", kind.__name__)
                launch.fail("setup", f"server option '{name}' is {text!r}, expected {expected}")
    return read


def whole(text: str) -> int:
    return int(text)


def seconds(text: str) -> float:
    return float(text)


def flag(text: str) -> bool:
    if text.lower() in TRUE:
        return True
    if text.lower() in FALSE:
        return False
    raise ValueError(text)


def word(text: str) -> str:
    return text


whole.expected = "a whole number"  # type: ignore[attr-defined]
seconds.expected = "a number of seconds"  # type: ignore[attr-defined]
flag.expected = "true or false"  # type: ignore[attr-defined]
word.expected = "a word"  # type: ignore[attr-defined]
