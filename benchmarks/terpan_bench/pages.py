"""The command line of a benchmark that writes one page of results."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def write(home: Path, arguments: list[str], name: str, description: str, needs: str, report: Callable[[Path, Path], str]) -> int:
    """Builds Terpan, and writes what the report makes of it and of an interpreter.

    :param needs: what that interpreter has to be
    """
    parser = argparse.ArgumentParser(prog=f"benchmarks/{name}", description=description)
    parser.add_argument("--python", type=Path, default=home / "target" / "test-env" / "bin" / "python3", help=needs)
    parser.add_argument("--results", type=Path, default=home / "benchmarks" / "results", help="the folder that the page goes to")
    options = parser.parse_args(arguments)
    subprocess.run([str(home / "terpan"), "build"], check=True)
    text = report(home, options.python)
    (options.results / f"{name}.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0
