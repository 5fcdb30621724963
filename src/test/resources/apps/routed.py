"""Routes of Flask's, some of which say of themselves what is the front's to know; and many of them."""

import os
import time

from flask import Flask, Response, request

WAIT_MOST = 20.0

app = Flask(__name__)


@app.get("/report/<int:number>")
def report(number):
    time.sleep(0.1)
    return f"{number}"


@app.get("/own/<int:number>")
def own(number):
    """With a field of its own, once before and once behind the front's."""
    answer = Response(f"{number}")
    for value in request.args.getlist("value"):
        answer.headers.add("X-Terpan-Route", value)
    return answer


@app.get("/stream/<int:number>")
def stream(number):
    def pieces():
        yield "begun"
        deadline = time.monotonic() + WAIT_MOST
        while not os.path.exists(until):
            if time.monotonic() > deadline:
                raise TimeoutError(until)
            time.sleep(0.005)
        yield "done"

    until = request.args["until"]
    return Response(pieces())


for each in range(250):
    app.add_url_rule(f"/many/{each}/<int:number>", f"many{each}", lambda number: "many")
