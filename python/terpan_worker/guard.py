"""The guard: one small process a Terpan, so that no worker outlives it, not even after a ``kill -9``.

Terpan holds the other end of our standard input and writes one command a line. At end of stream every session that is
left gets SIGTERM, a second later SIGKILL. It also signals whole sessions for the supervisor, which can only reach single
processes, and keeps the sockets that workers share. It removes nothing and starts nothing, and signals nothing but processes of
the sessions that it was told.

Started by root's helper, with its process and its folder and the front's user as arguments, it does not believe the front either: a session
is one whose leader descends from the helper, and a socket is one in that folder.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import time

EXIT_SOCKET_LOST = 3
SHARED_MOST = 1024
SESSIONS_MOST = 8192
ANCESTORS_MOST = 64
# A request that finds no socket is tried again for longer than this.
KEEP_SECONDS = 0.2
GRACE_SECONDS = 1.0
POLL_SECONDS = 0.02
# Places in /proc/PID/stat behind the name.
STATE, PARENT, SESSION, BEGAN = 0, 1, 3, 19


#: What the front may have sent where it is not believed: the ends of servers, and the signal for stacks.
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGKILL)


class Helped:
    """What holds where the front is not root, and may be anybody's."""

    def __init__(self, helper: str = "0", folder: str = "", owner: str = "-1", front: str = "0") -> None:
        self.helper, self.folder, self.owner = int(helper), folder, int(owner)
        #: what can be read from once the front has ended, where the kernel has that
        self.ends: list[int] = []
        if int(front):
            try:
                self.ends.append(os.pidfd_open(int(front)))
            except (AttributeError, OSError):
                pass

    def has(self, process: int) -> bool:
        """Whether it descends from the helper, to which whoever lost its parent is given."""
        stat = _stat(process)
        for _ in range(ANCESTORS_MOST):
            if not stat or os.getppid() != self.helper or process == self.helper:
                return False  # its number may be anybody's
            process = int(stat[PARENT])
            if process == self.helper:
                return True
            stat = _stat(process)
            if stat and int(stat[SESSION]) == self.helper:
                return False  # the next Terpan, which begins in the helper's session, or what it has started
        return False

    def allows(self, path: str) -> bool:
        import re

        folder, _, name = path.rpartition("/")
        return folder == self.folder and re.fullmatch(r"(a[0-9]{1,6}\.)?s[0-9]{1,6}\.[0-9]{1,8}b?", name) is not None


HELPED = Helped()


def main() -> None:
    global HELPED
    helped = HELPED = Helped(*sys.argv[1:5])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        os.setsid()
    except OSError:
        pass
    sessions: dict[int, int] = {}  # when the leader of each began, in the kernel's ticks; 0: not known
    shared: list = []
    rest = b""
    while True:
        if helped.ends and helped.ends[0] in select.select([0, *helped.ends], [], [], 0 if shared else None)[0]:
            break  # the front, whoever else may hold its connection
        if shared and not tend(shared):
            continue
        read = os.read(0, 65536)
        if not read:
            break
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            obey(line, sessions, shared, helped)
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


def obey(line: bytes, sessions: dict[int, int], shared: list, helped: Helped) -> None:
    command, _, rest = line.partition(b" ")
    if command == b"share":
        path = os.fsdecode(rest)
        if not helped.helper or (helped.allows(path) and len(shared) < SHARED_MOST):
            shared.append(share(path, helped.owner))
        return
    if command == b"unshare":
        unshare(os.fsdecode(rest), shared)
        return
    if not command:
        return
    process, _, number = rest.partition(b" ")
    if command == b"session" and helped.helper:
        stat = _stat(int(process))
        if stat and helped.has(int(process)) and len(sessions) < SESSIONS_MOST:
            sessions[int(process)] = int(stat[BEGAN])
    elif command == b"session":
        sessions[int(process)] = int(number or 0)
    elif command == b"gone":
        sessions.pop(int(process), None)
    elif command == b"kill" and int(process) in sessions:
        send(signal.SIGKILL, {int(process): sessions[int(process)]})
    elif command == b"signal" and (not helped.helper or int(number) in SIGNALS):
        signal_one(int(process), int(number), sessions)


def share(path: str, owner: int):
    # Few need it, and it costs as much to load as all of the guard.
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    import shared

    return shared.Shared(path, owner)


def unshare(path: str, shared: list) -> None:
    for socket in [socket for socket in shared if socket.path == path]:
        shared.remove(socket)
        socket.end()


def end(sessions: dict[int, int]) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    alive = send(signal.SIGTERM, sessions)
    while alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        alive = send(0, sessions)
    if alive:
        send(signal.SIGKILL, sessions)


def send(number: int, sessions: dict[int, int]) -> bool:
    """Signals all members of the sessions; whether there was one."""
    if not os.path.exists("/proc/self/stat"):
        return any([_kill(-session, number) for session in sessions])
    ours = {session: began for session, began in sessions.items() if _is_same(session, began)}
    # A process that was spawned an instant ago may not lead its session yet.
    return any([signal_one(process, number, ours) for process in {*_members(ours), *ours}])


def signal_one(process: int, number: int, sessions: dict[int, int]) -> bool:
    """Signals a process of these sessions, and no other that has got its number meanwhile; whether it was there."""
    if not os.path.exists("/proc/self/stat"):
        return _kill(process, number)
    try:
        handle = os.pidfd_open(process)
    except AttributeError:  # not on this system
        handle = -1
    except OSError as error:
        if error.errno == errno.ESRCH:
            return False
        handle = -1
    try:
        if not _belongs(process, sessions):
            return False
        if handle < 0:
            return _kill(process, number)
        signal.pidfd_send_signal(handle, number)
        return True
    except OSError:
        return False
    finally:
        if handle >= 0:
            os.close(handle)


def _kill(process: int, number: int) -> bool:
    try:
        os.kill(process, number)
    except OSError:
        return False
    return True


def _members(sessions: dict[int, int]) -> list[int]:
    """All processes of these sessions."""
    numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [number for number in numbers if (stat := _stat(number)) and int(stat[SESSION]) in sessions]


def _belongs(process: int, sessions: dict[int, int]) -> bool:
    stat = _stat(process)
    if not stat or stat[STATE] == b"Z":
        return False
    if process in sessions and int(stat[SESSION]) != process:
        # Spawned an instant ago; a script that starts the interpreter never leads one.
        return _is_same(process, sessions[process]) and int(stat[PARENT]) in (1, os.getppid())
    session = int(stat[SESSION])
    if session not in sessions or not _is_same(session, sessions[session]):
        return False
    # Where its leader is gone the number of a session may be another's by now: the kernel says whose it is.
    return not HELPED.helper or bool(_stat(session)) or HELPED.has(process)


def _is_same(leader: int, began: int) -> bool:
    """Whether a session's leader is the one that was told. While one that has ended has members, nobody else gets its number."""
    stat = _stat(leader)
    return not stat or not began or int(stat[BEGAN]) == began


def _stat(process: int) -> list[bytes]:
    """What the kernel tells of a process behind its name; nothing, if there is none."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    main()
    sys.exit(0)
