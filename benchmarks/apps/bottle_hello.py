"""The same answer through Bottle: what a small real framework adds in the worker."""

import bottle

application = bottle.Bottle()


@application.get("/")
def hello():
    bottle.response.content_type = "text/plain"
    return "Hello, World!"
