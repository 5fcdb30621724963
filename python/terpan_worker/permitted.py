"""What a front that is not root may ask of what is: the looks of what differs from worker to worker, and whose names in which folder."""

from __future__ import annotations

import re

#: Names in the run directory, which is root's. Of several applications each has its own; behind all but one is the side of the Terpan
#: whose they are, for two are there while one takes the other's place.
CONTROL = re.compile(r"(a[0-9]{1,6}\.)?control(b?)")
WORKERS = re.compile(r"(a[0-9]{1,6}\.)?[ws][0-9]{1,6}\.[0-9]{1,8}(b?)")
UPGRADE = re.compile(r"upgrade(b?)")
OPERATORS = "operators"
HANDED_OUT = ".hand"
#: What one worker is told and another is not, and what a reload may change.
LOOKS = {
    "name": re.compile(r"[A-Za-z0-9._/-]{1,128}"),
    "token": re.compile(r"[0-9a-f]{32}"),
    "mark": re.compile(r"([0-9a-f]{32})?"),
    "secret": re.compile(r"([0-9a-f]{32})?"),
    "threads": re.compile(r"[0-9]{1,6}"),
    "start_seconds": re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?"),
    "multiprocess": re.compile(r"true|false"),
    "probed": re.compile(r"true|false"),
    "preload": re.compile(r"true"),
}
#: Of these one process that is forked is told alone.
FORKED = ("name", "token", "mark", "secret", "socket", "shared")


def allows(folder: str, side: str, key: str, value: str) -> bool:
    """Whether a value of one of these keys may be any that a front of this side says."""
    if key in LOOKS:
        return LOOKS[key].fullmatch(value) is not None
    if key == "control":
        return _is_in(folder, side, value, CONTROL)
    if key == "socket":
        return not value or _is_in(folder, side, value, WORKERS)
    if key == "shared":
        return not value or (value.endswith(HANDED_OUT) and _is_in(folder, side, value[: -len(HANDED_OUT)], WORKERS))
    return False


def _is_in(folder: str, side: str, path: str, names: re.Pattern[str]) -> bool:
    there, _, name = path.rpartition("/")
    return there == folder and is_ours(side, name, names)


def is_ours(side: str, name: str, *names: re.Pattern[str]) -> bool:
    """Whether it is one of these names, with our side behind it."""
    found = [match for match in (known.fullmatch(name) for known in names) if match]
    return any(match.groups()[-1] == side for match in found)
