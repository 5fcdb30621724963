"""Writes the results as Markdown: first the figures that were set as aims, then every table, then what it ran on."""

from __future__ import annotations

import json
from statistics import median

from .figures import figures
from .trio_figures import BEST, FRONT_MOST, HANDLERS, Handler, judged

TITLES = {
    "proxy": "Proxying: before an nginx that answers over a Unix socket",
    "hello": "Whole stacks: the least WSGI application",
    "seen": "Whole stacks: the same while somebody looks",
    "bottle": "Whole stacks: the same answer through Bottle",
    "static-1KiB": "Static files: 1 KiB",
    "static-64KiB": "Static files: 64 KiB",
    "static-1MiB": "Static files: 1 MiB",
    "tls": "TLS: kept connections, before an nginx that answers over a Unix socket",
    "tls-full": "TLS: a connection and a whole handshake for each request, P-256",
    "tls-resumed": "TLS: a connection and a resumed session for each request, P-256",
    "http2": "HTTP/2 over TLS: one request at a time on each connection",
    "http2-32": "HTTP/2 over TLS: 32 requests at once on each connection",
    "compression": "Compression: 50 KB of JSON, before an nginx that answers with them over a Unix socket",
}
WHY = {
    **dict.fromkeys(("http2", "http2-32"), "The ratio compares the CPU of all processes of a stack, front and workers. The load is h2load's."),
    "compression": "The ratio compares the CPU of the front alone, reading the answer from behind included; Terpan's and nginx's gzip have the same level, 5.",
    "proxy": "The ratio compares the CPU of the front alone; under `workers` is the nginx behind it, which `user` and `kernel` hold too.",
    "hello": "The ratio compares the CPU of all processes of a stack, front and workers.",
    "seen": "The ratio compares the CPU of all processes of Terpan; what the one who looks takes himself does not count.",
    "bottle": "The ratio compares the CPU of all processes of a stack, front and workers.",
    "tls": "The ratio compares the CPU of the front alone, as in proxying.",
    **dict.fromkeys(
        ("tls-full", "tls-resumed"),
        "The ratio compares the CPU of the front alone; the generator is Python's, eight connections at a time, and its rate says nothing.",
    ),
    **dict.fromkeys(
        ("static-1KiB", "static-64KiB", "static-1MiB"),
        "One file, again and again; both look at it again after a second. The kernel's part is that of the loopback, too.",
    ),
}

#: Sections before the same backend.
FRONT_ALONE = ("proxy", "tls", "tls-full", "tls-resumed", "compression")


def markdown(results: dict) -> str:
    parts = [
        "# Results",
        "Written by `benchmarks/run`; how and what is measured stands in [the README](../README.md). Every number of every "
        "round is in `results.json`. CPU is microseconds a request; `x` is the median of the rounds' own ratios to the first "
        "row of the table, with the least and the most of them.",
    ]
    reached = figures(results)
    if reached:
        head = ["figure", "aim", "measured", ""]
        rows = [[figure.what, figure.aim_text(), figure.text(), "yes" if figure.reached() else "**no**"] for figure in reached]
        parts += ["## Figures", table(head, rows)]
    for section, title in TITLES.items():
        if section in results:
            parts += [f"## {title}", about(results[section]), WHY[section]]
            for connections in results[section]["loads"]:
                parts += [f"### {connections} connection{'s' if connections != '1' else ''}"]
                parts += [rounds_table(results[section], connections, section in FRONT_ALONE)]
    for section, write in (("start", start_table), ("memory", memory_table), ("queue", queue_table), ("servers", servers_tables)):
        if section in results:
            parts += write(results[section])
    parts += [ran_on(results)]
    return "\n\n".join(parts) + "\n"


def json_text(results: dict) -> str:
    """A line for each sample, so that a new run is a readable change."""
    return lines(results, "") + "\n"


