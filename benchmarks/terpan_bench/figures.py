"""The figures set as aims, computed from the results of one run."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

TERPAN = "Terpan builtin x2"
THREADS = "Terpan builtin x2, 8 threads"
REFERENCE = "HAProxy + bjoern x2"
OVER_TLS = " over TLS"


@dataclass(frozen=True)
class Figure:
    what: str
    most: float
    values: list[float]
    unit: str = ""

    def reached(self) -> bool:
        return median(self.values) <= self.most

    def aim_text(self) -> str:
        return f"<= {self.most:g}{self.unit}"

    def text(self) -> str:
        middle = f"{median(self.values):.3g}{self.unit}"
        return middle if len(self.values) == 1 else f"{middle} ({min(self.values):.3g}..{max(self.values):.3g})"


def figures(results: dict) -> list[Figure]:
    """Those whose rows were measured, in the order of the sections."""
    found = proxy_figures(results) + tls_figures(results) + http2_figures(results) + compression_figures(results) + stack_figures(results)
    seconds = results.get("start", {}).get("seconds", {}).get(TERPAN)
    if seconds:
        found.append(Figure("start of `./terpan serve` to its first answer", 0.4, seconds, " s"))
    secure = results.get("start", {}).get("seconds", {}).get(TERPAN + OVER_TLS)
    if seconds and secure:
        found.append(Figure("the same over TLS: how much later", 0.06, [with_tls - without for with_tls, without in zip(secure, seconds)], " s"))
    size = results.get("memory", {}).get("sizes", {}).get(TERPAN)
    if size:
        found.append(Figure("memory of the whole stack with two workers", 90, [size["total"]], " MB"))
    return found + seen_figures(results) + queue_figures(results)


def seen_figures(results: dict) -> list[Figure]:
    samples = results.get("seen", {}).get("loads", {}).get("64", {})
    aims = {"access log, json": 1.04, "access log, combined": 1.04, "metrics gathered each second": 1.02, "a dashboard open": 1.01}
    return [
        Figure(f"CPU, {what}, to the same that nobody looks at", most, pairs(samples, f"{TERPAN}, {what}", TERPAN, whole))
        for what, most in aims.items()
        if samples.get(TERPAN) and samples.get(f"{TERPAN}, {what}")
    ]


def proxy_figures(results: dict) -> list[Figure]:
    samples = results.get("proxy", {}).get("loads", {}).get("64", {})
    return [
        Figure(f"front's CPU as a proxy, to {peer}'s, 64 connections", 0.85, pairs(samples, "Terpan", peer, front))
        for peer in ("nginx", "HAProxy")
        if samples.get("Terpan") and samples.get(peer)
    ]


def tls_figures(results: dict) -> list[Figure]:
    found = []
    for section, what in (("tls", "kept connections"), ("tls-full", "whole handshakes"), ("tls-resumed", "resumed sessions")):
        samples = results.get(section, {}).get("loads", {}).get("64", {})
        if samples.get("Terpan") and samples.get("nginx"):
            found.append(Figure(f"front's CPU over TLS, {what}, to nginx's", 0.9, pairs(samples, "Terpan", "nginx", front)))
    return found


def http2_figures(results: dict) -> list[Figure]:
    found = []
    for section, streams in (("http2", "1 stream"), ("http2-32", "32 streams")):
        samples = results.get(section, {}).get("loads", {}).get("64", {})
        if samples.get(TERPAN) and samples.get("nginx + bjoern x2"):
            what = f"CPU, HTTP/2 over TLS, {streams} a connection, to nginx + bjoern x2, 64 connections"
            found.append(Figure(what, 0.7, pairs(samples, TERPAN, "nginx + bjoern x2", whole)))
    return found


def compression_figures(results: dict) -> list[Figure]:
    loads = results.get("compression", {}).get("loads", {}).values()
    return [
        Figure(f"front's CPU, 50 KB of JSON, {coding} to nginx's gzip", most, pairs(samples, f"Terpan, {coding}", "nginx, gzip", front))
        for samples in loads
        for coding, most in (("gzip", 1.1), ("zstd", 0.3))
        if samples.get("nginx, gzip") and samples.get(f"Terpan, {coding}")
    ]


def stack_figures(results: dict) -> list[Figure]:
    found = []
    for section, name, aim, aims_at_best in (("hello", "raw", 0.6, True), ("bottle", "Bottle", 0.75, False)):
        loads = results.get(section, {}).get("loads", {})
        for connections, most in (("64", aim), ("8", 0.9)):
            samples = loads.get(connections, {})
            if samples.get(TERPAN) and samples.get(REFERENCE):
                what = f"CPU, {name}, to {REFERENCE}, {connections} connections"
                found.append(Figure(what, most, pairs(samples, TERPAN, REFERENCE, whole)))
        samples = loads.get("64", {})
        others = {row: median(map(whole, taken)) for row, taken in samples.items() if taken and competes(row)}
        if aims_at_best and samples.get(TERPAN) and others:
            best = min(others, key=others.__getitem__)
            what = f"CPU, {name}, to the best other ({best}), 64 connections"
            found.append(Figure(what, 0.75, pairs(samples, TERPAN, best, whole)))
        if samples.get(THREADS) and samples.get(TERPAN):
            found.append(Figure(f"CPU, {name}, 8 threads to 1, 64 connections", 1.1, pairs(samples, THREADS, TERPAN, whole)))
    return found


def competes(row: str) -> bool:
    return not row.startswith("Terpan") and row != REFERENCE


def queue_figures(results: dict) -> list[Figure]:
    samples = results.get("queue", {}).get("samples", {})
    reference = next((taken for row, taken in samples.items() if row.startswith("HAProxy")), [])
    return [
        Figure(f"mixed load, p99 to HAProxy's queue: {row}", 1.1, [a["p99"] / b["p99"] for a, b in zip(taken, reference)])
        for row, taken in samples.items()
        if row.startswith("Terpan") and taken and reference
    ]


def pairs(samples: dict, row: str, other: str, cost) -> list[float]:
    """The ratio in each round."""
    return [cost(a) / cost(b) for a, b in zip(samples[row], samples[other])]


def front(sample: dict) -> float:
    return sample["front"]


def whole(sample: dict) -> float:
    return sample["front"] + sample["workers"]
