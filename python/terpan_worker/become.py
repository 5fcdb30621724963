"""The first half of a start where workers are another user: what needs root, and then never again.

Root runs this with an interpreter that only root can write, in isolated mode and without ``site``: nothing that the other user could
have written is read before root is given up. Then the application's interpreter takes this process over, with a new environment.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from terpan_worker import fields
from terpan_worker.control import Control
from terpan_worker.launch import ORDERS, bind, end_failed

if TYPE_CHECKING:
    from typing import NoReturn

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: How people read and write is the machine's, not root's own.
KEPT = ("LANG", "LANGUAGE", "TZ")
EXIT_NOT_STARTED = 8
# What stays here: the other half has no use for it.
ROOTS_OWN = ("token", "control", "user", "group", "interpreter", "questions", "owner")
NAMED = "environment."
#: What would be closed if nobody had it.
_open: list = []


def main() -> None:
    orders = fields.decode(os.environ[ORDERS])
    if "questions" in orders:
        ask(orders)
    control = Control.connect(orders["control"])
    control.send("hello", name=orders["name"], token=orders["token"], pid=str(os.getpid()))
    given = {key: value for key, value in orders.items() if key not in ROOTS_OWN and not key.startswith(NAMED)}
    if "preload" in orders:
        control = _divided(orders, control)
    else:
        given.update(_bound(orders, control))
    given["given.control"] = str(control.inheritable())
    try:
        environment = {**become(orders), ORDERS: fields.encode(given)}
        os.chdir(orders["chdir"])
        execute(orders, ["given"], environment)
    except (OSError, LookupError, ValueError) as error:
        end_failed(control, "setup", f"as user {orders['user'] or os.getuid()}: {error}")


def _bound(orders: dict[str, str], control: Control) -> dict[str, str]:
    """What the other half finds open."""
    try:
        listener, address, shared = bind(orders)
        compile_once()
    except OSError as error:
        end_failed(control, "setup", str(error))
    control.send("bound", address=address)
    control.wait_go()
    _open.extend((listener, shared))
    listener.set_inheritable(True)
    given = {"given.listener": str(listener.fileno())}
    if shared is not None:
        given["given.deaf"] = str(shared.inheritable())
    return given


def _divided(orders: dict[str, str], control: Control) -> Control:
    """A fork parent has two halves, of which root's goes on."""
    from terpan_worker.steward import divided

    try:
        compile_once()
    except OSError as error:
        end_failed(control, "setup", str(error))
    control.wait_go()
    return divided(orders, control)


def ask(orders: dict[str, str]) -> NoReturn:
    """What the interpreter has is asked as the user that it will serve as."""
    try:
        environment = become(orders)
        os.chdir("/")
        execute(orders, ["facts", *orders["questions"].split()], environment)
    except (OSError, LookupError, ValueError) as error:
        sys.stderr.write(f"as user {orders['user'] or os.getuid()}: {error}\n")
        sys.stderr.flush()
        os._exit(EXIT_NOT_STARTED)


def become(orders: dict[str, str]) -> dict[str, str]:
    """Gives up root; the environment that the user begins with."""
    import grp
    import pwd

    user, group = orders["user"], orders["group"]
    if os.geteuid() != 0:
        raise ValueError("only root can become another user or group")
    entry = (pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)) if user else pwd.getpwuid(0)
    if group:
        number = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    else:
        number = entry.pw_gid
    if user:
        os.initgroups(entry.pw_name, number)
    else:
        os.setgroups([number])
    os.setgid(number)
    os.setuid(entry.pw_uid)
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")}
    own = {"PATH": PATH, "HOME": entry.pw_dir, "USER": entry.pw_name, "LOGNAME": entry.pw_name}
    named = {key[len(NAMED) :]: value for key, value in orders.items() if key.startswith(NAMED)}
    return {**kept, **own, **named}


def execute(orders: dict[str, str], arguments: list[str], environment: dict[str, str]) -> NoReturn:
    interpreter = orders["interpreter"]
    command = [interpreter, os.path.join(HERE, "start.py"), *arguments]
    try:
        os.execvpe(interpreter, command, environment)
    except OSError as error:
        raise OSError(error.errno, f"{os.strerror(error.errno or 0)}: the Python interpreter '{interpreter}'") from error


def compile_once() -> None:
    """The user can not write beside these files, so that each of its starts would compile them anew."""
    from importlib.util import cache_from_source

    if not os.path.exists(cache_from_source(os.path.join(HERE, "loading.py"))):
        import compileall

        compileall.compile_dir(HERE, quiet=2)
