"""An nginx beside Terpan that is attacked in its stead: what the well-behaved client of Terpan then sees is what the attacker's own
work takes from a machine that all share."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from terpan_bench import configs
from terpan_bench.stack import Part, Row, Stack

CONNECTIONS = 20_000
BIG_BYTES = 100 * 1024  # as much as the path that the slow readers ask Terpan for


@contextlib.contextmanager
def decoy() -> Iterator[int]:
    """Its port, while it runs."""
    with tempfile.TemporaryDirectory(prefix="terpan-decoy-", dir="/var/tmp") as folder:
        stack = Stack(Row("nginx", parts), Path(folder), Path(folder))
        stack.start()
        try:
            yield stack.port
        finally:
            stack.stop()


def parts(folder: Path, port: int) -> list[Part]:
    (folder / "big").write_bytes(b"x" * BIG_BYTES)
    return [Part(configs.nginx_site(folder, port, CONNECTIONS), front=True)]
