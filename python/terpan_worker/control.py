"""The launcher's end of the control channel: a Unix socket in the run directory, opened once, kept until the process ends.

A message is its length (four bytes, big-endian) and that many bytes of ``fields`` text.
"""

from __future__ import annotations

import os
import socket

from terpan_worker import fields

EXIT_CONTROL_LOST = 7
TEXT_MOST = 48 * 1024


class Control:
    """Messages to the supervisor. A forked server's child may send on the same channel: each message is one send."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    @classmethod
    def connect(cls, path: str) -> Control:
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connected.connect(path)
        return cls(connected)

    @classmethod
    def inherited(cls, descriptor: int) -> Control:
        """The channel that the program before this one has left ``inheritable``."""
        os.set_inheritable(descriptor, False)
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        return self._socket.fileno()

    def inheritable(self) -> int:
        """Lets the channel be open in the program that this process becomes; its descriptor there."""
        self._socket.set_inheritable(True)
        return self._socket.fileno()

    def send(self, kind: str, **values: str) -> None:
        text = fields.encode({"kind": kind, **values}).encode("utf-8", "backslashreplace")
        try:
            self._socket.sendall(len(text).to_bytes(4, "big") + text)
        except OSError:
            pass  # the supervisor is gone: the guard ends this process

    def send_failed(self, kind: str, text: str) -> None:
        """Why this worker can not serve; a long text's end says most."""
        self.send("failed", reason=kind, text=text[-TEXT_MOST:])

    def wait_deaf(self) -> bool:
        """Waits, in a thread of its own, until the supervisor wants nothing more accepted; false: it is gone."""
        try:
            return self._socket.recv(1) == b"d"
        except OSError:
            return False

    def wait_go(self) -> None:
        """Returns once the guard knows this process; ends the process when the supervisor is gone before that."""
        try:
            answer = self._socket.recv(1)
        except OSError:
            answer = b""
        if answer != b"g":
            os._exit(EXIT_CONTROL_LOST)
