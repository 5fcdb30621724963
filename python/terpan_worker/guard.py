"""The guard: one small process a Terpan, so that no worker outlives it, not even after a ``kill -9``.

Terpan holds the other end of our standard input and writes one command a line. At end of stream every session that is
left gets SIGTERM, a second later SIGKILL. It also signals whole sessions for the supervisor, which can only reach single
processes, and keeps the sockets that workers share. It removes nothing and starts nothing.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

EXIT_SOCKET_LOST = 3
# A request that finds no socket is tried again for longer than this.
KEEP_SECONDS = 0.2
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
    shared: list = []
    rest = b""
    while True:
        if shared and not tend(shared):
            continue
        read = os.read(0, 65536)
        if not read:
            break
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            obey(line, sessions, shared)
    end(sessions)


def tend(shared: list) -> bool:
    """Waits a little, keeps the shared sockets and hands them out; whether there is something to read."""
    ready, _, _ = select.select([0, *(socket.hand for socket in shared)], [], [], KEEP_SECONDS)
    for socket in shared:
        if socket.hand in ready and not socket.hand_out():
            # It would be ready again at once, and again.
            ready, _, _ = select.select([0], [], [], KEEP_SECONDS)
        if not socket.keep():
            # No name leads to it any more: another guard, and workers started anew, begin with a new one.
            sys.exit(EXIT_SOCKET_LOST)
    return 0 in ready


def obey(line: bytes, sessions: set[int], shared: list) -> None:
    command, _, rest = line.partition(b" ")
    if command == b"share":
        shared.append(share(os.fsdecode(rest)))
        return
    if not command:
        return
    session, _, number = rest.partition(b" ")
    if command == b"session":
        sessions.add(int(session))
    elif command == b"gone":
        sessions.discard(int(session))
    elif command == b"kill":
        send(signal.SIGKILL, {int(session)})
    elif command == b"signal":
        try:
            os.kill(int(session), int(number))
        except OSError:
            pass


def share(path: str):
    # Few need it, and it costs as much to load as all of the guard.
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import shared

    return shared.Shared(path)


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
