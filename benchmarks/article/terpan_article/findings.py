"""What the rows say in sentences. Each is made from the rows that it names behind it, so none can say what was not measured."""

from __future__ import annotations

from statistics import median

from .figures import factors_without_generator, paired

AIM = 1.6


def findings(results: dict) -> list[str]:
    makers = {"mono": mono, "multi": multi, "servers": servers, "factor": factor, "knees": knees, "sockets": sockets, "cores": cores}
    return [sentence for name, make in makers.items() if name in results for sentence in make(results[name])]


def mono(part: dict) -> list[str]:
    told = []
    for kind in dict.fromkeys(line["users"] for line in part["lines"]):
        lines = [line for line in part["lines"] if line["users"] == kind and line["samples"]]
        if not lines:
            continue
        most, least = max(lines, key=achieved), min(lines, key=achieved)
        load = [max(one["load"]) for line in lines for one in line["samples"]]
        told.append(
            f"Of {part['settings']['mono_users']:,} {kind} users one process of {most['server']} answered most, {achieved(most):,.0f} requests a "
            f"second, and one of {least['server']} least, {achieved(least):,.0f}, where {lines[0]['samples'][0]['asked']:,.0f} were asked for; "
            f"Locust used {min(load):.2f} to {max(load):.2f} of a processor. *(mono: all rows of {kind} users)*"
        )
    return told


def multi(part: dict) -> list[str]:
    told = []
    for kind in dict.fromkeys(line["users"] for line in part["lines"]):
        lines = [line for line in part["lines"] if line["users"] == kind and line["samples"]]
        alone = [line for line in lines if line["name"] == "meinheld alone"]
        for line in lines:
            ratios = paired(line, alone[0], lambda one: one["achieved"]) if alone and line is not alone[0] else []
            if ratios:
                last = line["samples"][-1]
                told.append(
                    f"With {part['settings']['multi_users']:,} {kind} users {line['name']} answered {median(ratios):.2f} times what Meinheld "
                    f"alone did, {achieved(line) / last['asked']:.0%} of what was asked for; what limited it: {last['limit']}. "
                    f"*(multi: {line['name']} and meinheld alone, {kind})*"
                )
    return told


def servers(part: dict) -> list[str]:
    lines = {(line["server"], line["where"]): line for line in part["lines"] if line["samples"]}
    ratios = {
        server: median(paired(lines[server, "Terpan"], line, lambda one: one["achieved"]))
        for (server, where), line in lines.items()
        if where == "alone" and (server, "Terpan") in lines
    }
    if not ratios:
        return []
    best, worst = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
    load = [sum(one["load"]) for (_, where), line in lines.items() if where == "Terpan" for one in line["samples"]]
    return [
        f"With {part['settings']['multi_users']:,} users {sum(ratio > 1 for ratio in ratios.values())} of {len(ratios)} servers answered more in Terpan "
        f"than alone, from {ratios[worst]:.2f} ({worst}) to {ratios[best]:,.0f} times ({best}); the load processes took {min(load):.2f} to "
        f"{max(load):.2f} of the {part['processors']} processors from front and workers. *(servers: all rows)*"
    ]


def factor(part: dict) -> list[str]:
    reached, count = factors(part), part["processors"]
    if not reached:
        return []
    best, worst = max(reached, key=reached.__getitem__), min(reached, key=reached.__getitem__)
    good = sum(value >= AIM for value in reached.values())
    return [
        f"With 1 ms of a processor for each request, and the generator's own CPU accounted for, {good} of {len(reached)} servers carry at least "
        f"{AIM} times their single process in Terpan with a worker a core on {count} processors; the most is {reached[best]:.2f} ({best}), the "
        f"least {reached[worst]:.2f} ({worst}). *(factor: all rows)*"
    ]


def factors(part: dict) -> dict[str, float]:
    """By server: in Terpan to alone, what the generator used of the processors given back to Terpan."""
    found, count = {}, part["processors"]
    for name in dict.fromkeys(line["server"] for line in part["lines"]):
        lines = {line["where"]: line for line in part["lines"] if line["server"] == name}
        alone = lines.get("alone") or lines["one worker"]
        ratios = factors_without_generator(lines["Terpan"], alone, count)
        if ratios:
            found[name] = median(ratios)
    return found


def knees(part: dict) -> list[str]:
    told = []
    for handler in dict.fromkeys(line["handler"] for line in part["lines"]):
        lines = [line for line in part["lines"] if line["handler"] == handler and line["samples"]]
        if lines:
            first, *_, last = sorted(lines, key=knee, reverse=True) if len(lines) > 1 else [lines[0], lines[0]]
            told.append(
                f"Handler {handler}: {first['name']} goes on to {knee(first):,.0f} requests a second, {last['name']} to {knee(last):,.0f}. "
                f"*(knees, {handler}: all rows)*"
            )
    return told


def sockets(part: dict) -> list[str]:
    told = []
    for name in dict.fromkeys(line["server"] for line in part["lines"]):
        lines = {(line["socket"], line["handler"]): line for line in part["lines"] if line["server"] == name and line["samples"]}
        private = lines.get(("private", "hello"))
        if private:
            front = median(one["front_us"] for one in private["samples"])
            tcp = paired(lines[("tcp", "hello")], private, cpu) if ("tcp", "hello") in lines else []
            more = f"; over TCP front and worker together cost {median(tcp):.2f} of what they do over Unix sockets" if tcp else ""
            rate = private["samples"][0]["rate"]
            told.append(
                f"At {rate:,.0f} requests a second, where nearly every one wakes three processes up, the front before {name} takes "
                f"{front:.0f} microseconds a request{more}. *(sockets: {name}, hello)*"
            )
        own, shared = lines.get(("private", "mixed")), lines.get(("shared", "mixed"))
        if own and shared:
            ratio = median(paired(shared, own, lambda one: one["p99"]))
            told.append(
                f"With one socket for all workers of {name} the p99 of the mixed handler is {ratio:.2f} of that with a socket each. "
                f"*(sockets: {name}, mixed, shared and private)*"
            )
    return told


def cores(part: dict) -> list[str]:
    told = []
    for name in dict.fromkeys(line["server"] for line in part["lines"]):
        best = {
            count: max((knee(line) for line in part["lines"] if line["server"] == name and line["cores"] == count and line["samples"]), default=0)
            for count in ("1", "2")
        }
        if all(best.values()):
            told.append(
                f"{name} in Terpan carries {best['2'] / best['1']:.2f} times as much on two processors as on one, each with the number of workers "
                f"that is best for it. *(cores: all rows of {name})*"
            )
    return told


def achieved(line: dict) -> float:
    return median(one["achieved"] for one in line["samples"])


def knee(line: dict) -> float:
    return median(one["knee"] for one in line["samples"])


def cpu(sample: dict) -> float:
    return sample["front_us"] + sample["workers_us"]
