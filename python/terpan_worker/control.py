"""The launcher's end of the control channel: a Unix socket in the run directory, opened once, kept until the process ends.

A message is its length (four bytes, big-endian) and that many bytes of ``fields`` text.
"""

from __future__ import annotations

import os
import socket
from socket import socket as Socket  # as it is before an application replaces it

from terpan_worker import fields

EXIT_CONTROL_LOST = 7
TEXT_MOST = 48 * 1024
MESSAGE_MOST = 256 * 1024


def _checked(length: bytes) -> int:
    """A message's length; one that is too long is none of ours."""
    count = int.from_bytes(length, "big")
    if count > MESSAGE_MOST:
        raise OSError(f"a message of {count} bytes, expected at most {MESSAGE_MOST}")
    return count


class Control:
    """Messages to the supervisor. A forked server's child may send on the same channel: each message is one send."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    @classmethod
    def connect(cls, path: str) -> Control:
        connected = Socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connected.connect(path)
        return cls(connected)

    @classmethod
    def inherited(cls, descriptor: int) -> Control:
        """The channel that the program before this one has left ``inheritable``."""
        os.set_inheritable(descriptor, False)
        return cls(Socket(fileno=descriptor))

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

    def close(self) -> None:
        self._socket.close()

    def receive(self) -> dict[str, str]:
        """The next message from the other side; an empty one: that is gone, or says what is none."""
        try:
            length = self._receive(4)
            return fields.decode(self._receive(_checked(length)).decode()) if length else {}
        except (OSError, UnicodeDecodeError):
            return {}

    def receive_given(self, most: int) -> tuple[dict[str, str], list[int]]:
        """The same where descriptors come with it, so many at most."""
        try:
            length, given, _, _ = socket.recv_fds(self._socket, 4, most)  # those come with the first byte
            length += self._receive(4 - len(length)) if length else b""
            told = self._receive(_checked(length)) if len(length) == 4 else b""
        except OSError:
            return {}, []
        return (fields.decode(told.decode()) if told else {}), given

    def _receive(self, count: int) -> bytes:
        """So many bytes, or none where the stream ends before."""
        received = b""
        while len(received) < count:
            more = self._socket.recv(count - len(received))
            if not more:
                return b""
            received += more
        return received

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
