"""The article's user: one request, then a pause of 500 to 900 ms. `Plain` is Locust's usual client, `Fast` its quicker one.

ARTICLE_MARK is a file that is made when all users are there, ARTICLE_REPORT one with the figures from then to the end."""

import json
import os
import random
from pathlib import Path

import gevent
from locust import FastHttpUser, HttpUser, between, events, task
from locust.runners import STATE_RUNNING, MasterRunner, WorkerRunner

WAIT = between(0.5, 0.9)


class Plain(HttpUser):
    wait_time = WAIT

    @task
    def page(self):
        self.client.get("/")


class Fast(FastHttpUser):
    wait_time = WAIT

    @task
    def page(self):
        self.client.get("/")


@events.init.add_listener
def begin(environment, **_):
    random.seed(int(os.environ["ARTICLE_SEED"]))
    if isinstance(environment.runner, WorkerRunner):
        return
    environment.events.spawning_complete.add_listener(lambda user_count, **_: gevent.spawn(mark, environment.runner, user_count))
    environment.events.quit.add_listener(lambda **_: report(environment))


def mark(runner, users):
    """A master has told its load processes of all users long before they have begun them: only then it counts."""
    while isinstance(runner, MasterRunner) and not all_there(runner, users):
        gevent.sleep(0.1)
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
