"""What a front that is not root may ask of what is: the looks of what differs from worker to worker, and whose names in which folder."""

from __future__ import annotations

import re

#: Names in the run directory, which is root's: of sockets to connect to, of workers' sockets and of those that they share. Of several applications each has its own.
CONTROL = re.compile(r"(a\d{1,6}\.)?controlb?|upgradeb?|operators")
WORKERS = re.compile(r"(a\d{1,6}\.)?[ws]\d{1,6}\.\d{1,8}b?")
HANDED_OUT = ".hand"
#: What one worker is told and another is not, and what a reload may change.
LOOKS = {
    "name": re.compile(r"[A-Za-z0-9._/-]{1,128}"),
    "token": re.compile(r"[0-9a-f]{32}"),
    "mark": re.compile(r"([0-9a-f]{32})?"),
    "secret": re.compile(r"([0-9a-f]{32})?"),
    "threads": re.compile(r"\d{1,6}"),
    "start_seconds": re.compile(r"\d{1,9}(\.\d{1,3})?"),
    "multiprocess": re.compile(r"true|false"),
    "probed": re.compile(r"true|false"),
    "preload": re.compile(r"true"),
}
#: Of these one process that is forked is told alone.
FORKED = ("name", "token", "mark", "secret", "socket", "shared")


def allows(folder: str, key: str, value: str) -> bool:
    """Whether a value of one of these keys may be any that a front says."""
    if key in LOOKS:
        return LOOKS[key].fullmatch(value) is not None
    if key == "control":
        return _is_in(folder, value, CONTROL)
    if key == "socket":
        return not value or _is_in(folder, value, WORKERS)
    if key == "shared":
        return not value or (value.endswith(HANDED_OUT) and _is_in(folder, value[: -len(HANDED_OUT)], WORKERS))
    return False


def _is_in(folder: str, path: str, names: re.Pattern[str]) -> bool:
    there, _, name = path.rpartition("/")
    return there == folder and names.fullmatch(name) is not None
