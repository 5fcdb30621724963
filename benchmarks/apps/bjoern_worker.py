"""One bjoern process on a Unix socket: bjoern_worker.py SOCKET MODULE. Bjoern has no command of its own."""

import importlib
import sys

import bjoern

bjoern.run(importlib.import_module(sys.argv[2]).application, "unix:" + sys.argv[1])
