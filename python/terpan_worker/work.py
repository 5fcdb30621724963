"""What a worker's process does, from its orders to the end of its server: it imports the application, or is forked by a parent that has."""

from __future__ import annotations

import os
import sys

from terpan_worker import fields, launch, title


def main() -> None:
    orders = fields.decode(os.environ[launch.ORDERS])
    for name in launch.NOT_FOR_WORKERS:
        os.environ.pop(name, None)
    title.show(title.of_worker(orders["name"], orders["application"]), orders["name"])
    sys.stdout.reconfigure(line_buffering=True)
    if "preload" in orders:
        from terpan_worker import preload  # read by nobody else: a start costs less without it

        module, given = preload.worker(orders)
    else:
        module, given = launch.launched(orders)
    module.serve(given)
