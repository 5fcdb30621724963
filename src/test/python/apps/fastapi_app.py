"""The application of the real-application tests, in FastAPI."""

from fastapi import FastAPI, Header, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse

import common

app = application = FastAPI(default_response_class=PlainTextResponse)


@app.get("/hello")
async def hello(request: Request):
    return f"Hello {request.client.host} at {request.url}"


@app.post("/upload")
async def upload(request: Request):
    digest = common.Digest()
    async for piece in request.stream():
        digest.add(piece)
    return str(digest)


@app.get("/download")
def download(bytes: int):  # not async: FastAPI calls it in a thread
    return StreamingResponse(common.blocks(bytes), headers={"Content-Length": str(bytes)})


@app.get("/stream")
async def stream(until: str):
    return StreamingResponse(common.stream(until))


@app.get("/redirect")
async def away(request: Request):
    return RedirectResponse(request.url_for("hello"), 302)


@app.get("/cookies")
async def cookies(request: Request):
    answer = PlainTextResponse(" ".join(f"{name}={value}" for name, value in sorted(request.cookies.items())))
    answer.set_cookie("first", "1")
    answer.set_cookie("second", "2")
    return answer


@app.get("/echo/{name}")
async def echo(name: str, q: str):
    return f"{name} {q}"


@app.get("/fields")
async def fields(x_many: str = Header()):
    answer = PlainTextResponse(x_many)
    answer.headers.append("X-Many", "one")
    answer.headers.append("X-Many", "two")
    return answer


@app.get("/fail")
async def fail():
    raise RuntimeError("failed before the first byte")


@app.get("/fail-later")
async def fail_later():
    return StreamingResponse(common.fail_later())
