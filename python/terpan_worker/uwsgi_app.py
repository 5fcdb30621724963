"""What uWSGI's worker loads: the second half of a launcher whose process became uWSGI. Read by its path; our package has none."""

from __future__ import annotations

import os
import sys


def _make_package() -> None:
    # uWSGI puts the working folder in front, where the application's modules may lie.
    sys.path[:] = [entry for entry in sys.path if entry not in ("", ".", os.getcwd())]
    here = os.path.dirname(os.path.abspath(__file__))
    package = type(sys)("terpan_worker")
    package.__path__ = [here]
    package.__file__ = os.path.join(here, "__init__.py")
    package.__package__ = "terpan_worker"
    sys.modules["terpan_worker"] = package


_make_package()

from terpan_worker.resumed import Resumed  # noqa: E402
from terpan_worker.servers.uwsgi import begin  # noqa: E402

application = begin(Resumed())
