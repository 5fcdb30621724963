"""Uvicorn: one event loop; a WSGI application runs on threads beside it, by our own bridge."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from terpan_worker import options, tasks

if TYPE_CHECKING:
    from typing import Any

    from terpan_worker.launch import Launch

# Uvicorn configures logging first, as its own command does, so that an application's own settings count more.
IMPORTS_LATE = True
RUNS_ASGI = True

#: Imported beside the application where that is preloaded.
PRELOADS = ("asyncio", "uvicorn.server", "uvicorn.lifespan.on", "uvicorn.protocols.http.auto", "uvicorn.loops.auto")

KEEP_IDLE_SECONDS = 120
ABOVE_EVERY_HEAD = 1 << 17


def lifespan(text: str) -> str:
    if text not in ("auto", "off"):
        raise ValueError(text)
    return text


lifespan.expected = "auto or off"  # type: ignore[attr-defined]

KINDS = {
    "date_header": options.flag,
    "http": options.word,
    "lifespan": lifespan,
    "log_config": options.word,
    "log_level": options.word,
    "loop": options.word,
    "server_header": options.flag,
    "timeout_keep_alive": options.whole,
    "ws": options.word,
    "ws_max_queue": options.whole,
    "ws_max_size": options.whole,
    "ws_per_message_deflate": options.flag,
    "ws_ping_interval": options.seconds,
    "ws_ping_timeout": options.seconds,
}


def versions() -> str:
    import uvicorn

    return "uvicorn " + uvicorn.__version__


def prepare(launch: Launch) -> Any:
    """Before the application is imported."""
    import uvicorn

    return uvicorn.Config("", **settings(launch))


def serve(launch: Launch) -> None:
    import asyncio

    import uvicorn

    config = launch.prepared if launch.is_forked else prepare(launch)
    config.app = launch.asgi_application

    class Server(uvicorn.Server):
        async def startup(self, sockets=None) -> None:
            await super().startup(sockets)
            if self.started:
                tasks.tell_stacks(asyncio.get_running_loop())
                launch.ready()

    # At its end Uvicorn sends itself the signal that ended it once more, by the handler that was there before.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    Server(config).run(sockets=[launch.listener])


def settings(launch: Launch) -> dict[str, object]:
    return {
        "log_level": "warning",
        "timeout_keep_alive": KEEP_IDLE_SECONDS,
        "ws": "auto" if launch.is_asgi else "none",
        **options.typed(launch, KINDS),
        "interface": "asgi3",
        "access_log": False,
        "use_colors": False,
        "workers": 1,
        # No client reaches this socket, and identity comes from the front.
        "proxy_headers": False,
        "forwarded_allow_ips": "",
        "h11_max_incomplete_event_size": ABOVE_EVERY_HEAD,
    }
