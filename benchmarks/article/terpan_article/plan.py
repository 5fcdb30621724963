"""How much of everything a run does: the whole, the quick one, and the short one that the tests run."""

from __future__ import annotations

from dataclasses import dataclass, replace

SERVERS = (
    *("bjoern", "meinheld", "cherrypy", "waitress", "cheroot", "gunicorn", "gevent", "eventlet", "tornado", "twisted"),
    *("uwsgi", "uvicorn", "hypercorn", "granian"),
)
ARTICLE = ("bjoern", "meinheld", "cherrypy", "waitress")
SEED = 2018


@dataclass(frozen=True)
class Handler:
    """A mix of paths in percent, the p99 in ms at which a rate is too much, and the rate to begin with."""

    mix: dict[str, int]
    bound: float
    first_rate: float


HANDLERS = {
    "hello": Handler({"/": 100}, 50, 2000),
    "cpu1": Handler({"/cpu1": 100}, 50, 450),
    "cpu5": Handler({"/cpu5": 100}, 100, 60),
    "wait50": Handler({"/wait50": 100}, 150, 12),
    "mixed": Handler({"/": 90, "/cpu1": 8, "/wait50": 2}, 150, 300),
}


@dataclass(frozen=True)
class Plan:
    """Numbers of one run; `note` marks what is not the whole."""

    rounds: int = 3
    note: str = ""
    mono_users: int = 1000
    multi_users: int = 7000
    load_processes: int = 4
    user_seconds: int = 12
    settle_seconds: float = 2
    java_warm_seconds: int = 10
    step_seconds: int = 2
    finer_steps: int = 3
    most_steps: int = 24
    fixed_seconds: int = 8
    kinds: tuple[str, ...] = ("Plain", "Fast")
    mono_servers: tuple[str, ...] = ARTICLE
    servers: tuple[str, ...] = SERVERS
    workers: tuple[int, ...] = (1, 2, 4)
    knee_handlers: tuple[str, ...] = ("hello", "cpu5", "wait50", "mixed")
    knee_servers: tuple[str, ...] = ("meinheld", "waitress", "gevent")
    socket_servers: tuple[str, ...] = ("meinheld", "waitress", "gunicorn")
    sockets: tuple[str, ...] = ("private", "shared", "tcp")
    core_servers: tuple[str, ...] = ("meinheld",)
    core_workers: tuple[int, ...] = (1, 2, 3, 4)
    built_in: bool = True


WHOLE = Plan()

QUICK = replace(
    WHOLE,
    rounds=1,
    note="quick: short steps, and fewer servers in some parts",
    user_seconds=8,
    java_warm_seconds=5,
    step_seconds=1,
    finer_steps=2,
    fixed_seconds=5,
    knee_handlers=("hello", "mixed"),
    socket_servers=("meinheld", "waitress"),
    core_servers=(),
    core_workers=(1, 2, 4),
)

SHORT = replace(
    WHOLE,
    rounds=1,
    note="short: too few users, seconds and rounds for any conclusion; it only shows that everything runs",
    mono_users=20,
    multi_users=40,
    load_processes=2,
    user_seconds=2,
    settle_seconds=0.5,
    java_warm_seconds=1,
    step_seconds=1,
    finer_steps=0,
    most_steps=1,
    fixed_seconds=1,
    kinds=("Fast",),
    mono_servers=("bjoern",),
    servers=("waitress",),
    workers=(1,),
    knee_handlers=("wait50",),
    knee_servers=("meinheld",),
    socket_servers=("waitress",),
    sockets=("private",),
    core_workers=(1,),
    core_servers=("builtin",),
    built_in=False,
)
