"""For Cheroot and CherryPy, which are of one family: both throw the request's body away before they send an answer's head."""

from __future__ import annotations

from typing import Any

BLOCK = 1 << 16


class LateBody:
    """Before their ``HTTPRequest``: an application that has begun its answer may still read, and what it left is read after that."""

    #: theirs: the request's body, how an answer of theirs ends
    rfile: Any
    close_connection: bool

    def send_headers(self) -> None:
        body, self.rfile = self.rfile, None
        try:
            super().send_headers()  # type: ignore[misc]
        finally:
            self.rfile = body

    def respond(self) -> None:
        super().respond()  # type: ignore[misc]
        while not self.close_connection and getattr(self.rfile, "remaining", 0) > 0:
            if not self.rfile.read(min(BLOCK, self.rfile.remaining)):
                self.close_connection = True  # it ended before its length
