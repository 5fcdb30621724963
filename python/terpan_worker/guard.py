"""The guard: one small process a Terpan, so that no worker outlives it, not even after a ``kill -9``.

Terpan holds the other end of our standard input and writes one command a line. At end of stream every session that is
left gets SIGTERM, a second later SIGKILL. It also signals whole sessions for the supervisor, which can only reach single
processes. It removes nothing and starts nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE_SECONDS = 1.0
POLL_SECONDS = 0.02


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        os.setsid()
    except OSError:
        pass
    sessions: set[int] = set()
    rest = b""
    while True:
        read = os.read(0, 65536)
        if not read:
            break
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            obey(line.split(), sessions)
    end(sessions)


def obey(command: list[bytes], sessions: set[int]) -> None:
    if not command:
        return
    session = int(command[1])
    if command[0] == b"session":
        sessions.add(session)
    elif command[0] == b"gone":
        sessions.discard(session)
    elif command[0] == b"kill":
        send(signal.SIGKILL, {session})
    elif command[0] == b"signal":
        try:
            os.kill(session, int(command[2]))
        except OSError:
            pass


def end(sessions: set[int]) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    alive = send(signal.SIGTERM, sessions)
    while alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        alive = send(0, sessions)
    if alive:
        send(signal.SIGKILL, sessions)


def send(number: int, sessions: set[int]) -> bool:
    """Signals all members of the sessions; whether there was one."""
    found = False
    for process in members(sessions):
        try:
            os.kill(process, number)
            found = True
        except OSError:
            pass
    return found


def members(sessions: set[int]) -> list[int]:
    """All processes of these sessions that are not zombies; where there is no /proc, the sessions' leaders' groups."""
    try:
        numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    except OSError:
        return [-session for session in sessions]
    found = []
    for number in numbers:
        try:
            with open(f"/proc/{number}/stat", "rb") as file:
                state, _, _, session = file.read().rpartition(b")")[2].split()[:4]
        except OSError:
            continue
        if int(session) in sessions and state != b"Z":
            found.append(number)
    # A process that was spawned an instant ago may not lead its session yet.
    return found + [session for session in sessions if session not in found and _ours(session)]


def _ours(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            state, parent, _, session = file.read().rpartition(b")")[2].split()[:4]
    except OSError:
        return False
    return state != b"Z" and int(session) != process and int(parent) in (1, os.getppid())


if __name__ == "__main__":
    main()
    sys.exit(0)
