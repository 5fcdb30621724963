"""Tells what an interpreter has: ``start.py facts distribution:waitress program:uwsgi server:waitress``.

The answer is lines of ``fields`` text on standard output, a line for each question; what is not there has none, but a server
that its launcher can not import has ``error.server:NAME``.
"""

from __future__ import annotations

import os
import platform
import sys

from terpan_worker import fields


def tell(questions: list[str]) -> None:
    facts = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "environment": sys.prefix if sys.prefix != sys.base_prefix else "",
    }
    for question in questions:
        kind, _, subject = question.partition(":")
        answer = ASKED[kind](subject)
        if answer:
            facts[("error." if kind == "server" and not answer.startswith(subject + " ") else "") + question] = answer
    # In one piece and last: what a start file of the environment prints stands before it.
    sys.stdout.flush()
    os.write(1, ("\n" + fields.encode(facts) + "\n").encode("utf-8", "backslashreplace"))
    if any(question.startswith("files:") for question in questions):
        os._exit(0)  # the application was imported: its threads may go on for ever


def _distribution(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _program(name: str) -> str:
    from terpan_worker import programs

    path = programs.find(name)
    return programs.version(path) if path else ""


def _server(name: str) -> str:
    """The launcher's own import of its server, or in one line why it fails."""
    try:
        return __import__("terpan_worker.servers." + name, fromlist=["versions"]).versions()
    except BaseException as error:  # whatever a broken package raises is what the person has to see
        return f"{type(error).__name__}: {error}"


def _files(orders: str) -> str:
    """What the application's static files are; the orders that name it are ``fields`` text in hexadecimal digits."""
    from terpan_worker import suggest

    return suggest.lines(fields.decode(bytes.fromhex(orders).decode()))


ASKED = {"distribution": _distribution, "program": _program, "server": _server, "files": _files}
