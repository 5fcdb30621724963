"""A Starlette application that raises, beside one that has begun its answer when it does."""

from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route


async def fails(request):
    raise RuntimeError("no luck with " + request.url.path)


async def breaks_off(request):
    async def parts():
        yield b"begun"
        raise RuntimeError("no more of " + request.url.path)

    return StreamingResponse(parts())


application = Starlette(routes=[Route("/raise/{number}", fails), Route("/begun/{number}", breaks_off)])
