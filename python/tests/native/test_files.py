"""Answers that are files."""

import gzip
import os
import struct
import tempfile
import unittest

from .front import END, FILE, FILE_DONE, FILE_REFUSED, Worker, receive_pieces, wait_until


class Files(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile()
        self.file.write(b"0123456789" * 30_000)
        self.file.seek(10)
        self.addCleanup(self.file.close)

    def application(self, *headers):
        def application(environ, start_response):
            start_response("200 OK", list(headers))
            return environ["wsgi.file_wrapper"](self.file)

        return application

    def test_a_regular_file_is_named_and_kept_open_until_the_front_is_done(self):
        with Worker(self.application()) as front:
            front.ask()
            self.assertEqual(("200 OK", [], 299_990), front.head())
            status = os.fstat(self.file.fileno())
            expected = (self.file.fileno(), 10, 299_990, status.st_dev, status.st_ino)
            self.assertEqual(expected, struct.unpack("<IQQQQ", front.expect(FILE)))
            self.assertFalse(self.file.closed)
            front.numbered(FILE_DONE, 1)
            front.expect(END)
            wait_until(lambda: self.file.closed)

    def test_the_content_length_bounds_the_file(self):
        with Worker(self.application(("Content-Length", "20"))) as front:
            front.ask()
            front.head()
            self.assertEqual((10, 20), struct.unpack("<IQQQQ", front.expect(FILE))[1:3])
            front.numbered(FILE_DONE, 1)
            front.expect(END)

    def test_a_worker_whose_files_the_front_does_not_open_does_not_ask(self):
        with Worker(self.application(("Content-Length", "100000")), files=False) as front:
            front.ask()
            front.head()
            self.assertEqual(b"0123456789" * 10_000, receive_pieces(front))
        self.assertTrue(self.file.closed)

    def test_a_refused_file_comes_in_pieces(self):
        with Worker(self.application(("Content-Length", "100000"))) as front:
            front.ask()
            front.head()
            front.expect(FILE)
            front.numbered(FILE_REFUSED, 1)
            self.assertEqual(b"0123456789" * 10_000, receive_pieces(front))
        self.assertTrue(self.file.closed)

    def test_what_is_no_file_comes_in_pieces(self):
        pieces = [b"one", b"two", b""]

        class Source:
            def read(self, size):
                return pieces.pop(0)

        with Worker(lambda environ, start: (start("200 OK", []), environ["wsgi.file_wrapper"](Source()))[1]) as front:
            front.ask()
            self.assertEqual(("200 OK", [], -1), front.head())
            self.assertEqual(b"onetwo", receive_pieces(front))

    def test_a_file_whose_bytes_are_not_those_of_its_descriptor_comes_in_pieces(self):
        packed = gzip.GzipFile(fileobj=self.packed(b"unpacked"))
        with Worker(lambda environ, start: (start("200 OK", []), environ["wsgi.file_wrapper"](packed))[1]) as front:
            front.ask()
            front.head()
            self.assertEqual(b"unpacked", receive_pieces(front))

    def packed(self, data):
        file = tempfile.NamedTemporaryFile()
        self.addCleanup(file.close)
        file.write(gzip.compress(data))
        file.seek(0)
        return file

    def test_an_answer_to_head_opens_nothing(self):
        with Worker(self.application()) as front:
            front.ask(method="HEAD")
            self.assertEqual(b"", front.answer()[3])
        self.assertTrue(self.file.closed)