def lines(value: object, indent: str) -> str:
    deeper = indent + " "
    if isinstance(value, dict) and any(isinstance(one, (dict, list)) for one in value.values()):
        inner = [f"{deeper}{json.dumps(key)}: {lines(one, deeper)}" for key, one in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "[\n" + ",\n".join(deeper + lines(one, deeper) for one in value) + f"\n{indent}]"
    return json.dumps(value)


def rounds_table(section: dict, connections: str, front_only: bool) -> str:
    samples = section["loads"][connections]
    reference = samples.get(section["rows"][0], [])
    head = ["row", "CPU", "front", "workers", "user", "kernel", "x (least..most)", "requests/s", "p50", "p99", "errors"]
    told_bytes = len({round(sample.get("bytes", 0) / 1000) for taken in samples.values() for sample in taken}) > 1
    head += ["bytes"] if told_bytes else []
    rows = []
    for name in section["rows"]:
        if not samples.get(name):
            rows.append([name, "did not run: " + section["failures"].get(name, "")] + [""] * (len(head) - 2))
            continue
        taken = samples[name]
        middle = {key: median(sample[key] for sample in taken) for key in taken[0]}
        total = median(cost(sample, front_only) for sample in taken)
        rows.append(
            [name, f"{total:.1f}", f"{middle['front']:.1f}", f"{middle['workers']:.1f}"]
            + [f"{middle['user']:.1f}", f"{middle['kernel']:.1f}", spread(ratios(taken, reference, front_only))]
            + [f"{middle['per_second']:,.0f}", time_text(middle["p50"]), time_text(middle["p99"])]
            + [str(sum(sample["errors"] for sample in taken))]
            + ([f"{middle['bytes']:,.0f}"] if told_bytes else [])
        )
    return table(head, rows)


def cost(sample: dict, front_only: bool) -> float:
    return sample["front"] if front_only else sample["front"] + sample["workers"]


def ratios(taken: list[dict], reference: list[dict], front_only: bool) -> list[float]:
    return [cost(one, front_only) / cost(other, front_only) for one, other in zip(taken, reference)]


def spread(values: list[float], digits: int = 2, thousands: str = "") -> str:
    if not values:
        return ""
    middle, least, most = (f"{value:{thousands}.{digits}f}" for value in (median(values), min(values), max(values)))
    return f"{middle} ({least}..{most})"


def start_table(section: dict) -> list[str]:
    rows = [[name, spread(seconds, 3)] for name, seconds in section["seconds"].items()]
    rows += [[name, reason] for name, reason in section["failures"].items()]
    text = "From the start of the command to its first answer, with everything built and once started before, in turns."
    return ["## Start", about(section), text, table(["row", "seconds: median (least..most)"], rows)]


def memory_table(section: dict) -> list[str]:
    rows = [
        [name, f"{size['total']:.0f}", f"{size['front']:.0f}", f"{size['workers']:.0f}"]
        for name, size in section["sizes"].items()
    ]
    rows += [[name, reason, "", ""] for name, reason in section["failures"].items()]
    text = "PSS in MB after five seconds of load over 64 connections, the raw application, one stack up at a time."
    return ["## Memory", about(section), text, table(["row", "all", "front", "workers"], rows)]


def queue_table(section: dict) -> list[str]:
    reference = section["samples"].get(section["rows"][0], [])
    head = ["row", "p50", "p99", "p99.9", "most", "p99 of the instant", "p99 x (least..most)", "sent late, p99", "CPU", "errors"]
    rows = []
    for name in section["rows"]:
        taken = section["samples"][name]
        if not taken:
            rows.append([name, "did not run: " + section["failures"][name]] + [""] * (len(head) - 2))
            continue
        middle = {key: median(sample[key] for sample in taken) for key in taken[0] if key != "last_error"}
        times = [time_text(middle[key]) for key in ("p50", "p99", "p999", "most", "instant_p99")]
        factors = [one["p99"] / other["p99"] for one, other in zip(taken, reference)]
        errors = str(int(sum(sample["errors"] for sample in taken)))
        rows.append([name, *times, spread(factors), time_text(middle["late_p99"]), f"{middle['cpu']:.0f}", errors])
    text = (
        "Four workers that take one request at a time; 1,000 requests a second fall due at a constant rate, 5 % of them sleep "
        "50 ms, the rest is instant. Medians of the rounds. Latency counts from the moment a request was due; how late the "
        "generator itself sent them is in it and stands beside it."
    )
    return ["## Mixed load before one-at-a-time workers", about(section), text, table(head, rows)]


def servers_tables(section: dict) -> list[str]:
    text = (
        "One process of a server alone, two behind Terpan, and the same two behind HAProxy with `maxconn` equal to the window that "
        "Terpan had found for them; both fronts tell the application who its client is (`X-Forwarded-For`, `-Proto`, `-Host`). "
        f"Ratios are taken inside a round. Reached is: requests/s at least {BEST} of HAProxy's, with the computing handler at "
        f"least {BEST} of the server's alone too, and the front's CPU at most {FRONT_MOST} of HAProxy's."
    )
    parts = ["## Each server alone, behind Terpan and behind HAProxy", about(section), text]
    for handler in HANDLERS:
        title = handler.title.format(section["milliseconds"])
        parts += [f"### {title}, {handler.connections} connections", servers_table(section, handler)]
    return parts


def servers_table(section: dict, handler: Handler) -> str:
    head = ["server", "alone: requests/s", "Terpan", "HAProxy", "Terpan to alone", "Terpan to HAProxy", "front's CPU: Terpan", "HAProxy"]
    head += ["ratio", "all CPU: alone", "Terpan", "HAProxy", "window", "errors", "reached"]
    rows = []
    for name, server in section["servers"].items():
        trio = judged(server, handler)
        row = [name, *(spread(trio.rates(form), 0, ",") for form in trio.forms), spread(trio.to_alone()), spread(trio.to_haproxy())]
        row += [middle(trio.fronts(form)) for form in trio.forms[1:]] + [spread(trio.front_ratios())]
        row += [middle(trio.totals(form)) for form in trio.forms] + [str(server["windows"].get(handler.name, ""))]
        rows.append([*row, trio.errors_text(), trio.verdict()])
    return table(head, rows)


def middle(values: list[float]) -> str:
    return f"{median(values):.1f}" if values else ""


def time_text(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.0f} us"
    return f"{microseconds / 1000:.3g} ms" if microseconds < 1e6 else f"{microseconds / 1e6:.3g} s"


def about(section: dict) -> str:
    count = section["settings"]["rounds"]
    rounds = "one round" if count == 1 else f"{count} interleaved rounds"
    return (
        f"{section['date']}; {rounds}; load average {section['load average before']} before, "
        f"{section['load average after']} after; Terpan {section['versions']['Terpan']}."
    )


def ran_on(results: dict) -> str:
    machines = list(dict.fromkeys(section["machine"] for section in results.values()))
    versions: dict[str, list[str]] = {}
    for section in results.values():
        for name, version in section["versions"].items():
            if version not in versions.setdefault(name, []):
                versions[name].append(version)
    lines = [f"- {machine}" for machine in machines]
    lines += [f"- {name} {' and '.join(found)}" for name, found in versions.items()]
    return "## Ran on\n\n" + "\n".join(lines)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
