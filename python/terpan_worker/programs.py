"""Servers that are programs of their own, not Python packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

VERSION_SECONDS = 5.0


def find(name: str) -> str:
    """Where it lies: beside the interpreter, else on the path; "" if nowhere."""
    beside = os.path.join(sys.prefix, "bin", name)
    return beside if os.access(beside, os.X_OK) else shutil.which(name) or ""


def version(path: str) -> str:
    """What it says of itself in one word; its path, if it does not."""
    try:
        asked = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=VERSION_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return path
    words = asked.stdout.decode("utf-8", "replace").split()
    return words[0] if asked.returncode == 0 and len(words) == 1 else path
