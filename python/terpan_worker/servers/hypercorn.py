"""Hypercorn: one event loop in this process; a WSGI application runs on threads beside it, by our own bridge."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, Any

from terpan_worker import options, tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from terpan_worker.launch import Launch

RUNS_ASGI = True
#: Imported beside the application where that is preloaded.
PRELOADS = ("asyncio", "hypercorn.app_wrappers", "hypercorn.asyncio.run", "hypercorn.asyncio.task_group", "hypercorn.asyncio.tcp_server")

KEEP_IDLE_SECONDS = 120
ABOVE_EVERY_HEAD = 1 << 17
#: Deadlines are the supervisor's.
LONG_SECONDS = 3600

KINDS = {
    "include_date_header": options.flag,
    "include_server_header": options.flag,
    "keep_alive_timeout": options.seconds,
    "logconfig": options.word,
    "loglevel": options.word,
    "max_app_queue_size": options.whole,
    "worker_class": options.word,
}


def versions() -> str:
    import hypercorn

    from terpan_worker.launch import installed_version

    return "hypercorn " + installed_version("hypercorn", hypercorn)


def serve(launch: Launch) -> None:
    from hypercorn.app_wrappers import ASGIWrapper
    from hypercorn.asyncio.run import worker_serve
    from hypercorn.asyncio.task_group import TaskGroup
    from hypercorn.asyncio.tcp_server import TCPServer
    from hypercorn.config import Config, Sockets

    _close_with_client(TCPServer)
    _end_with_unread_body(TaskGroup)

    values = settings(launch)
    new_loop = _new_loop(launch, str(values.pop("worker_class")))
    config = Config.from_mapping(values)
    # asyncio writes a line for every piece that an application gives after its client has left.
    logging.getLogger("asyncio").addFilter(lambda record: record.msg != "socket.send() raised exception.")
    application = ASGIWrapper(launch.asgi_application)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)  # its bell wakes the loop
        launch.on_term(lambda: loop.call_soon_threadsafe(stop.set))  # as an application may have the loop forget that one

        async def accepting_until_stopped() -> None:
            # Called once the sockets accept.
            tasks.tell_stacks(loop)
            launch.ready()
            await stop.wait()

        sockets = Sockets([], [launch.listener], [])
        await worker_serve(application, config, sockets=sockets, shutdown_trigger=accepting_until_stopped)

    loop = new_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run())
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _close_with_client(server: type) -> None:
    """A connection that its client closes while it is idle would stay open until ``keep_alive_timeout``: its tasks are waited for
    together, and one of them sleeps for that long."""
    read = server._read_data

    async def read_to_the_end(self) -> None:
        try:
            await read(self)
        finally:
            await self.idle_task.stop()

    server._read_data = read_to_the_end


def _end_with_unread_body(task_group: type) -> None:
    """Hypercorn puts the end of an exchange behind the pieces of its body, in a queue that has a bound, and waits for room there:
    for ever, once the application that would make it has answered without reading. What it sends last would never return then.
    An application that asks for more of such a body is told that its client has left (ASGI: ``http.disconnect``)."""
    spawn = task_group.spawn_app

    async def spawn_app(self, app: Any, config: Any, scope: Any, send: Any) -> Callable:
        put = await spawn(self, app, config, scope, send)
        queue = put.__self__

        async def give(event: dict) -> None:
            if event["type"].endswith(".disconnect") and queue.full():
                # All of it: a body with a hole that ends as it should would be taken for the whole.
                while not queue.empty():
                    queue.get_nowait()
            await put(event)

        return give

    task_group.spawn_app = spawn_app


def _new_loop(launch: Launch, worker_class: str):
    if worker_class == "asyncio":
        return asyncio.new_event_loop
    if worker_class != "uvloop":
        launch.fail("setup", f"server option 'worker_class' is {worker_class!r}, expected asyncio or uvloop")
    try:
        import uvloop
    except ImportError as error:
        launch.fail("server", str(error))
    return uvloop.new_event_loop


def settings(launch: Launch) -> dict[str, object]:
    return {
        "loglevel": "WARNING",
        "keep_alive_timeout": KEEP_IDLE_SECONDS,
        "worker_class": "asyncio",
        **options.typed(launch, KINDS),
        # None of these is a client's to run into.
        "h11_max_incomplete_size": ABOVE_EVERY_HEAD,
        "keep_alive_max_requests": 1 << 62,
        "graceful_timeout": LONG_SECONDS,
        "startup_timeout": LONG_SECONDS,
        "shutdown_timeout": LONG_SECONDS,
        "accesslog": None,
        "errorlog": "-",
    }
