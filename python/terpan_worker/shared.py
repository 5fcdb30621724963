"""The sockets that workers share: the guard keeps them and hands them out, a launcher fetches one and later lets it go.

A socket has two names in the run directory. It is bound to ``PATH.own``, the name that servers learn and some remove; the
front connects to ``PATH``, a second name for the same socket. Whichever is missing is made again from the other.
"""

from __future__ import annotations

import os
import select
import socket
import stat
import time

BACKLOG = 1024
OURS_ALONE = 0o600
FETCH_SECONDS = 5.0
FETCH_PAUSE_SECONDS = 0.01
EPOLL = getattr(select, "epoll", None)  # as it is before a server's library takes it away


class Shared:
    """The guard's side."""

    def __init__(self, path: str, owner: int = -1) -> None:
        """``owner``: the user that connects to it, if it is another than we."""
        self.path = path
        self._own = path + ".own"
        self._listener = listen(self._own)
        os.chown(self._own, owner, -1, follow_symlinks=False)
        self._inode = os.stat(self._own).st_ino
        os.link(self._own, path)
        #: to wait on: whoever connects is given the socket
        self.hand = listen(path + ".hand")
        self.hand.setblocking(False)

    def hand_out(self) -> bool:
        """To a launcher that has connected; it has nothing to say, so it can not hold up the guard. False: none can be let in now."""
        try:
            launcher, _ = self.hand.accept()
        except BlockingIOError:
            return True
        except OSError:
            return False  # out of descriptors: the launcher waits
        with launcher:
            try:
                socket.send_fds(launcher, [b"s"], [self._listener.fileno()])
            except OSError:
                pass  # it has ended, and its supervisor knows
        return True

    def keep(self) -> bool:
        """Makes a name again that is missing and closes what a server opened; false: no name is left to make others from."""
        known = [name for name in (self.path, self._own) if self._is_ours(name)]
        for name in (self.path, self._own):
            if known and name not in known:
                fresh = self.path + ".new"
                os.link(known[0], fresh)
                os.rename(fresh, name)
        return bool(known)

    def end(self) -> None:
        """Nobody accepts on it any more: closes it, and no name of it is left."""
        for listener, name in ((self.hand, self.path + ".hand"), (self._listener, self._own)):
            listener.close()
            _forget(name)
        _forget(self.path)

    def _is_ours(self, name: str) -> bool:
        try:
            found = os.lstat(name)
        except OSError:
            return False
        if found.st_ino != self._inode:
            return False
        if stat.S_IMODE(found.st_mode) != OURS_ALONE:
            os.chmod(name, OURS_ALONE)
        return True


def _forget(name: str) -> None:
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass


def listen(path: str) -> socket.socket:
    """A socket bound to this name, for nobody but us, and listening."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(mask)
    listener.listen(BACKLOG)
    return listener


class Fetched:
    """A launcher's side: the socket, and how this process stops accepting on it while others go on."""

    def __init__(self, listener: socket.socket, deaf: socket.socket) -> None:
        self.listener = listener
        self._inode = os.fstat(listener.fileno()).st_ino
        self._deaf = deaf

    @classmethod
    def fetch(cls, path: str, hand: str) -> Fetched:
        return cls(_fetch(hand), _nobodys(os.path.join(os.path.dirname(path), f"d{os.getpid()}")))

    @classmethod
    def inherited(cls, listener: socket.socket, deaf: int) -> Fetched:
        """What the program before this one fetched and has left ``inheritable``."""
        os.set_inheritable(deaf, False)
        return cls(listener, socket.socket(fileno=deaf))

    def inheritable(self) -> int:
        """The descriptor that makes a listener of the program that this process becomes deaf."""
        self._deaf.set_inheritable(True)
        return self._deaf.fileno()

    def let_go(self) -> None:
        """Puts a socket that nobody can connect to in the place of every descriptor of the shared one, whoever holds it."""
        from terpan_worker.children import descriptors  # Not above: the guard loads this file alone.

        polls = _polls(descriptors())
        for descriptor in descriptors():
            try:
                found = os.fstat(descriptor)
            except OSError:
                continue
            if stat.S_ISSOCK(found.st_mode) and found.st_ino == self._inode:
                self._replace(descriptor, polls)

    def _replace(self, descriptor: int, polls: list) -> None:
        """An epoll watches the socket and not its number: it would still be told of clients, maybe instead of those that accept."""
        watching = [poll for poll in polls if _ends(poll, descriptor)]
        os.dup2(self._deaf.fileno(), descriptor, os.get_inheritable(descriptor))
        for poll in watching:
            poll.register(descriptor, select.EPOLLIN)  # so that the server finds it there when it wants it no more


def _fetch(hand: str) -> socket.socket:
    deadline = time.monotonic() + FETCH_SECONDS
    while True:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as guard:
            try:
                guard.connect(hand)
                _, descriptors, _, _ = socket.recv_fds(guard, 1, 1)
            except OSError:  # the guard is still on its way there
                descriptors = []
        if descriptors:
            os.set_inheritable(descriptors[0], False)
            return socket.socket(fileno=descriptors[0])
        if time.monotonic() > deadline:
            raise OSError(f"the guard does not hand out the shared socket at {hand}")
        time.sleep(FETCH_PAUSE_SECONDS)


def _nobodys(path: str) -> socket.socket:
    """Listens, so that a server finds nothing wrong with it, under a name that is gone."""
    listener = listen(path)
    os.unlink(path)
    listener.setblocking(False)
    return listener


def _polls(descriptors: list[int]) -> list:
    """The epolls among them; each has a descriptor of its own, so that the server's is not closed with it."""
    found = []
    for descriptor in descriptors if EPOLL else ():
        try:
            if os.readlink(f"/proc/self/fd/{descriptor}") == "anon_inode:[eventpoll]":
                found.append(EPOLL.fromfd(os.dup(descriptor)))
        except OSError:
            continue
    return found


def _ends(poll: select.epoll, descriptor: int) -> bool:
    try:
        poll.unregister(descriptor)
    except OSError:  # it did not watch that one
        return False
    return True
