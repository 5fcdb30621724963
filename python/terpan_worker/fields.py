"""The text that supervisor and launcher exchange: lines of ``key=value``; ``%`` and line ends in values are escaped.

JSON would be the usual choice; its decoder costs every start several milliseconds.
"""

from __future__ import annotations


def decode(text: str) -> dict[str, str]:
    fields = {}
    for line in text.split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            fields[key] = value.replace("%0A", "\n").replace("%25", "%")
    return fields


def encode(fields: dict[str, str]) -> str:
    return "\n".join(f"{key}={value.replace('%', '%25').replace(chr(10), '%0A')}" for key, value in fields.items())
