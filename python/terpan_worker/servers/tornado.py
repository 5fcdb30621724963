"""Tornado's HTTP server: one request at a time on its event loop, or as many as threads."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from terpan_worker import stacks

if TYPE_CHECKING:
    from terpan_worker.launch import Launch

# The front bounds bodies and heads; these only have to be out of its way.
ABOVE_EVERY_BODY = 1 << 62
ABOVE_EVERY_HEAD = 1 << 17
IDLE_SECONDS = 3600.0
STOP_TICK_SECONDS = 0.02
#: Imported beside the application where that is preloaded.
PRELOADS = ("asyncio", "tornado.httpserver", "terpan_worker.tornado_container")
# What it takes for a request beside the application.
OWN_MICROS = 300


def versions() -> str:
    import tornado

    return "tornado " + tornado.version


def serve(launch: Launch) -> None:
    stacks.tell(wakes=False)
    asyncio.run(_serve(launch))


async def _serve(launch: Launch) -> None:
    from tornado.httpserver import HTTPServer

    from terpan_worker.tornado_container import Container

    executor = None
    if launch.threads > 1:
        from concurrent.futures import ThreadPoolExecutor

        executor = ThreadPoolExecutor(launch.threads)
    container = Container(launch.adapted(writes=True, own_micros=OWN_MICROS), executor)
    chunk = launch.options.get("chunk_size")
    server = HTTPServer(
        container,
        chunk_size=int(chunk) if chunk else None,
        idle_connection_timeout=float(launch.options.get("idle_connection_timeout", IDLE_SECONDS)),
        max_header_size=ABOVE_EVERY_HEAD,
        max_body_size=ABOVE_EVERY_BODY,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)  # its bell wakes the loop
    launch.on_term(lambda: loop.call_soon_threadsafe(stop.set))  # as an application may have the loop forget that one
    launch.listener.setblocking(False)
    server.add_socket(launch.listener)
    launch.ready()
    await stop.wait()
    server.stop()
    while container.at_work:
        await asyncio.sleep(STOP_TICK_SECONDS)
    await server.close_all_connections()
