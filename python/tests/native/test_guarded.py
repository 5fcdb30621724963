"""Answers of one batch as frames."""

import marshal
import struct
import unittest

from terpan_worker.native.frames import BATCH, BATCH_LIMIT
from terpan_worker.native.guarded import dump_answers


def frames_of(data):
    while data:
        length, kind = struct.unpack_from("<IB", data)
        yield kind, data[5 : 4 + length]
        data = data[4 + length :]


class GuardedTest(unittest.TestCase):
    def test_long_answers_are_divided_among_frames_that_the_front_holds_whole(self):
        answers = [(number, "200 OK", [], bytes(40_000)) for number in range(9)]
        frames = list(frames_of(dump_answers(answers, 7)))
        self.assertGreater(len(frames), 2)
        self.assertTrue(all(kind == BATCH and len(payload) < BATCH_LIMIT for kind, payload in frames))
        loaded = [marshal.loads(payload) for _, payload in frames]
        self.assertEqual({each[0] for each in loaded}, {7})
        self.assertEqual([answer for each in loaded for answer in each[1:]], answers)

    def test_one_answer_with_a_long_head_stays_whole(self):
        answers = [(1, "200 OK", [("X", "a" * BATCH_LIMIT)], b"")]
        self.assertEqual(len(list(frames_of(dump_answers(answers)))), 1)


if __name__ == "__main__":
    unittest.main()
