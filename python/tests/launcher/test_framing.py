"""What an answer looks like on a connection whose end would otherwise be the answer's end."""

from __future__ import annotations

import contextlib
import io
import unittest
from typing import Any

from terpan_worker import gaps


class Answer:
    """What a server is given for one request."""

    def __init__(self, application: Any, method: str = "GET", protocol: str = "HTTP/1.1", refused: bool = False) -> None:
        self.heads: list[tuple[str, list]] = []
        self.pieces: list[bytes] = []
        self.raised: Any = None
        self.refused = refused
        environ = {"REQUEST_METHOD": method, "SERVER_PROTOCOL": protocol}
        wrapped = gaps.filled(application, gaps.Gaps(writes=True, frames=True))
        with contextlib.redirect_stderr(io.StringIO()):
            self.result = wrapped(environ, self._start)
            try:
                self.pieces.extend(self.result)
            except gaps.CutOff as error:
                self.raised = error
            finally:
                if hasattr(self.result, "close"):
                    self.result.close()

    def _start(self, status: str, headers: list, exc_info: Any = None) -> None:
        for name, value in headers:
            if not isinstance(value, str):
                raise TypeError(f"{name} is no text")
        assert not self.heads and (exc_info is not None) == self.refused
        self.heads.append((status, headers))

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def answering(pieces: Any, status: str = "200 OK", headers: Any = ()) -> Any:
    def application(environ: dict, start_response: Any) -> Any:
        start_response(status, list(headers))
        return pieces

    return application


def breaking_off() -> Any:
    yield b"half"
    raise ValueError("broken")


class FramingTest(unittest.TestCase):
    def test_a_list_gets_its_length(self) -> None:
        answer = Answer(answering([b"one", b"two"]))
        self.assertEqual([("200 OK", [("Content-Length", "6")])], answer.heads)
        self.assertEqual(b"onetwo", answer.body)

    def test_a_list_with_its_length_passes_untouched(self) -> None:
        pieces = [b"one"]
        for length, untouched in (("3", True), ("4", False)):
            answer = Answer(answering(pieces, headers=[("Content-Length", length)]))
            self.assertEqual((untouched, [("200 OK", [("Content-Length", length)])]), (answer.result is pieces, answer.heads))

    def test_what_is_written_is_chunked_with_what_is_returned(self) -> None:
        def application(environ: dict, start_response: Any) -> Any:
            start_response("200 OK", [])(b"one")
            return [b"two"]

        answer = Answer(application)
        self.assertEqual([("200 OK", [("Transfer-Encoding", "chunked")])], answer.heads)
        self.assertEqual([b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"], answer.pieces)

    def test_pieces_are_chunks_and_empty_ones_are_none(self) -> None:
        answer = Answer(answering(iter([b"one", b"", b"more than ten"])))
        self.assertEqual([("200 OK", [("Transfer-Encoding", "chunked")])], answer.heads)
        self.assertEqual([b"3\r\none\r\n", b"d\r\nmore than ten\r\n", b"0\r\n\r\n"], answer.pieces)

    def test_an_answer_that_breaks_off_has_no_last_chunk(self) -> None:
        answer = Answer(answering(breaking_off()))
        self.assertEqual(b"4\r\nhalf\r\n", answer.body)
        self.assertEqual("ValueError: broken", str(answer.raised))

    def test_a_length_of_the_applications_is_enough(self) -> None:
        answer = Answer(answering(iter([b"one"]), headers=[("content-length", "3")]))
        self.assertEqual([("200 OK", [("content-length", "3")])], answer.heads)
        self.assertEqual([b"one"], answer.pieces)

    def test_no_body_where_there_may_be_none(self) -> None:
        for pieces in ([b"body"], iter([b"body"])):
            head = Answer(answering(pieces, headers=[("Content-Length", "4")]), method="HEAD")
            self.assertEqual(("200 OK", [("Content-Length", "4")]), head.heads[0])
            self.assertEqual(b"", head.body)
        for status in ("204 No Content", "304 Not Modified"):
            self.assertEqual(b"", Answer(answering([b"body"], status, [("Content-Length", "4")])).body)
            self.assertEqual([(status, [])], Answer(answering([], status)).heads)
            self.assertEqual(b"", Answer(answering(iter([b"body"]), status)).body)

    def test_an_old_client_takes_the_end_of_the_connection(self) -> None:
        answer = Answer(answering(iter([b"one"])), protocol="HTTP/1.0")
        self.assertEqual(([("200 OK", [])], [b"one"]), (answer.heads, answer.pieces))

    def test_the_head_may_be_another_one_until_the_body_begins(self) -> None:
        def application(environ: dict, start_response: Any) -> Any:
            start_response("200 OK", [])
            try:
                raise ValueError("too late?")
            except ValueError as error:
                start_response("500 Failed", [], (type(error), error, error.__traceback__))
            yield b"sorry"
            with self.assertRaisesRegex(ValueError, "too late?"):
                start_response("503 Failed", [], (type(error_kept), error_kept, None))

        error_kept = ValueError("too late?")
        answer = Answer(application)
        self.assertEqual([("500 Failed", [("Transfer-Encoding", "chunked")])], answer.heads)

    def test_what_the_server_refuses_or_can_not_send_is_a_500(self) -> None:
        for pieces, headers, refused in (
            ([b"one"], [("Content-Length", 3)], False),
            (iter([b"one"]), [("X-Number", 3)], False),
            (["one"], [("Content-Length", "3")], False),
            ([b"one", 2], [], False),
            (iter(["one"]), [], False),
        ):
            answer = Answer(answering(pieces, headers=headers), refused=refused)
            self.assertEqual(["500 Internal Server Error"], [status for status, _ in answer.heads])
            self.assertEqual((b"Internal Server Error\n", None), (answer.body, answer.raised))

    def test_other_bytes_are_bytes_too(self) -> None:
        for piece in (bytearray(b"one"), memoryview(b"one")):
            self.assertEqual(b"one", Answer(answering([piece], headers=[("Content-Length", "3")])).body)

    def test_the_result_is_closed(self) -> None:
        class Result:
            closed = False

            def __iter__(self) -> Any:
                return iter([b"one"])

            def close(self) -> None:
                self.closed = True

        result = Result()
        Answer(answering(result))
        self.assertTrue(result.closed)

    def test_an_application_without_a_head_has_failed(self) -> None:
        answer = Answer(lambda environ, start_response: [b"one"])
        self.assertEqual(["500 Internal Server Error"], [status for status, _ in answer.heads])


if __name__ == "__main__":
    unittest.main()
