"""Applications behave alike in servers that leave parts of PEP 3333 open."""

import contextlib
import gc
import io
import time
import unittest
import weakref
from wsgiref.util import FileWrapper

from terpan_worker import gaps, results
from terpan_worker.begun import begun
from tests.launcher.plain_server import Asked, Closed, start


class Took(unittest.TestCase):
    def test_the_front_is_told_what_the_request_took_with_the_servers_own_part(self):
        def application(environ, start_response):
            time.sleep(0.02)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"done"]

        asked = Asked(gaps.filled(application, gaps.Gaps(own_micros=500)))
        took = dict(asked.headers)["X-Terpan-Took"]
        self.assertTrue(20_500 <= int(took) < 10_000_000, took)
        self.assertNotIn("X-Terpan-Took", dict(Asked(gaps.filled(application)).headers))

    def test_of_an_answer_in_pieces_nothing_is_told_for_it_goes_on(self):
        def application(environ, start_response):
            start(start_response)
            yield b"half"

        asked = Asked(gaps.filled(application, gaps.Gaps(own_micros=500)))
        self.assertNotIn("X-Terpan-Took", dict(asked.headers))


class Long(unittest.TestCase):
    def test_the_server_is_made_ready_for_a_long_answer_and_for_one_in_pieces(self):
        short, long = b"x" * gaps.SHORT, b"x" * (gaps.SHORT + 1)
        for result, made_ready in (([short], 0), ([long], 1), ([short, b"x"], 1), (iter([b"x"]), 1)):
            readied = []

            def application(environ, start_response, result=result):
                start(start_response)
                return result

            asked = Asked(gaps.filled(application, gaps.Gaps(long=readied.append)))
            self.assertEqual((made_ready, None), (len(readied), asked.raised))


class Types(unittest.TestCase):
    def test_text_in_a_list_is_a_500_and_other_bytes_are_bytes_where_the_length_is_counted(self):
        for piece, body in (("one", b"Internal Server Error\n"), (bytearray(b"one"), b"one"), (memoryview(b"one"), b"one")):

            def application(environ, start_response, piece=piece):
                start(start_response, ("Content-Length", "3"))
                return [piece]

            self.assertEqual(body, Asked(gaps.filled(application, gaps.Gaps())).body)


class Empty(unittest.TestCase):
    def test_no_piece_of_no_bytes_reaches_a_server_that_frames_the_answer_itself(self):
        for fields, given in (((), [b"a", b"b"]), ((("Content-Length", "2"),), [b"", b"a", b"", b"b"])):

            def application(environ, start_response, fields=fields):
                start(start_response, *fields)
                return [b"", b"a", b"", b"b"]

            self.assertEqual(given, list(gaps.filled(application)({"REQUEST_METHOD": "GET"}, lambda status, headers: None)))


class Failing(unittest.TestCase):
    def test_an_exception_before_the_answer_is_a_500_with_a_length(self):
        def application(environ, start_response):
            start(start_response)
            raise RuntimeError("no luck")

        asked = Asked(gaps.filled(application), PATH_INFO="/a")
        self.assertEqual("500 Internal Server Error", asked.status)
        self.assertEqual(b"Internal Server Error\n", asked.body)
        self.assertIn(("Content-Length", "22"), asked.headers)
        self.assertRegex(asked.errors, "^terpan: raised: [0-9]+-[0-9]+ GET /a Traceback")
        self.assertIn("RuntimeError: no luck", asked.errors)

    def test_the_front_is_told_the_traceback(self):
        def application(environ, start_response):
            raise RuntimeError("no luck")

        told = dict(Asked(gaps.filled(application)).headers)["X-Terpan-Raised"]
        self.assertRegex(told, "^[0-9]+-[0-9]+ Traceback .*%0A.*RuntimeError: no luck$")

    def test_a_generator_that_raises_before_its_first_byte_is_a_500_too(self):
        def application(environ, start_response):
            start(start_response)
            yield b""
            raise RuntimeError("no luck")

        asked = Asked(gaps.filled(application))
        self.assertEqual(("500 Internal Server Error", None), (asked.status, asked.raised))

    def test_a_failure_at_head_has_no_body(self):
        def application(environ, start_response):
            raise RuntimeError("no luck")

        self.assertEqual(b"", Asked(gaps.filled(application), REQUEST_METHOD="HEAD").body)

    def test_an_exception_after_the_first_byte_goes_on_to_the_server_or_is_cut(self):
        def application(environ, start_response):
            start(start_response)
            yield b"half"
            raise RuntimeError("no luck")

        asked = Asked(gaps.filled(application))
        self.assertEqual((b"half", "RuntimeError: no luck"), (asked.body, str(asked.raised)))
        self.assertEqual(1, asked.errors.count("RuntimeError: no luck"))
        cut = []
        asked = Asked(gaps.filled(application, gaps.Gaps(cut=cut.append)))
        self.assertEqual((b"half", None), (asked.body, asked.raised))
        self.assertIn("wsgi.input", cut[0])

    def test_an_exception_after_the_last_byte_of_its_length_leaves_the_answer_whole(self):
        def application(environ, start_response):
            start(start_response, ("Content-Length", "3"))
            yield b"one"
            raise RuntimeError("no luck")

        asked = Asked(gaps.filled(application))
        self.assertEqual((b"one", None), (asked.body, asked.raised))
        self.assertIn("RuntimeError: no luck", asked.errors)

    def test_lists_and_files_pass_untouched_and_others_are_closed(self):
        pieces, file, other = [b"a"], FileWrapper(io.BytesIO(b"b")), Closed([b"c"])
        for result in (pieces, file, other):

            def application(environ, start_response, result=result):
                start(start_response)
                return result

            asked = Asked(gaps.filled(application), **{"wsgi.file_wrapper": FileWrapper})
            self.assertEqual(result is other, asked.result is not result)
        self.assertEqual(1, other.closed)

    def test_a_file_wrapper_that_is_a_function_is_no_hindrance(self):
        def application(environ, start_response):
            start(start_response)
            return environ["wsgi.file_wrapper"](io.BytesIO(b"bytes"))

        wrapper = {"wsgi.file_wrapper": lambda file, size=8192: iter([file.read()])}
        self.assertEqual(b"bytes", Asked(gaps.filled(application, gaps.Gaps(empties=True)), **wrapper).body)


