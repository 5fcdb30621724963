"""``python -m terpan``: this process becomes Terpan."""

import os
import signal
import sys


def main() -> None:
    """Hands the arguments over; returns only by an error of the system's."""
    # Python ignores these for itself, and what it becomes would inherit it.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    launch = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch")
    os.execv("/bin/sh", ["/bin/sh", launch, sys.executable or "", *sys.argv[1:]])


if __name__ == "__main__":
    main()
