"""One thread of the crew: the loop that runs handlers, with all that a request needs in local names and cells."""

from _thread import get_ident  # Not by way of `threading`, which an application may have patched.
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any, Callable, List, Optional, Tuple

from .answer import Answer
from .body import RequestBody
from .frames import CHUNK
from .heads import listed, plain_length
from .link import Entry

if TYPE_CHECKING:
    from .crew import Crew

FLUSH_AGE = 0.001
"""Seconds the oldest finished answer may wait for its batch."""
FLUSH_COUNT = 64
READ = (-1, {}, None)
"""Stands for a request between the read and the first handler."""


class Member:
    """A thread's place in the crew. `running` is its present request, `out` its finished answers that were not sent."""

    __slots__ = ("running", "out", "bell", "lead")

    def __init__(self, crew: "Crew", bell: Any) -> None:
        self.running: Optional[Entry] = None
        self.out: List[Any] = []
        self.bell = bell
        self.lead = leading(crew, self)


def start_again(answer: Optional[Answer], exc_info: Any) -> None:
    """PEP 3333's rules for a second call of start_response."""
    try:
        if exc_info is None:
            raise AssertionError("start_response was called twice without exc_info")
        if answer is not None and answer.begun:
            raise exc_info[1].with_traceback(exc_info[2])
    finally:
        exc_info = None  # Breaks the cycle of frame and traceback.


def refuse_thread() -> None:
    """A thread that goes on after its request would speak in another client's answer: they are their thread's, one by one."""
    raise RuntimeError("start_response and write belong to the thread that was called with the request")


def leading(crew: "Crew", member: Member) -> Callable[[int], None]:
    """Makes a thread's `lead`: one start_response for its life, its state in cells."""
    link, settings = crew.link, crew.settings
    application, constants = settings.application, settings.constants
    prefix = settings.prefix
    queue, out = link.queue, member.out
    status: Any = None
    headers: Any = None
    answer: Optional[Answer] = None
    entry: Any = READ
    environ: Any = {}
    owner = 0

    def started() -> Tuple[Any, Any]:
        return status, headers

    def slow_answer() -> Answer:
        nonlocal answer
        if answer is None:
            answer = Answer(link, entry, environ, started, out)
        return answer

    def write(data: bytes) -> None:
        if get_ident() != owner:
            refuse_thread()
        slow_answer().write(data)

    def start_response(new_status: str, new_headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal status, headers
        if get_ident() != owner:
            refuse_thread()
        if status is not None or exc_info is not None:
            start_again(answer, exc_info)
        status = new_status
        headers = new_headers[:] if type(new_headers) is list else listed(new_headers)
        return write

    def lead(generation: int) -> None:
        """Runs handlers until another thread leads or the link has ended."""
        nonlocal status, headers, answer, entry, environ, owner
        owner = get_ident()
        now = oldest = begun = 0.0
        while crew.generation == generation:
            try:
                entry = queue.popleft()
            except IndexError:
                if out:
                    link.flush(out, now - begun)
                # What the application left in it must not live until the next request.
                environ = entry = body = headers = piece = answer = None
                member.running = None
                if not crew.read():
                    return
                member.running = READ
                if crew.asleep:
                    crew.ring()
                begun = now = monotonic()
                continue
            member.running = entry
            if crew.eager > 0:
                crew.ring()
            number, environ, body = entry
            status = answer = None
            environ = constants | environ
            if body is None:
                environ["wsgi.input"] = BytesIO()
            elif type(body) is bytes:
                environ["wsgi.input"] = BytesIO(body)
            else:
                link.flush(out, now - begun)
                begun = now
                environ["wsgi.input"] = RequestBody(link, link.exchange(entry))
                slow_answer()
            is_head = environ["REQUEST_METHOD"] == "HEAD"
            if prefix:
                settings.cut_prefix(environ)
            try:
                result = application(environ, start_response)
                if (
                    (type(result) is list or type(result) is tuple)
                    and len(result) == 1
                    and answer is None
                    and type(piece := result[0]) is bytes
                    and not is_head
                    and len(piece) <= CHUNK
                    and ((length := plain_length(status, headers)) == -1 or length == len(piece))
                ):
                    out.append((number, status, headers, piece))
                else:
                    slow_answer().give(result)
            except BaseException as error:
                slow_answer().fail(error)
            result = None
            started_at, now = now, monotonic()
            if crew.eager > 0 and now - started_at < FLUSH_AGE:
                crew.eager -= 1
            if len(out) == 1:
                oldest = now
            elif not out:
                begun = now
                continue
            if now - oldest >= FLUSH_AGE or len(out) >= FLUSH_COUNT:
                member.running = READ
                link.flush(out, now - begun)
                begun = now
        link.flush(out, now - begun)

    return lead
