"""`wsgi.input` for a request whose body is still coming."""

from typing import Iterator, List

from . import frames
from .exchange import Exchange, Gone
from .frames import PAIR
from .link import Link

CREDIT_STEP = 64 * 1024


class RequestBody:
    """A file-like reader of the body's frames; used by the request's thread alone. Raises OSError when the body breaks off."""

    def __init__(self, link: Link, exchange: Exchange) -> None:
        self._link = link
        self._exchange = exchange
        self._rest = b""
        self._uncredited = 0

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(self._some, b""))
        parts: List[bytes] = []
        missing = size
        while missing > 0:
            piece = self._some()
            if not piece:
                break
            if len(piece) > missing:
                self._rest = piece[missing:]
                piece = piece[:missing]
            parts.append(piece)
            missing -= len(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        limit = -1 if size is None or size < 0 else size
        parts: List[bytes] = []
        length = 0
        while limit < 0 or length < limit:
            piece = self._some()
            if not piece:
                break
            cut = piece.find(b"\n") + 1 or len(piece)
            if limit >= 0:
                cut = min(cut, limit - length)
            self._rest = piece[cut:]
            parts.append(piece[:cut])
            length += cut
            if piece[cut - 1 : cut] == b"\n":
                break
        return b"".join(parts)

    def readlines(self, hint: int = -1) -> List[bytes]:
        lines: List[bytes] = []
        length = 0
        for line in self:
            lines.append(line)
            length += len(line)
            if hint is not None and 0 < hint <= length:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def _some(self) -> bytes:
        """The next bytes, waiting for them; empty at the end."""
        if self._rest:
            piece, self._rest = self._rest, b""
            return piece
        exchange = self._exchange
        if not exchange.pieces and not exchange.ended:
            self._link.wait_for(lambda: bool(exchange.pieces) or exchange.ended or exchange.cancelled)
        if exchange.pieces:
            piece = exchange.pieces.popleft()
            self._uncredited += len(piece)
            if self._uncredited >= CREDIT_STEP:
                self._grant()
            return piece
        if not exchange.ended:
            raise Gone("The client broke off while it sent the request's body.")
        return b""

    def _grant(self) -> None:
        count, self._uncredited = self._uncredited, 0
        if count:
            self._exchange.taken += count
            self._link.send(frames.frame(frames.BODY_CREDIT, PAIR.pack(self._exchange.number, count)))
