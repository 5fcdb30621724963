"""An application whose process ends soon after it was told to: a file named by MARK makes every later start fail too."""

import os

if os.path.exists(os.environ["MARK"]):
    os._exit(9)


def application(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        with open(os.environ["MARK"], "w"):
            pass
        os._exit(9)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"Hello"]
