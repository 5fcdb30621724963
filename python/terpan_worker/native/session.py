"""The worker's life: accepts the front's connections, one at a time, and stops on SIGTERM."""

import os
import select
import signal
import socket
import time
from _queue import SimpleQueue  # Not by way of `queue`: an application may have a module of that name.
from threading import Thread
from typing import Optional

from .. import stacks
from .link import Link
from .settings import Settings
from .threads import HandlerThreads


ACCEPT_PAUSE = 0.1
SIGNALS_MOST = 256


class Session:
    """
    The main thread leads the threads of one link after the other; an accepting thread hands it connections and ends the link that a newer
    connection replaces. The new link begins when the handlers of the old one have returned: never more at once than threads.
    """

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        self._listener = listener
        self._settings = settings
        self._connections: "SimpleQueue[Optional[socket.socket]]" = SimpleQueue()
        self._threads: Optional[HandlerThreads] = None
        self._stopping = False
        self._signals, self._signalled = socket.socketpair()

    def prepare(self) -> None:
        """Before anyone is told that the worker is ready: a signal may come at once."""
        signal.signal(signal.SIGTERM, lambda number, frame: self._stop())
        # The handler alone may never run: the kernel may give the signal to another thread than the main one, which waits on.
        # Its number on a socket is seen all the same.
        self._signalled.setblocking(False)
        signal.set_wakeup_fd(self._signalled.fileno(), warn_on_full_buffer=False)
        # Ctrl-C is for the front. A handler, for what is ignored stays so in the programs that the application runs.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        os.register_at_fork(after_in_child=self._leave)

    def run(self) -> None:
        """Returns after SIGTERM once what was started is answered."""
        Thread(target=self._accept, daemon=True).start()
        while not self._stopping:
            connection = self._connections.get()
            if connection is None:
                return
            if self._connections.empty():
                self._serve(connection)
            else:
                connection.close()  # A newer one came meanwhile.

    def _serve(self, connection: socket.socket) -> None:
        link = Link(connection, self._settings.files)
        threads = self._threads = HandlerThreads(link, self._settings)
        try:
            if not self._connections.empty():
                link.shut()  # A newer one came before the accepting thread could see these threads.
            if self._stopping:
                threads.stop()
            threads.run()
        finally:
            self._threads = None
            link.release()

    def _accept(self) -> None:
        self._listener.setblocking(True)
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._signals, select.POLLIN)
        while not self._stopping:
            if self._signals.fileno() in [descriptor for descriptor, _ in poll.poll()]:
                numbers = self._signals.recv(SIGNALS_MOST)
                if signal.SIGUSR2 in numbers:
                    stacks.tell_all()
                if signal.SIGTERM in numbers:
                    self._stop()
                continue
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._listener.fileno() < 0:
                    return
                time.sleep(ACCEPT_PAUSE)  # Out of descriptors, most likely.
                continue
            connection.setblocking(True)  # whatever timeout the application has set for all sockets
            self._connections.put(connection)
            threads = self._threads
            if threads is not None and threads.link.connection is not connection:
                threads.link.shut()

    def _leave(self) -> None:
        """In a process that the application forked: it must not hold our sockets open, and runs no requests."""
        for ours in (self._listener, self._signals, self._signalled):
            ours.close()
        threads = self._threads
        if threads is not None:
            threads.leave()

    def _stop(self) -> None:
        """Called by the signal's handler and by the accepting thread, whichever is first."""
        self._stopping = True
        self._connections.put(None)
        threads = self._threads
        if threads is not None:
            threads.stop()
