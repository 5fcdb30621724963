"""Terpan serves Python web applications: the command ``terpan``, or ``python -m terpan``. It is a program of its own, with nothing to import."""
