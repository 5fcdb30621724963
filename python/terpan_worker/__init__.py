"""What runs inside a worker process: launchers, one per WSGI server, and the built-in worker."""
