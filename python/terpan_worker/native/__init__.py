"""The built-in worker: speaks docs/native-link.md on one connection and runs a WSGI application."""
