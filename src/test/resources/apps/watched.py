"""An application to look at: what is quick, what takes long, what fails, what ends its worker, what waits until it may go on."""

import os
import time


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/report/"):
        wait_until_it_may_go_on()
    elif path.startswith("/export/"):
        time.sleep(0.3)
    elif path.startswith("/users/"):
        time.sleep(0.01)
    elif path == "/fails":
        raise RuntimeError("no stock for this order")
    elif path == "/ends":
        os._exit(3)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\n"]


def wait_until_it_may_go_on():
    while not os.path.exists(os.environ["GO_ON"]):
        time.sleep(0.02)
