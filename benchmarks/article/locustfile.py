"""The article's user: one request, then a pause of 500 to 900 ms. `Plain` is Locust's usual client, `Fast` its quicker one.

All users wait until all are there, or a load process that is busy with the first would never come to the last; then they begin
within ARTICLE_SETTLE seconds, and as much later it counts. ARTICLE_MARK is a file that is made then, ARTICLE_REPORT one with the
figures from then to the end."""

import json
import os
import random
import time
from pathlib import Path

import gevent
from gevent.event import Event
from locust import FastHttpUser, HttpUser, between, events, runners
from locust.runners import STATE_RUNNING, MasterRunner, WorkerRunner

WAIT = between(0.5, 0.9)
THERE_SECONDS = 60
SETTLE_SECONDS = float(os.environ["ARTICLE_SETTLE"])
BEGIN = "article-begin"
COUNT = "article-count"

# What load processes have not told yet is missing at the end: little, when they tell often.
runners.WORKER_REPORT_INTERVAL = 0.5

gate = Event()


def wait_for_all():
    gate.wait()
    gevent.sleep(random.uniform(0, SETTLE_SECONDS))


def page(user):
    user.client.get("/")


class Visitor:
    """What both kinds of users do."""

    wait_time = WAIT
    tasks = [page]

    def on_start(self):
        wait_for_all()


class Plain(Visitor, HttpUser):
    pass


class Fast(Visitor, FastHttpUser):
    pass


@events.init.add_listener
def begin(environment, **_):
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(BEGIN, open_gate)
        environment.runner.register_message(COUNT, lambda environment, **_: environment.runner.stats.reset_all())
        return
    environment.events.spawning_complete.add_listener(lambda user_count, **_: gevent.spawn(mark, environment.runner, user_count))
    environment.events.quit.add_listener(lambda **_: report(environment))


def open_gate(environment, **_):
    """A load process knows its number by now: each has pauses of its own, the same in every run."""
    random.seed(f"{os.environ['ARTICLE_SEED']} {getattr(environment.runner, 'worker_index', 0)}")
    gate.set()


def mark(runner, users):
    """A master has told its load processes of all users long before they have made them."""
    deadline = time.monotonic() + THERE_SECONDS
    if isinstance(runner, MasterRunner):
        while not all_there(runner, users) and time.monotonic() < deadline:
            gevent.sleep(0.1)
        runner.send_message(BEGIN)
    else:
        open_gate(runner.environment)
    gevent.sleep(2 * SETTLE_SECONDS)
    if isinstance(runner, MasterRunner):
        runner.send_message(COUNT)
    runner.stats.reset_all()
    Path(os.environ["ARTICLE_MARK"]).touch()


def all_there(runner, users):
    processes = list(runner.clients.values())
    return sum(one.user_count for one in processes) >= users and all(one.state == STATE_RUNNING for one in processes)


def report(environment):
    total = environment.stats.total
    seconds = (total.last_request_timestamp or total.start_time) - total.start_time
    errors = sorted((one for one in environment.stats.errors.values()), key=lambda one: -one.occurrences)
    figures = {
        "requests": total.num_requests,
        "failures": total.num_failures,
        "seconds": seconds,
        "p50": total.get_response_time_percentile(0.5),
        "p95": total.get_response_time_percentile(0.95),
        "p99": total.get_response_time_percentile(0.99),
        "error": str(errors[0].error)[:120] if errors else "",
    }
    Path(os.environ["ARTICLE_REPORT"]).write_text(json.dumps(figures), encoding="utf-8")