class Own(BaseException):
    pass


class Ending(unittest.TestCase):
    """What ends a program elsewhere ends an answer here, and no server hears of it."""

    KINDS = (SystemExit, KeyboardInterrupt, GeneratorExit, Own)

    def asked(self, application):
        for kind in self.KINDS:
            with self.subTest(kind=kind.__name__):
                asked = Asked(gaps.filled(lambda environ, start_response, kind=kind: application(start_response, kind)))
                self.assertIn(f"{kind.__name__}: as asked", asked.errors)
                yield asked

    def test_in_the_call_and_before_the_first_piece_it_is_a_500(self):
        def calling(start_response, kind):
            start(start_response)
            raise kind("as asked")

        def iterating(start_response, kind):
            start(start_response)
            yield b""
            raise kind("as asked")

        for application in (calling, iterating):
            for asked in self.asked(application):
                self.assertEqual(("500 Internal Server Error", None), (asked.status, asked.raised))

    def test_after_the_first_piece_the_answer_breaks_off_by_an_exception_that_every_server_takes(self):
        def application(start_response, kind):
            start(start_response)
            yield b"half"
            raise kind("as asked")

        for asked in self.asked(application):
            self.assertEqual((b"half", gaps.CutOff), (asked.body, type(asked.raised)))

    def test_in_close_the_answer_is_as_it_was(self):
        class Result(Closed):
            def __init__(self, kind):
                super().__init__([b"whole"])
                self.kind = kind

            def close(self):
                raise self.kind("as asked")

        def application(start_response, kind):
            start(start_response)
            return Result(kind)

        for asked in self.asked(application):
            self.assertEqual((b"whole", None), (asked.body, asked.raised))


class Held(unittest.TestCase):
    """Nothing of ours keeps what an application had: it is let go of on its own thread, with no collection."""

    class Thing:
        pass

    def setUp(self):
        gc.disable()
        self.addCleanup(gc.enable)

    def test_what_a_handler_held_is_let_go_of_with_its_answer(self):
        def calling(start_response, thing):
            raise ValueError("as asked")

        def iterating(start_response, thing):
            start(start_response)
            yield b""
            raise SystemExit("as asked")

        def later(start_response, thing):
            start(start_response)
            yield b"half"
            raise ValueError("as asked")

        def whole(start_response, thing):
            start(start_response)
            yield b"half"
            yield b"half"

        def refused(start_response, thing):
            start_response("200 OK", [("X-Wrong", "\n")])
            return [b"never"]

        for application in (calling, iterating, later, whole, refused):
            for more in (gaps.Gaps(), gaps.Gaps(writes=True, frames=True), gaps.Gaps(cut=id, empties=True)):
                things = []

                def holding(environ, start_response, application=application, things=things):
                    thing = self.Thing()
                    things.append(weakref.ref(thing))
                    return application(start_response, thing)

                asked = Asked(gaps.filled(holding, more))
                asked.raised = None  # it is the server's to drop
                self.assertEqual((application.__name__, [None]), (application.__name__, [thing() for thing in things]))

    def test_a_result_that_was_left_halfway_is_let_go_of_when_it_is_closed(self):
        thing = self.Thing()
        known = weakref.ref(thing)

        def application(environ, start_response, kept=[thing]):
            start(start_response)
            return pieces(kept.pop())

        def pieces(thing):
            yield b"one"
            yield b"two"

        del thing
        with contextlib.redirect_stderr(io.StringIO()):
            result = gaps.filled(application)({"REQUEST_METHOD": "GET"}, lambda *head: None)
            next(result)
            self.assertIsNotNone(known())
            result.close()
        self.assertIsNone(known())


