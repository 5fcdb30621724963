"""The application of the real-application tests, in Flask."""

from flask import Flask, Response, redirect, request, url_for

import common

app = application = Flask(__name__)


@app.get("/hello")
def hello():
    return f"Hello {request.remote_addr} at {request.url}"


@app.post("/upload")
def upload():
    return common.digest(request.stream.read)


@app.get("/download")
def download():
    length = int(request.args["bytes"])
    return Response(common.blocks(length), headers={"Content-Length": str(length)})


@app.get("/stream")
def stream():
    return Response(common.stream(request.args["until"]))


@app.get("/redirect")
def away():
    return redirect(url_for("hello"))


@app.get("/cookies")
def cookies():
    answer = Response(" ".join(f"{name}={value}" for name, value in sorted(request.cookies.items())))
    answer.set_cookie("first", "1")
    answer.set_cookie("second", "2")
    return answer


@app.get("/echo/<name>")
def echo(name):
    return Response(f"{name} {request.args['q']}", content_type="text/plain; charset=utf-8")


@app.get("/fields")
def fields():
    answer = Response(request.headers["X-Many"])
    answer.headers.add("X-Many", "one")
    answer.headers.add("X-Many", "two")
    return answer


@app.get("/fail")
def fail():
    raise RuntimeError("failed before the first byte")


@app.get("/fail-later")
def fail_later():
    return Response(common.fail_later())
