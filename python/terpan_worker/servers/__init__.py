"""One launcher per WSGI server: ``serve(launch)`` blocks until the server has stopped, ``versions()`` names it."""