class Late(unittest.TestCase):
    def test_what_is_written_after_the_end_reaches_no_other_answer(self):
        for result in ([b"whole"], iter([b"whole"])):
            kept, written = [], []

            def application(environ, start_response, result=result, kept=kept):
                kept.append(start(start_response))
                return result

            def tell(*head, written=written):
                return written.append

            answer = gaps.filled(application)({"REQUEST_METHOD": "GET"}, tell)
            self.assertEqual([b"whole"], list(answer))
            results.close_result(answer)
            with self.assertRaisesRegex(RuntimeError, "after the end"):
                kept[0](b"late")
            self.assertEqual([], written)


class Heads(unittest.TestCase):
    def test_hop_by_hop_fields_are_dropped_and_told_once(self):
        def application(environ, start_response):
            start(start_response, ("Proxy-Authenticate", "Basic"), ("X-Kept", "yes"))
            return [b"body"]

        errors = ""
        for _ in range(2):
            asked = Asked(gaps.filled(application))
            self.assertEqual([("Content-Type", "text/plain"), ("X-Kept", "yes")], asked.headers)
            errors += asked.errors
        self.assertEqual(1, errors.count("terpan: debug: the header proxy-authenticate of the application is dropped"))

    def test_a_final_status_below_200_is_a_502(self):
        for status in ("103 Early Hints", "099 Low", "600 High"):
            for result in ([], [b"body"], iter([b"body"])):

                def application(environ, start_response, status=status, result=result):
                    start_response(status, [])
                    return result

                asked = Asked(gaps.filled(application))
                self.assertEqual(("502 Bad Gateway", None), (asked.status, asked.raised))
                self.assertIn(f"status {status!r}", asked.errors)

    def test_heads_of_other_shapes_are_taken_as_servers_take_them(self):
        head = {"Content-Type": "text/plain", "Content-Length": " 4 "}
        expected = [("Content-Type", "text/plain"), ("Content-Length", "4")]
        for headers in (tuple(head.items()), head.items(), [list(field) for field in head.items()], iter(head.items())):

            def application(environ, start_response, headers=headers):
                start_response("200 OK", headers)
                return [b"body"]

            asked = Asked(gaps.filled(application))
            self.assertEqual((expected, b"body"), (asked.headers, asked.body))

    def test_a_head_that_is_replaced_in_time_is_the_only_one_that_the_server_hears_of(self):
        def application(environ, start_response):
            import sys

            start(start_response)
            try:
                raise RuntimeError("no luck")
            except RuntimeError:
                start_response("503 Later", [], sys.exc_info())
            return [b"later"]

        asked = Asked(gaps.filled(application))
        self.assertEqual(("503 Later", b"later", None), (asked.status, asked.body, asked.raised))

    def test_a_second_head_without_a_reason_is_a_failure(self):
        def application(environ, start_response):
            start(start_response)
            start(start_response)
            return []

        asked = Asked(gaps.filled(application))
        self.assertEqual("500 Internal Server Error", asked.status)
        self.assertIn("start_response was called twice", asked.errors)

    def test_an_answer_without_a_head_is_a_failure(self):
        for result in ([b"a"], iter([b"a"]), []):
            asked = Asked(gaps.filled(lambda environ, start_response, result=result: result))
            self.assertEqual("500 Internal Server Error", asked.status)
            self.assertIn("did not call start_response", asked.errors)

    def test_a_head_that_the_server_refuses_is_a_failure(self):
        heads = []

        def start_response(status, headers, exc_info=None):
            heads.append((status, bool(exc_info)))
            if status == "299 Refused":
                raise AssertionError("not a status")

        def application(environ, start_response):
            start_response("299 Refused", [])
            return []

        with contextlib.redirect_stderr(io.StringIO()):
            body = list(gaps.filled(application)({"REQUEST_METHOD": "GET"}, start_response))
        self.assertEqual([("299 Refused", False), ("500 Internal Server Error", True)], heads)
        self.assertEqual([b"Internal Server Error\n"], body)


