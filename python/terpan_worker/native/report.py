"""Lines for the operator."""

import sys


DEBUG = "debug: "
"""Begins a line that is for whoever looks for it; the front logs it so."""


def report(text: str, level: str = "") -> None:
    """Writes to standard error, where the supervisor reads. When nobody does any more there is nobody to tell."""
    try:
        sys.stderr.write(f"terpan: {level}{text}\n")
        sys.stderr.flush()
    except Exception:
        pass  # What the application put there may raise anything, and is no reason to end.
