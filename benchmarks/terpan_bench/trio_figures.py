"""What a server's three stacks say: Terpan's ratios to the two others, and whether the aims were reached."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Callable

ALONE, TERPAN, HAPROXY = FORMS = ("alone", "Terpan", "HAProxy")
BEST = 0.97
FRONT_MOST = 0.85


@dataclass(frozen=True)
class Handler:
    """`title` takes the milliseconds of the one that computes."""

    name: str
    path: str
    connections: int
    title: str
    must_beat_alone: bool


HANDLERS = (Handler("hello", "/", 64, "The hello", False), Handler("cpu", "/cpu", 16, "{:.2f} ms of CPU", True))


class Judged:
    """The samples of one server with one handler."""

    forms = FORMS

    def __init__(self, samples: dict[str, list[dict]], failures: dict[str, str], must_beat_alone: bool):
        self.samples = samples
        self.failures = failures
        self.must_beat_alone = must_beat_alone

    def rates(self, form: str) -> list[float]:
        return self._each(form, lambda sample: sample["per_second"])

    def fronts(self, form: str) -> list[float]:
        return self._each(form, lambda sample: sample["front"])

    def totals(self, form: str) -> list[float]:
        return self._each(form, lambda sample: sample["front"] + sample["workers"])

    def to_alone(self) -> list[float]:
        return ratios(self.rates(TERPAN), self.rates(ALONE))

    def to_haproxy(self) -> list[float]:
        return ratios(self.rates(TERPAN), self.rates(HAPROXY))

    def front_ratios(self) -> list[float]:
        return ratios(self.fronts(TERPAN), self.fronts(HAPROXY))

    def errors_text(self) -> str:
        counted = {form: int(sum(sample["errors"] for sample in taken)) for form, taken in self.samples.items()}
        found = [f"{form}: {count}" for form, count in counted.items() if count]
        return "; ".join(found + [f"{form}: {reason}" for form, reason in self.failures.items()])

    def verdict(self) -> str:
        if set(self.samples) == {TERPAN} and not self.failures:
            return "it serves behind Terpan alone"
        if not all(self.samples.get(form) for form in FORMS):
            return "**not measured**"
        missed = []
        if self.must_beat_alone and median(self.to_alone()) < BEST:
            missed.append("behind the server alone")
        if median(self.to_haproxy()) < BEST:
            missed.append("behind HAProxy")
        if median(self.front_ratios()) > FRONT_MOST:
            missed.append("front's CPU")
        return "**no**: " + ", ".join(missed) if missed else "yes"

    def _each(self, form: str, value: Callable[[dict], float]) -> list[float]:
        return [value(sample) for sample in self.samples.get(form, [])]


def judged(server: dict, handler: Handler) -> Judged:
    failures = {**server["failures"].get("start", {}), **server["failures"].get(handler.name, {})}
    return Judged(server["samples"].get(handler.name, {}), failures, handler.must_beat_alone)


def ratios(ours: list[float], others: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, others)]
