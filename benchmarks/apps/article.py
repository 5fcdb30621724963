"""The Bottle application of the article's experiments: an answer at once, after 1 or 5 ms of a processor, and after 50 ms of
waiting. The work is a number of turns of a loop, told by ARTICLE_SPINS, so that a slower processor takes longer for it."""

import os
import time

import bottle

SPINS = int(os.environ.get("ARTICLE_SPINS", "10000"))  # turns in a millisecond; measured before a run

application = bottle.Bottle()


def spin(turns):
    value = 1
    for _ in range(turns):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
    return value


def answer():
    bottle.response.content_type = "text/plain"
    return "Hello, World!"


@application.get("/")
def hello():
    return answer()


@application.get("/cpu1")
def one_millisecond():
    spin(SPINS)
    return answer()


@application.get("/cpu5")
def five_milliseconds():
    spin(5 * SPINS)
    return answer()


@application.get("/wait50")
def wait():
    time.sleep(0.05)
    return answer()
