"""Runs Terpan and its peers side by side and writes what each costs."""
