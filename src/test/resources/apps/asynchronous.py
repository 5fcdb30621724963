"""An ASGI application, for tests of what is not told to a server that runs WSGI ones."""


async def application(scope, receive, send):
    raise NotImplementedError
