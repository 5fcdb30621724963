"""The text that supervisor and launcher exchange."""

import unittest

from terpan_worker import fields


class Fields(unittest.TestCase):
    def test_values_come_back_as_they_were(self):
        given = {"a": "", "b": "x=y", "c": "two\nlines\n", "d": "100%0A %25", "e": "ä \u20ac"}
        self.assertEqual(given, fields.decode(fields.encode(given)))

    def test_each_field_is_one_line(self):
        self.assertEqual("a=1%0A2%25\nb=3", fields.encode({"a": "1\n2%", "b": "3"}))
