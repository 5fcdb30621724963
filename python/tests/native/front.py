"""The front's side of the native link, as far as tests need it."""

import marshal
import select
import socket
import struct
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from terpan_worker.native.frames import CHUNK
from terpan_worker.native.link import Link
from terpan_worker.native.settings import Settings
from terpan_worker.native.threads import HandlerThreads

DEADLINE = 30.0
BATCH, BODY, BODY_END, CANCEL, CREDIT, FILE_DONE, FILE_REFUSED = range(7)
HEAD, PIECE, END, ABORT, RETURNED, BODY_CREDIT, FILE = range(1, 8)


def environ(path: str = "/", method: str = "GET", **more: str) -> Dict[str, str]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "REMOTE_PORT": "5000",
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "example.org",
        **more,
    }


class Front:
    """Sends frames and reads them."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.settimeout(DEADLINE)
        self.rest = b""
        self.asked: Dict[int, Tuple[int, Dict[str, str], Any]] = {}

    def send(self, kind: int, payload: bytes) -> None:
        self.connection.sendall(struct.pack("<IB", len(payload) + 1, kind) + payload)

    def numbered(self, kind: int, number: int, payload: bytes = b"") -> None:
        self.send(kind, struct.pack("<I", number) + payload)

    def batch(self, *entries: Tuple[int, Dict[str, str], Any]) -> None:
        self.asked.update((entry[0], entry) for entry in entries)
        self.send(BATCH, marshal.dumps([part for entry in entries for part in entry], 4))

    def ask(self, number: int = 1, path: str = "/", method: str = "GET", body: Any = None, **more: str) -> None:
        self.batch((number, environ(path, method, **more), body))

    def frame(self) -> Tuple[int, bytes]:
        """The next frame; EOFError at the end of the link."""
        head = self._take(5)
        length, kind = struct.unpack("<IB", head)
        return kind, self._take(length - 1)

    def _take(self, count: int) -> bytes:
        while len(self.rest) < count:
            data = self.connection.recv(1 << 16)
            if not data:
                raise EOFError
            self.rest += data
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def answers(self, count: int) -> List[Any]:
        """That many answers of batches. What a worker on a busy machine gives back it is asked again."""
        found: List[Any] = []
        while len(found) < count:
            kind, payload = self.frame()
            if kind == RETURNED:
                self._ask_again(payload)
                continue
            assert kind == BATCH, (kind, payload)
            found += marshal.loads(payload)[1:]
        return found

    def answer(self) -> Any:
        return self.answers(1)[0]

    def ask_again(self) -> None:
        """Asks for what was given back until now; nothing else may have come."""
        while self.rest or select.select([self.connection], [], [], 0)[0]:
            self._ask_again(self.frame_of(RETURNED))

    def _ask_again(self, returned: bytes) -> None:
        self.batch(*(self.asked[number] for (number,) in struct.iter_unpack("<I", returned)))

    def frame_of(self, kind: int) -> bytes:
        found, payload = self.frame()
        assert found == kind, (found, payload)
        return payload

    def expect(self, kind: int, number: int = 1) -> bytes:
        payload = self.frame_of(kind)
        assert struct.unpack_from("<I", payload)[0] == number, payload
        return payload[4:]

    def head(self, number: int = 1) -> Any:
        return marshal.loads(self.expect(HEAD, number)[1:])


def receive_pieces(front, number=1, credit=True):
    """All bytes up to the end, with credit for each piece."""
    parts = []
    while True:
        kind, payload = front.frame()
        assert struct.unpack_from("<I", payload)[0] == number
        if kind == END:
            return b"".join(parts)
        assert kind == PIECE, kind
        assert len(payload) - 4 <= CHUNK
        parts.append(payload[4:])
        if credit:
            front.numbered(CREDIT, number, struct.pack("<I", len(payload) - 4))


class Worker:
    """The threads of one link, led by a thread of its own, with the front's end of its link."""

    def __init__(self, application: Callable[..., Any], **settings: Any) -> None:
        ours, theirs = socket.socketpair()
        self.front = Front(ours)
        made = Settings(application, **settings)
        self.link = Link(theirs, made.files)
        self.threads = HandlerThreads(self.link, made)
        self._thread = threading.Thread(target=self.threads.run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Front:
        return self.front

    def __exit__(self, *error: Any) -> None:
        self.end()

    def end(self) -> None:
        self.front.connection.close()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the threads did not end with its link"
        self.link.release()


def wait_until(condition: Callable[[], bool], what: Optional[str] = None) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, what or "the condition did not come true"
        time.sleep(0.001)
