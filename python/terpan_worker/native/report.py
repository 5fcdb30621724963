"""Lines for the operator."""

import sys


def report(text: str) -> None:
    """Writes to standard error, where the supervisor reads. When nobody does any more there is nobody to tell."""
    try:
        sys.stderr.write(f"terpan: {text}\n")
        sys.stderr.flush()
    except Exception:
        pass  # What the application put there may raise anything, and is no reason to end.