class Longest(unittest.TestCase):
    def test_long_pieces_are_divided(self):
        for result in ([b"ab", b"abcde"], iter([b"abcde"])):

            def application(environ, start_response, result=result):
                start(start_response)
                return result

            self.assertEqual([b"ab", b"cd", b"e"], Asked(gaps.filled(application, gaps.Gaps(longest=2))).pieces[-3:])

    def test_short_ones_are_the_applications_own(self):
        result = [b"ab", b"c"]

        def application(environ, start_response):
            start(start_response)
            return result

        self.assertIs(result, Asked(gaps.filled(application, gaps.Gaps(longest=2))).result)


class Lengths(unittest.TestCase):
    def asked(self, length, result, **environ):
        def application(environ, start_response):
            start(start_response, ("Content-Length", length))
            return result

        return Asked(gaps.filled(application, gaps.Gaps()), **environ)

    def test_what_is_longer_than_its_length_is_cut_and_said(self):
        for result in ([b"ab", b"cde", b"f"], iter([b"ab", b"cde", b"f"]), iter([b"abc", b"d"])):
            asked = self.asked("3", result)
            self.assertEqual((b"abc", None), (asked.body, asked.raised))
            self.assertEqual(1, asked.errors.count("is cut: it is longer than its Content-Length"))

    def test_what_is_shorter_does_not_end_like_a_whole_answer(self):
        for result in ([b"ab"], iter([b"ab"])):
            asked = self.asked("3", result)
            self.assertEqual((b"ab", "ValueError: the answer ended 1 bytes before its Content-Length"), (asked.body, str(asked.raised)))
        self.assertEqual("500 Internal Server Error", self.asked("3", []).status)

    def test_what_fits_is_the_applications_own_and_heads_have_no_body_to_measure(self):
        result = [b"abc"]
        self.assertIs(result, self.asked("3", result).result)
        self.assertEqual((b"", None), (self.asked("3", [], REQUEST_METHOD="HEAD").body, None))
        self.assertEqual("200 OK", self.asked("3", iter([]), REQUEST_METHOD="HEAD").status)


class Files(unittest.TestCase):
    def test_a_file_leaves_in_blocks_whatever_wrapper_the_server_has(self):
        def application(environ, start_response):
            start(start_response)
            return environ["wsgi.file_wrapper"](io.BytesIO(b"line\n" * 20_000))

        asked = Asked(gaps.filled(application, gaps.Gaps(files=True)), **{"wsgi.file_wrapper": FileWrapper})
        self.assertEqual([65536, 34464], [len(piece) for piece in asked.pieces])


class Empties(unittest.TestCase):
    def test_an_answer_without_pieces_is_one_empty_piece(self):
        for empty in ([], (), Closed([])):

            def application(environ, start_response, empty=empty):
                start_response("204 No Content", [])
                return empty

            asked = Asked(gaps.filled(application, gaps.Gaps(empties=True)))
            self.assertEqual(([b""], []), (asked.pieces, asked.headers))

    def test_its_length_is_said_where_a_body_could_be(self):
        def application(environ, start_response):
            start(start_response)
            return []

        for method, lengths in {"GET": [("Content-Length", "0")], "HEAD": []}.items():
            asked = Asked(gaps.filled(application, gaps.Gaps(empties=True)), REQUEST_METHOD=method)
            self.assertEqual(lengths, [header for header in asked.headers if header[0] == "Content-Length"])

    def test_others_are_as_they_were(self):
        closed = Closed([b"a", b"b"])

        def application(environ, start_response):
            start(start_response)
            return closed

        self.assertEqual([b"a", b"b"], Asked(gaps.filled(application, gaps.Gaps(empties=True))).pieces)
        self.assertEqual(1, closed.closed)


class Begun(unittest.TestCase):
    def test_a_generator_has_begun_its_answer_when_it_is_returned(self):
        statuses = []

        def application(environ, start_response):
            start(start_response)
            yield b"a"
            yield b"b"

        result = begun(application)({}, lambda status, headers, exc_info=None: statuses.append(status))
        self.assertEqual(1, len(statuses))
        self.assertEqual([b"a", b"b"], list(result))

    def test_a_result_that_fails_at_once_is_closed(self):
        closed = []

        class Fails:
            def __iter__(self):
                return self

            def __next__(self):
                raise RuntimeError("no luck")

            def close(self):
                closed.append(True)

        self.assertIsInstance(Asked(begun(lambda environ, start_response: Fails())).raised, RuntimeError)
        self.assertEqual([True], closed)
