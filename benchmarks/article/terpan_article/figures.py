"""Medians, spreads and factors of rounds."""

from __future__ import annotations

from statistics import median
from typing import Callable


def by_name(part: dict, name: str, **labels: str) -> list[dict]:
    return [line for line in part["lines"] if line["name"] == name and all(line[key] == value for key, value in labels.items())]


def middle(samples: list[dict], key: str) -> float:
    return median(sample[key] or 0 for sample in samples)


def spread(lines: list[dict], key: str, divisor: float = 1) -> tuple[float, float, float] | None:
    """Median, least and most of the first line's rounds; nothing when there are none."""
    values = [sample[key] / divisor for line in lines[:1] for sample in line["samples"]]
    return (median(values), min(values), max(values)) if values else None


def spread_text(values: list[float], digits: int = 0) -> str:
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:,.{digits}f}"
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}..{max(values):,.{digits}f})"


def paired(line: dict, other: dict, figure: Callable[[dict], float], more: Callable[[dict], float] = lambda _: 1.0) -> list[float]:
    """The ratio in each round that both have."""
    pairs = zip(line["samples"], other["samples"])
    return [figure(one) * more(one) / figure(two) for one, two in pairs if figure(two)]


def factors_without_generator(terpan: dict, alone: dict, cores: int) -> list[float]:
    """In Terpan to alone, what the generator used of the processors given back to Terpan."""
    return paired(terpan, alone, lambda one: one["knee"], lambda one: cores / (cores - one["at"]["generator"]))


def most_factors(terpan: dict, alone: dict, cores: int) -> list[float]:
    """In Terpan to alone, if front, workers and generator could use every processor up at what a request cost them at the knee."""

    def share(at: dict) -> float:
        return (at["front"] + at["workers"] + at["generator"]) / cores

    return paired(terpan, alone, lambda one: one["knee"], lambda one: 1 / share(one["at"]))


def points(line: dict) -> list[tuple[float, float]]:
    """Rate and p99 in ms of every step of every round."""
    return [(step["rate"], max(0.01, step["p99"] / 1000)) for sample in line["samples"] for step in sample["steps"]]
