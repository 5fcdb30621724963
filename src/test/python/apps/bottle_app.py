"""The application of the real-application tests, in Bottle."""

from bottle import Bottle, redirect, request, response

import common

app = application = Bottle()


@app.get("/hello")
def hello():
    return f"Hello {request.environ['REMOTE_ADDR']} at {request.url}"


@app.post("/upload")
def upload():
    return common.digest(request.environ["wsgi.input"].read)


@app.get("/download")
def download():
    length = int(request.query.bytes)
    response.content_length = length
    return common.blocks(length)


@app.get("/stream")
def stream():
    return common.stream(request.query.until)


@app.get("/redirect")
def away():
    redirect(request.script_name + "hello", 302)


@app.get("/cookies")
def cookies():
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return " ".join(f"{name}={value}" for name, value in sorted(request.cookies.items()))


@app.get("/echo/<name>")
def echo(name):
    response.content_type = "text/plain; charset=utf-8"
    return f"{name} {request.query.getunicode('q')}"


@app.get("/fields")
def fields():
    response.add_header("X-Many", "one")
    response.add_header("X-Many", "two")
    return request.get_header("X-Many")


@app.get("/fail")
def fail():
    raise RuntimeError("failed before the first byte")


@app.get("/fail-later")
def fail_later():
    return common.fail_later()
