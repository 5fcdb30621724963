"""What a new Terpan in place of a running one costs its clients."""
