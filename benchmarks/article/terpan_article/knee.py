"""Rates of an open load on one stack: one fixed rate, or raised step by step to the knee, the highest rate that is answered
whole, without an error, with a p99 below the handler's bound."""

from __future__ import annotations

import time

from terpan_bench.open_load import OpenLoad
from terpan_bench.stack import Stack, answer

from . import cost
from .plan import Handler, Plan

RAISE = 1.5
RAISE_FROM_HINT = 1.2
WARM_SECONDS = 1
WARM_RATE = 1000
PATIENCE_SECONDS = 4
SETTLE_SECONDS = 5
TRIES = 2


def warm(load: OpenLoad, seconds: int) -> None:
    """The generator's own code, and that of a front, is slow until it has run for a while."""
    load.step(WARM_RATE, seconds, 0, {"/": 100}, 0, PATIENCE_SECONDS)


def fixed(load: OpenLoad, stack: Stack, handler: Handler, rate: float, seconds: int, seed: int) -> dict:
    """One step; CPU in processors, and in microseconds a request for the front and the workers."""
    before = cost.mark(stack, [load.process.pid])
    sample = load.step(rate, seconds, WARM_SECONDS, handler.mix, seed, PATIENCE_SECONDS)
    after = cost.mark(stack, [load.process.pid])
    requests = rate * (seconds + WARM_SECONDS)
    return {
        "rate": round(rate, 1),
        **sample,
        **cost.between(before, after),
        "load": [sample["generator"]],
        "front_us": round((after.front - before.front) * 1e6 / requests, 2),
        "workers_us": round((after.workers - before.workers) * 1e6 / requests, 2),
    }


def good(sample: dict, handler: Handler, seconds: int) -> bool:
    """Every request was answered, the last of them within the bound too: what was achieved counts until then."""
    whole = sample["rate"] * seconds / (seconds + handler.bound / 1000)
    return sample["errors"] == 0 and sample["achieved"] >= whole and sample["p99"] <= handler.bound * 1000


def knee(load: OpenLoad, stack: Stack, handler: Handler, plan: Plan, seed: int, hint: float = 0) -> dict:
    """All steps, and the best good one (none if even a fraction of the first rate is too much). A rate is too much when it was so
    twice: on a shared machine one pause of somebody else spoils a step. With an earlier round's knee as a hint the steps are
    small from the beginning."""
    factor = RAISE_FROM_HINT if hint else RAISE
    finer = plan.finer_steps - (1 if hint else 0)
    rate, steps = hint / factor**0.5 or handler.first_rate, []
    best, worse, held = None, 0.0, True
    while len(steps) < plan.most_steps and rate >= 1:
        for _ in range(TRIES):
            if not held:
                settle(stack)
            sample = fixed(load, stack, handler, rate, plan.step_seconds, seed + len(steps))
            steps.append(sample)
            held = good(sample, handler, plan.step_seconds)
            if held:
                break
        if held:
            best = sample
        else:
            worse = rate
        if best and worse:
            if finer <= 0:
                break
            finer -= 1
            rate = (best["rate"] * worse) ** 0.5
        else:
            rate = rate * factor if best else rate / factor
    return {"knee": best["rate"] if best else 0.0, "at": best or steps[-1], "steps": steps}


def settle(stack: Stack) -> None:
    """What a step too much left in the server is worked off before the next, which it would spoil."""
    deadline = time.monotonic() + SETTLE_SECONDS
    quick = 0
    while quick < 3 and time.monotonic() < deadline:
        began = time.monotonic()
        quick = quick + 1 if answer(stack.port, "/") == 200 and time.monotonic() - began < 0.05 else 0
        time.sleep(0.05)
