"""The application of the real-application tests, in Starlette."""

import contextlib

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route

import common


@contextlib.asynccontextmanager
async def lifespan(application):
    print("the application starts", flush=True)
    yield {"started": "yes"}
    print("the application ends", flush=True)


async def hello(request):
    assert request.state.started == "yes"
    return PlainTextResponse(f"Hello {request.client.host} at {request.url}")


async def upload(request):
    digest = common.Digest()
    async for piece in request.stream():
        digest.add(piece)
    return PlainTextResponse(str(digest))


async def download(request):
    length = int(request.query_params["bytes"])
    return StreamingResponse(common.blocks(length), headers={"Content-Length": str(length)})


async def stream(request):
    return StreamingResponse(common.stream(request.query_params["until"]))


async def away(request):
    return RedirectResponse(request.url_for("hello"), 302)


async def cookies(request):
    answer = PlainTextResponse(" ".join(f"{name}={value}" for name, value in sorted(request.cookies.items())))
    answer.set_cookie("first", "1")
    answer.set_cookie("second", "2")
    return answer


async def echo(request):
    return PlainTextResponse(f"{request.path_params['name']} {request.query_params['q']}")


async def fields(request):
    answer = PlainTextResponse(request.headers["X-Many"])
    answer.headers.append("X-Many", "one")
    answer.headers.append("X-Many", "two")
    return answer


async def fail(request):
    raise RuntimeError("failed before the first byte")


async def fail_later(request):
    return StreamingResponse(common.fail_later())


app = application = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/hello", hello),
        Route("/upload", upload, methods=["POST"]),
        Route("/download", download),
        Route("/stream", stream),
        Route("/redirect", away),
        Route("/cookies", cookies),
        Route("/echo/{name}", echo),
        Route("/fields", fields),
        Route("/fail", fail),
        Route("/fail-later", fail_later),
    ],
)
