"""One frame from many answers, so that an odd object costs its own answer alone."""

import marshal
from typing import Any, List, Tuple

from .frames import BATCH, BATCH_LIMIT, FRAME_HEAD, FRAME_LIMIT
from .heads import check_head, failure_of
from .report import report

Answer = Tuple[Any, ...]
"""Number, status, headers and body, and perhaps the field that tells the route, of which `routes` makes the bytes."""


def dump_answers(answers: List[Answer], service: int = 0) -> bytes:
    """
    The frames that carry these answers, and the service time of one in microseconds: one frame, unless they are long, for the front
    holds a frame whole, or an object in them is not what it should be.
    """
    try:
        payload = marshal.dumps([service, *answers], 2)
        if len(payload) < BATCH_LIMIT or (len(answers) == 1 and len(payload) < FRAME_LIMIT):
            return FRAME_HEAD.pack(len(payload) + 1, BATCH) + payload
        if len(answers) > 1:
            half = len(answers) // 2
            return dump_answers(answers[:half], service) + dump_answers(answers[half:], service)
    except ValueError:
        pass  # One of them does not fit: find out which.
    return b"".join(map(_dump_one, answers))


def _dump_one(answer: Answer) -> bytes:
    number, status, headers, body, *route = answer
    try:
        checked = check_head(status, headers)
        payload = marshal.dumps([0, (number, checked.status, checked.headers, bytes(body), *route)], 2)
        if len(payload) >= FRAME_LIMIT:
            raise ValueError(f"an answer's head of {len(payload)} bytes, expected less than {FRAME_LIMIT}")
    except Exception as error:
        failure = failure_of(error, number)
        report(f"an answer became {failure[1]}: {error}")
        payload = marshal.dumps([0, failure], 2)
    return FRAME_HEAD.pack(len(payload) + 1, BATCH) + payload

