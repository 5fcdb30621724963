"""Writes results.json as tables and charts: a page for each run, and one that says what more processors would carry. Every
sentence with a figure is made here from a row. Run as a program of the environment that has the charts' library:
report FOLDER HOME."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median

from terpan_bench.report import table, time_text

from . import charts, projection
from .findings import AIM, factors, findings
from .figures import by_name, factors_without_generator, middle, most_factors, paired, points, spread, spread_text
from .stacks import commands

FROM_DOCS = "../benchmarks/results/article"
FROM_HERE = "<!-- written by benchmarks/article/run from here -->"
TO_HERE = "<!-- to here -->"
PICTURES = {
    "mono.svg": "One process each, Locust's 1,000 users",
    "multi.svg": "Meinheld alone and in Terpan, 7,000 users",
    "servers.svg": "Every server, 7,000 users",
    "factor.svg": "Every server alone and in Terpan, 1 ms of a processor for each request",
    "sockets-front.svg": "What the front costs a request",
    "sockets-p99.svg": "p99 of the mixed handler by the kind of socket",
    "cores.svg": "Workers and processors",
}
TITLES = {
    "mono": "One process each, 1,000 users",
    "multi": "Meinheld alone and in Terpan, 7,000 users",
    "servers": "Every server, 7,000 users",
    "factor": "Every server alone and in Terpan: 1 ms of a processor for each request",
    "knees": "Some servers, every handler, to the knee",
    "sockets": "Between front and workers",
    "cores": "One processor and two",
}


def main(folder: Path, home: Path) -> None:
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    text = [
        "# The article's experiments",
        "Written by `benchmarks/article/run`; what is asked and how to read it stands in the project's `docs/performance.md`. Every "
        "sample is in `results.json`. A figure is the median of the rounds, with the least and the most behind it. CPU is processors in "
        "use: 1.00 is one core busy all the time.",
    ]
    notes = list(dict.fromkeys(part["settings"]["note"] for part in results.values() if part["settings"]["note"]))
    text += [f"**{note[0].upper()}{note[1:]}.**" for note in notes]
    text += ["## What came out", bullets(results)]
    for name, title in TITLES.items():
        if name in results:
            text += [f"## {title}", about(results[name]), *SECTIONS[name](results[name], folder)]
    text += ran_on(results, home)
    (folder / "README.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")
    tell(results, folder, home)
    page = projection.page(results, (home / "docs" / "simulation.md").read_text(encoding="utf-8"))
    if page:
        (folder / "cores.md").write_text(page, encoding="utf-8")


def bullets(results: dict) -> str:
    return "\n".join(f"- {sentence}" for sentence in findings(results))


def tell(results: dict, folder: Path, home: Path) -> None:
    """Fills the part of docs/performance.md that has figures, when these are the results that the project keeps."""
    if folder != home / "benchmarks" / "results" / "article":
        return
    file = home / "docs" / "performance.md"
    before, rest = file.read_text(encoding="utf-8").split(FROM_HERE, 1)
    after = rest.split(TO_HERE, 1)[1]
    notes = list(dict.fromkeys(part["settings"]["note"] for part in results.values() if part["settings"]["note"]))
    text = [f"**{note[0].upper()}{note[1:]}.**" for note in notes]
    text += [next(iter(results.values()))["machine"] + f"; Terpan {next(iter(results.values()))['versions']['Terpan']}."]
    text += [bullets(results), f"All rows, settings and versions: [the results]({FROM_DOCS}/README.md)."]
    for picture, title in PICTURES.items():
        if (folder / picture).exists():
            text.append(f"![{title}]({FROM_DOCS}/{picture})")
    file.write_text(f"{before}{FROM_HERE}\n\n" + "\n\n".join(text) + f"\n\n{TO_HERE}{after}", encoding="utf-8")


def about(part: dict) -> str:
    count = part["settings"]["rounds"]
    rounds = "one round" if count == 1 else f"{count} interleaved rounds"
    note = f" **{part['settings']['note']}.**" if part["settings"]["note"] else ""
    return (
        f"{part['date']}; {rounds}, {part['minutes']} minutes; load average {part['load average before']} before, "
        f"{part['load average after']} after; Terpan {part['versions']['Terpan']}.{note}"
    )


def crowd_table(part: dict) -> str:
    head = ["server", "users", "asked/s", "achieved/s", "p50 ms", "p95 ms", "p99 ms", "failed", "CPU of the server"]
    head += ["of each load process", "machine busy", "what limited it"]
    rows = []
    for line in part["lines"]:
        samples = line["samples"]
        if not samples:
            rows.append([line["name"], line["users"], "did not run: " + line["failure"]] + [""] * (len(head) - 3))
            continue
        server = [one["front"] + one["workers"] for one in samples]
        load = ", ".join(f"{value:.2f}" for value in samples[-1]["load"])
        failed = middle(samples, "failed")
        rows.append(
            [line["name"], line["users"], f"{samples[0]['asked']:,.0f}", spread_text([one["achieved"] for one in samples])]
            + [f"{middle(samples, key) or 0:,.0f}" for key in ("p50", "p95", "p99")]
            + [f"{failed:.1%}" + (f" ({samples[-1]['error']})" if failed and samples[-1]["error"] else "")]
            + [f"{median(server):.2f}", load, f"{middle(samples, 'machine'):.0%}", samples[-1]["limit"]]
        )
    return table(head, [[cell.replace("|", "/") for cell in row] for row in rows])


def crowd_chart(part: dict, file: Path, title: str) -> str:
    names = list(dict.fromkeys(line["name"] for line in part["lines"]))
    kinds = list(dict.fromkeys(line["users"] for line in part["lines"]))
    series = {
        f"{kind} users": [spread(by_name(part, name, users=kind), "achieved") for name in names] for kind in kinds
    }
    charts.bars(file, title, "requests a second", names, series)
    return f"![{title}: requests a second]({file.name})"


def mono(part: dict, folder: Path) -> list[str]:
    users = part["settings"]["mono_users"]
    picture = crowd_chart(part, folder / "mono.svg", f"One process each, {users:,} users of Locust")
    text = "*Plain* is Locust's usual user, *Fast* its FastHttpUser; both wait 500 to 900 ms after an answer."
    return [text, picture, crowd_table(part)]


def multi(part: dict, folder: Path) -> list[str]:
    users = part["settings"]["multi_users"]
    picture = crowd_chart(part, folder / "multi.svg", f"Meinheld alone and in Terpan, {users:,} users of Locust")
    highest = [max(one["load"]) for line in part["lines"] for one in line["samples"]]
    shares = [one["achieved"] / one["asked"] for line in part["lines"] for one in line["samples"]]
    text = "A master and its load processes, the master last. "
    if highest:
        text += (
            f"Of what was asked for, {min(shares):.0%} to {max(shares):.0%} was achieved; the busiest load process used "
            f"{min(highest):.2f} to {max(highest):.2f} of a processor."
        )
    return [text, picture, crowd_table(part)]


def servers(part: dict, folder: Path) -> list[str]:
    names = list(dict.fromkeys(line["server"] for line in part["lines"]))
    series = {
        where: [spread([one for one in part["lines"] if one["server"] == name and one["where"] == place], "achieved") for name in names]
        for place, where in (("alone", "alone"), ("Terpan", "in Terpan, a worker a core"))
    }
    title = f"Every server, {part['settings']['multi_users']:,} FastHttpUsers of Locust"
    charts.bars(folder / "servers.svg", title, "requests a second", names, series)
    text = (
        "Where a server's own bound is seen: Meinheld takes no descriptor from 4,096 on; CherryPy and Gunicorn's sync worker hold a "
        "thread or the process for each connection. In Terpan the front has the connections."
    )
    return [text, f"![{title}](servers.svg)", crowd_table(part)]


def factor(part: dict, folder: Path) -> list[str]:
    cores = part["processors"]
    head = ["server", "alone/s", "in Terpan/s", "factor", "factor, generator's CPU added", "generator's CPU alone, in Terpan"]
    head += ["CPU a request alone, in Terpan", "most factor", "limit alone", "limit in Terpan"]
    rows, names = [], list(dict.fromkeys(line["server"] for line in part["lines"]))
    chart: dict[str, list] = {"alone": [], "in Terpan, a worker a core": []}
    for name in names:
        lines = {line["where"]: line for line in part["lines"] if line["server"] == name}
        terpan, alone = lines["Terpan"], lines.get("alone") or lines["one worker"]
        chart["alone"].append(spread([alone], "knee"))
        chart["in Terpan, a worker a core"].append(spread([terpan], "knee"))
        label = name if "alone" in lines else f"{name} (alone: one worker in Terpan)"
        if not terpan["samples"] or not alone["samples"]:
            reason = alone["failure"] or terpan["failure"]
            rows.append([label, "did not run: " + reason] + [""] * (len(head) - 2))
            continue
        bare = paired(terpan, alone, lambda sample: sample["knee"])
        whole, most = factors_without_generator(terpan, alone, cores), most_factors(terpan, alone, cores)
        generators = [median(one["at"]["generator"] for one in line["samples"]) for line in (alone, terpan)]
        costs = [median(one["at"]["front_us"] + one["at"]["workers_us"] for one in line["samples"]) for line in (alone, terpan)]
        rows.append(
            [label, spread_text([one["knee"] for one in alone["samples"]]), spread_text([one["knee"] for one in terpan["samples"]])]
            + [spread_text(bare, 2), spread_text(whole, 2), f"{generators[0]:.2f}, {generators[1]:.2f}"]
            + [f"{costs[0]:,.0f} us, {costs[1]:,.0f} us", spread_text(most, 2)]
            + [alone["samples"][-1]["limit"], terpan["samples"][-1]["limit"]]
        )
    title = f"1 ms of a processor for each request, {cores} processors"
    charts.bars(folder / "factor.svg", title, "requests a second at the knee", names, chart)
    reached = factors(part).values()
    text = (
        f"{sum(value >= AIM for value in reached)} of {len(reached)} reach {AIM} times their single process with a worker a core, the generator's own CPU accounted for: "
        f"what it used of the {cores} processors is given back to Terpan, which had to share all of them with it; a single process did not. "
        "The most factor is that of a rate at which front, workers and generator, at what a request cost them at the knee, would use every processor up."
    )
    return [text, f"![{title}](factor.svg)", table(head, rows)]


def knees(part: dict, folder: Path) -> list[str]:
    text = ["Open load, raised to the knee: the highest rate that is answered whole, without an error, with a p99 below the bound."]
    for handler in dict.fromkeys(line["handler"] for line in part["lines"]):
        lines = [line for line in part["lines"] if line["handler"] == handler]
        title = f"p99 by rate: {handler}"
        charts.curves(folder / f"knees-{handler}.svg", title, "requests a second", "p99, ms", {one["name"]: points(one) for one in lines})
        text += [f"### {handler}", f"![{title}](knees-{handler}.svg)", knee_table(lines)]
    return text


def knee_table(lines: list[dict]) -> str:
    head = ["stack", "knee/s", "p50 there", "p99 there", "sent late, p99", "front CPU", "workers' CPU", "generator's CPU", "what limited it"]
    rows = []
    for line in lines:
        if not line["samples"]:
            rows.append([line["name"], "did not run: " + line["failure"]] + [""] * (len(head) - 2))
            continue
        at = [one["at"] for one in line["samples"]]
        rows.append(
            [line["name"], spread_text([one["knee"] for one in line["samples"]])]
            + [time_text(middle(at, key)) for key in ("p50", "p99", "late_p99")]
            + [f"{middle(at, key):.2f}" for key in ("front", "workers", "generator")]
            + [line["samples"][-1]["limit"]]
        )
    return table(head, rows)


def sockets(part: dict, folder: Path) -> list[str]:
    head = ["server", "handler", "socket", "rate", "front us", "workers us", "p50", "p99", "p99.9", "errors", "generator's CPU"]
    rows = []
    for line in part["lines"]:
        samples = line["samples"]
        if not samples:
            rows.append([line["server"], line["handler"], line["socket"], "did not run: " + line["failure"]] + [""] * (len(head) - 4))
            continue
        rows.append(
            [line["server"], line["handler"], line["socket"], f"{samples[0]['rate']:,.0f}"]
            + [spread_text([one[key] for one in samples], 1) for key in ("front_us", "workers_us")]
            + [time_text(middle(samples, "p50")), spread_text([one["p99"] / 1000 for one in samples], 2) + " ms"]
            + [time_text(middle(samples, "p999")), str(sum(one["errors"] for one in samples)), f"{middle(samples, 'generator'):.2f}"]
        )
    names = list(dict.fromkeys(line["server"] for line in part["lines"]))
    kinds = [kind for kind in dict.fromkeys(line["socket"] for line in part["lines"]) if kind != "alone"]

    def of(name: str, kind: str, handler: str) -> list[dict]:
        return [line for line in part["lines"] if (line["server"], line["socket"], line["handler"]) == (name, kind, handler)]

    milliseconds = {kind: [spread(of(name, kind, "mixed"), "p99", 1000) for name in names] for kind in kinds}
    charts.bars(folder / "sockets-p99.svg", "p99 of the mixed handler, four workers", "ms", names, milliseconds)
    front = {kind: [spread(of(name, kind, "hello"), "front_us") for name in names] for kind in kinds}
    charts.bars(folder / "sockets-front.svg", "The front's CPU a request, four workers", "microseconds", names, front)
    text = (
        "One rate for all. *private*: a Unix socket for each worker, Terpan chooses; *shared*: one for all, the kernel chooses; *tcp*: a loopback "
        "port each; *alone*: one process without Terpan. CPU in microseconds a request; what the front costs is its column. At a rate "
        "far below the knee less is batched, so a request costs more than at full load."
    )
    pictures = ["![The front's CPU a request](sockets-front.svg)", "![p99 of the mixed handler](sockets-p99.svg)"]
    return [text, *pictures, table(head, rows)]


def cores(part: dict, folder: Path) -> list[str]:
    series: dict[str, list] = {}
    workers = list(dict.fromkeys(line["count"] for line in part["lines"]))
    for line in part["lines"]:
        series.setdefault(f"{line['server']}, {line['cores']} cores", []).append(spread([line], "knee"))
    title = "Workers and processors: 1 ms of a processor for each request"
    charts.bars(folder / "cores.svg", title, "requests a second at the knee", [f"{one} workers" for one in workers], series)
    text = (
        "Front and workers are bound to the processors, the generator may use all. What more processors would carry: [cores.md](cores.md)."
        if part["lines"]
        else "Nothing was measured."
    )
    return [text, f"![{title}](cores.svg)", knee_table(part["lines"])]


def ran_on(results: dict, home: Path) -> list[str]:
    found: dict[str, list[str]] = {"machine": []}
    for part in results.values():
        for name, value in {"machine": part["machine"], **part["versions"]}.items():
            if value not in found.setdefault(name, []):
                found[name].append(value)
    lines = [f"- {name}: {' and '.join(values)}" for name, values in found.items()]
    settings = ["| part | settings |", "| --- | --- |"]
    for name, part in results.items():
        told = "; ".join(f"{key} {', '.join(map(str, value)) if isinstance(value, list) else value}" for key, value in part["settings"].items() if key != "note")
        settings.append(f"| {name} | {told} |")
    return [
        "## Ran on",
        "\n".join(lines),
        "A server has the same threads and options alone and in Terpan, whose `queue-size` is 10,000. The first seed is "
        "2018, a round's is one more (a hundred more where steps have seeds of their own).",
        table(["server", "alone", "`terpan serve`"], commands(home, Path(sys.executable))),
        "\n".join(settings),
    ]


SECTIONS = {"mono": mono, "multi": multi, "servers": servers, "factor": factor, "knees": knees, "sockets": sockets, "cores": cores}

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
