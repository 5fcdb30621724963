"""A launch that goes on in another program: the launcher's process became a server that brings a Python of its own.

That Python has its own standard library; all else is looked for where the application's interpreter does.
"""

from __future__ import annotations

import faulthandler
import os
import site
import sys
import sysconfig
from typing import TYPE_CHECKING

from terpan_worker import fields
from terpan_worker.control import Control
from terpan_worker.launch import HANDED_ON, ORDERS, Launch
from terpan_worker.namesakes import keep_apart

if TYPE_CHECKING:
    from typing import NoReturn

#: By this a server's worker says that it has no application, so that its master ends too.
EXIT_NO_APPLICATION = 22
STANDARD_LIBRARY = "standard library"


def hand_on(launch: Launch) -> None:
    """Leaves in the environment what ``Resumed`` finds there."""
    found = {
        "control": str(launch.control.inheritable()),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "python": "%d.%d" % sys.version_info[:2],
    }
    standard = _standard_library()
    for number, entry in enumerate(sys.path):
        found[f"path.{number}"] = STANDARD_LIBRARY if _is_standard(entry, standard) else entry
    os.environ[ORDERS] = fields.encode(launch.orders)
    os.environ[HANDED_ON] = fields.encode(found)


class Resumed(Launch):
    """The same orders and the same control channel, without the socket, which the server has."""

    def __init__(self) -> None:
        orders = fields.decode(os.environ.pop(ORDERS))
        found = fields.decode(os.environ.pop(HANDED_ON))
        super().__init__(orders, Control.inherited(int(found["control"])), None)
        version = "%d.%d" % sys.version_info[:2]
        if version != found["python"]:
            self.fail("server", f"{orders['server']} brings Python {version}, the application's interpreter is {found['python']}")
        faulthandler.enable()
        sys.stdout.reconfigure(line_buffering=True)
        sys.executable, sys.prefix, sys.exec_prefix = found["executable"], found["prefix"], found["prefix"]
        sys.argv = [orders["application"]]
        keep_apart(orders["directory"])
        _look([entry for name, entry in found.items() if name.startswith("path.")])

    def fail(self, kind: str, text: str) -> NoReturn:
        self.control.send_failed(kind, text)
        sys.stderr.flush()
        os._exit(EXIT_NO_APPLICATION)


def _look(path: list[str]) -> None:
    own = _standard_library()
    kept = [entry for entry in sys.path if _is_standard(entry, own)]
    sys.path[:] = []
    for entry in path:
        if entry == STANDARD_LIBRARY:
            sys.path.extend(each for each in kept if each not in sys.path)
        elif os.path.basename(entry) in ("site-packages", "dist-packages"):
            site.addsitedir(entry)  # for what is installed by a .pth file
        elif entry not in sys.path:
            sys.path.append(entry)


def _standard_library() -> set[str]:
    return {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}


def _is_standard(entry: str, standard: set[str]) -> bool:
    """The library's folder, its extension modules and its archive beside it."""
    place = os.path.realpath(entry)
    return place in standard or os.path.basename(place) == "lib-dynload" or place.endswith(".zip")
