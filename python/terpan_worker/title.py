"""What ``ps`` and ``top`` show of a process of ours: what it is, instead of an interpreter and a file of ours.

The kernel shows the arguments where they lie in the process's own memory. Python has copied them by then, so they are written over in
place. Where that is not allowed, or not Linux, the process is shown as it was started.
"""

from __future__ import annotations

#: Places in /proc/self/stat behind the name: where the arguments begin and end.
BEGIN, END = 45, 46
ROOM_MOST = 1 << 20
NAME_MOST = 15


def of_worker(name: str, application: str) -> str:
    return f"terpan: {name} {application}"


def show(text: str, name: str) -> None:
    """``text`` stands in the place of the arguments, as far as they were long, ``name`` in that of the program's name."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text).encode("utf-8", "replace")
    try:
        with open("/proc/self/comm", "w", encoding="utf-8") as comm:
            comm.write(name[:NAME_MOST])
        with open("/proc/self/stat", "rb") as stat:
            places = stat.read().rpartition(b")")[2].split()
        begin, end = int(places[BEGIN]), int(places[END])
        room = end - begin
        if 0 < room <= ROOM_MOST:
            with open("/proc/self/mem", "r+b", buffering=0) as memory:
                memory.seek(begin)
                # A zero at the end: without one the kernel takes what follows, which is the environment, for more of it.
                memory.write(shown[: room - 1].ljust(room, b"\0"))
    except (OSError, ValueError, IndexError):
        pass
