"""A stretch of mixed traffic, with readings taken beside it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from . import bad, good, meter
from .target import Target

GOOD_CLIENTS = 8
BAD_CLIENTS = 10
DISTURB_SECONDS = 20.0
ROTATE_SECONDS = 60.0


@dataclass
class Stretch:
    """What a stretch saw."""

    seconds: float
    tally: good.Tally
    readings: list[meter.Reading]


def run(target: Target, seconds: float) -> Stretch:
    return asyncio.run(traffic(target, seconds))


async def traffic(target: Target, seconds: float) -> Stretch:
    began = time.monotonic()
    until = began + seconds
    tally = good.Tally()
    readings: list[meter.Reading] = []
    tasks = [good.client(target.port, tally, until) for _ in range(GOOD_CLIENTS)]
    tasks += [bad.client(target.port, tally, until) for _ in range(BAD_CLIENTS)]
    tasks += [bad.disturber(target.port, tally, until, DISTURB_SECONDS)]
    tasks += [watch(target, began, until, readings), rotate(target, until)]
    await asyncio.gather(*tasks)
    return Stretch(time.monotonic() - began, tally, readings)


async def watch(target: Target, began: float, until: float, readings: list[meter.Reading]) -> None:
    """A hundred readings in a stretch, but not more than one a second."""
    pause = max(1.0, (until - began) / 100)
    loop = asyncio.get_running_loop()
    while time.monotonic() + pause < until:
        await asyncio.sleep(pause)
        readings.append(await loop.run_in_executor(None, meter.read, target, began))


async def rotate(target: Target, until: float) -> None:
    while time.monotonic() + ROTATE_SECONDS < until:
        await asyncio.sleep(ROTATE_SECONDS)
        target.rotate_access_log()
