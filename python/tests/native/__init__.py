"""Tests of the built-in worker: they play the front on the other end of its link."""
