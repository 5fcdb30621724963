"""How long after a file was saved its code answers."""
