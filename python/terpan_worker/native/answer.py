"""An answer that is not one ready piece of bytes: joined, streamed, a file, or a failure."""

import marshal
from typing import Any, Callable, Dict, List, Optional, Tuple

from .. import children, raised
from . import frames
from .exchange import FILE_IS_REFUSED, FILE_NAMED, Exchange, Gone
from .files import FileWrapper, RegularFile
from .frames import CHUNK, END, FILE, FILE_FIXED, HEAD, PIECE
from .heads import Head, check_head, failure_of, without_body
from .link import Entry, Link
from .report import report

StartedHead = Callable[[], Tuple[Any, Any]]


class Answer:
    """
    Used by the request's thread alone. `out` is that thread's list of finished answers: a whole answer goes there and leaves
    with its batch; anything longer leaves in frames of its own, after what `out` holds.
    """

    def __init__(
        self,
        link: Link,
        entry: Entry,
        environ: Dict[str, Any],
        started: StartedHead,
        out: List[Any],
        route_of: Optional[Callable[[Dict[str, Any]], Optional[bytes]]],
    ) -> None:
        self._link = link
        self._entry = entry
        self._number = entry[0]
        self._environ = environ
        self._started = started
        self._out = out
        self._route_of = route_of
        self._exchange: Optional[Exchange] = None
        self._missing: Optional[int] = None
        self._cut = False
        """The application gave more than its Content-Length; what was too much is not sent."""
        self._without_body = False
        """All was said with the head: to HEAD, or with 204 and 304."""
        self.begun = False
        """The head is on its way: from now on a failure is an abort."""
        self.complete = False
        """All that the client will see is on its way."""

    def give(self, result: Any) -> None:
        """Takes what the application returned to its end, and closes it whatever happens."""
        try:
            if not self.begun and type(result) in (list, tuple):
                self._give_whole(b"".join(result))
            elif not self.begun and isinstance(result, FileWrapper):
                self._give_file(result)
            else:
                self._give_pieces(result)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def write(self, data: bytes) -> None:
        """The `write` callable of start_response, and the way of every piece."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"a piece of the answer of type {type(data).__name__}, expected bytes")
        data = bytes(data)
        if not data:
            return
        if not self.begun:
            self._begin(data)
        else:
            self._send_pieces(data)

    def fail(self, error: BaseException) -> None:
        """The application raised."""
        if children.forked:
            children.end(None if type(error) is Gone else error)
        exchange = self._link.exchanges.get(self._number)
        told = ""
        if not (isinstance(error, Gone) and exchange is not None and exchange.cancelled):
            told = raised.told(raised.traceback_of(error))
            environ = self._environ
            traceparent = environ.get("HTTP_TRACEPARENT", "")
            raised.tell(told, environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"), traceparent)
        if self.complete:
            self._forget()
        elif self.begun and self._missing == 0 and not (exchange and exchange.cancelled):
            self._end()  # The client has all of it, and goes on with its connection.
        elif self.begun:
            self._send(frames.numbered(frames.ABORT, self._number))
            self._finished()
        else:
            failure = failure_of(error, self._number, told)
            self._put(failure if not self._bodiless() else failure[:3] + (b"",))

    # Pieces

    def _give_pieces(self, result: Any) -> None:
        for piece in result:
            self.write(piece)
            if self._cut or self._without_body:
                break  # What comes more is nobody's: a generator without end must not be run for it.
        if not self.begun:
            self._give_whole(b"")
        elif not self.complete:
            self._end()

    def _give_whole(self, data: bytes) -> None:
        head = check_head(*self._started())
        length = len(data) if head.length is None else head.length
        if self._bodiless() or without_body(head.status):
            self._put((self._number, head.status, head.headers, b""))
        elif length == len(data) <= CHUNK:
            self._put((self._number, head.status, head.headers, data))
        else:
            self._send_head(head, length)
            self._send_pieces(data)
            self._end()

    def _bodiless(self) -> bool:
        return self._entry[1]["REQUEST_METHOD"] == "HEAD"  # Not by what the application was given, and may have changed.

    def _begin(self, first: bytes) -> None:
        head = check_head(*self._started())
        if self._bodiless() or without_body(head.status):
            self._without_body = True
            self._put((self._number, head.status, head.headers, b""))
        elif head.length == len(first) <= CHUNK:
            self._missing = 0
            self._put((self._number, head.status, head.headers, first))
        else:
            self._send_head(head, head.length)
            self._send_pieces(first)

    def _send_head(self, head: Head, length: Optional[int]) -> None:
        self._missing = length
        self._exchange = self._link.exchange(self._entry)
        self.begun = True
        self._link.flush(self._out)
        value = (head.status, head.headers, -1 if length is None else length, *self._route())
        self._send(frames.numbered(HEAD, self._number, b"\0" + marshal.dumps(value, 2)))

    def _send_pieces(self, data: bytes) -> None:
        if self._without_body:
            return
        if self._missing is not None:
            if len(data) > self._missing:
                self._say_too_long(len(data) - self._missing)
                data = data[: self._missing]
            self._missing -= len(data)
        view = memoryview(data)
        while view:
            view = view[self._send_some(view) :]

    def _send_some(self, view: memoryview) -> int:
        exchange = self._exchange
        if exchange is None:
            return len(view)  # Everything was sent with the head.
        if exchange.credit <= exchange.spent:
            self._link.wait_for(lambda: exchange.credit > exchange.spent or exchange.cancelled)
        self._check_wanted(exchange)
        count = min(len(view), CHUNK, exchange.credit - exchange.spent)
        exchange.spent += count
        self._send(frames.numbered(PIECE, self._number, bytes(view[:count])))
        return count

    def _check_wanted(self, exchange: Exchange) -> None:
        if exchange.cancelled or self._link.closed:
            exchange.cancelled = True
            raise Gone("The client does not wait for this answer any more.")

    def _say_too_long(self, excess: int) -> None:
        if not self._cut:
            self._cut = True
            path = self._environ.get("PATH_INFO")
            report(f"the answer to {path} is cut: the application gave {excess} bytes more than its Content-Length")

    def _end(self) -> None:
        if self._missing:
            raise ValueError(f"the answer ended {self._missing} bytes before its Content-Length")
        self._send(frames.numbered(END, self._number))
        self._finished()

    # Files

    def _give_file(self, wrapper: FileWrapper) -> None:
        file = wrapper.regular_file()
        head = check_head(*self._started())
        if file is None or self._bodiless() or without_body(head.status):
            self._give_pieces(wrapper)
            return
        length = file.length if head.length is None else head.length
        self._send_head(head, length)
        if length and self._link.files and length <= file.length and self._front_takes(file._replace(length=length)):
            self._missing = 0
        else:
            for piece in wrapper:
                self._send_pieces(piece[: self._missing])
                if not self._missing:
                    break
        self._end()

    def _front_takes(self, file: RegularFile) -> bool:
        exchange = self._exchange
        assert exchange is not None
        exchange.file = FILE_NAMED
        self._send(frames.frame(FILE, FILE_FIXED.pack(self._number, *file)))
        self._link.wait_for(lambda: exchange.file != FILE_NAMED or exchange.cancelled)
        self._check_wanted(exchange)
        return exchange.file != FILE_IS_REFUSED

    # Fate

    def _put(self, answer: Tuple[int, str, List[Tuple[str, str]], bytes]) -> None:
        self._forget()
        self.begun = self.complete = True
        self._out.append((*answer, *self._route()))

    def _route(self) -> Tuple[bytes, ...]:
        """What stands behind an answer's head: the field that tells its route, if there is one."""
        field = None if self._route_of is None else self._route_of(self._environ)
        return () if field is None else (field,)

    def _finished(self) -> None:
        self.complete = True
        self._forget()

    def _forget(self) -> None:
        self._link.exchanges.pop(self._number, None)

    def _send(self, data: bytes) -> None:
        self._link.send(data)
