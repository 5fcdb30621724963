"""Of no framework, and says what its route is as nobody but a launcher may."""

from urllib.parse import parse_qs


def app(environ, start_response):
    values = parse_qs(environ["QUERY_STRING"]).get("value", [])
    start_response("200 OK", [("Content-Length", "1"), *(("X-Terpan-Route", value) for value in values)])
    return [b"x"]


async def asynchronous(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError(scope["type"])
    values = parse_qs(scope["query_string"].decode()).get("value", [])
    headers = [(b"content-length", b"1"), *((b"x-terpan-route", value.encode()) for value in values)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x"})
