"""The tables of a run, as Markdown; and where they and the pictures go in the documents."""

import figures as figures_module
import pictures
from figures import median_of

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
# From this share of a processor on, nothing else was using it.
UNDISTURBED = 0.97
PERCENTILES = ("p50", "p90", "p99", "p99.9", "p99.99")
# (what a row is called, its case with one in flight, its case of 1x64)
FLOOR_ROWS = (("raw ping-pong, 60 bytes", "pingpong", None), ("raw epoll, framed, batched", "epoll 1", "epoll 1x64"),
              ("the same + Protobuf: **the floor**", "floor 1", "floor 1x64"),
              ("the floor, at most 16 frames a write", None, "floor, 16 a write 1x64"))


def table(heading, rows, right_from=1):
    """A Markdown table whose columns are padded, so that it reads in a terminal, too."""
    cells = [list(map(str, heading))] + [["" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heading))]

    def line(row):
        padded = [cell.rjust(width) if i >= right_from else cell.ljust(width)
                  for i, (cell, width) in enumerate(zip(row, widths))]
        return "| " + " | ".join(padded) + " |"

    ruler = ["-" * (width - 1) + ":" if i >= right_from else "-" * width for i, width in enumerate(widths)]
    return "\n".join([line(cells[0]), "| " + " | ".join(ruler) + " |", *map(line, cells[1:])])


def _short(value, factor=1.0):
    return "" if value is None else pictures.short(value * factor)


def contender_rows(cases):
    """FLOOR_ROWS, Dialtone and each peer that has cases."""
    peers = dict.fromkeys(case.contender for case in cases if case.contender not in ("floor", "dialtone"))
    return [*FLOOR_ROWS, ("**Dialtone**", "dialtone blocking", "dialtone 1x64"),
            *((name, f"{name} blocking", f"{name} 1x64") for name in peers)]


def overview(cases, rounds, idle):
    """Who does what, in short."""
    same = rounds.get("same", [])
    resident = {"the same + Protobuf: **the floor**": "floor", "**Dialtone**": "dialtone"}
    rows = []
    for name, one, many in contender_rows(cases):
        rate = {where: median_of(rounds.get(where, []), lambda r: r.rate(many)) for where in ("same", "cross", "hot")}
        server = median_of(same, lambda r: r.server_us(many))
        client = median_of(same, lambda r: r.client_us(many))
        each = median_of(idle, lambda r: r[resident.get(name, name)]["resident_bytes_each"])
        rows.append((name, _short(median_of(same, lambda r: r.p50(one)), 1e-3),
                     _short(median_of(same, lambda r: r.p50(one) / r.p50("pingpong"))),
                     _short(median_of(same, lambda r: r.p99(one) / r.p99("pingpong"))),
                     *(_short(rate[where], 1e-3) for where in ("same", "cross", "hot")),
                     "" if server is None else f"{_short(server)} + {_short(client)}", _short(each, 1 / 1024)))
    return table(("", "1 in flight: p50, µs", "÷ raw", "p99 ÷ raw", "1 × 64: k/s, same", "cross", "hot",
                  "CPU µs a call, server + client", "idle connection, KiB"), rows)


def verdicts(figures):
    """Each target, with what was reached. What is missed stands out."""
    rows = []
    for figure in figures:
        sign = "≤" if figure.at == "most" else "≥"
        unit = "" if figure.unit == "x" else f" {figure.unit}"
        reached = "not measured" if figure.value is None else f"{_short(figure.value)}{unit}"
        spread = "" if figure.rounds < 2 else f"{_short(figure.low)}–{_short(figure.high)}"
        verdict = {True: "met", False: "**missed**", None: ""}[figure.met]
        floor = "" if figure.floor is None else _short(figure.floor)
        rows.append((figure.target, figure.name, figure.where, reached, spread, floor, f"{sign} {figure.bound:g}{unit}", verdict))
    for target, how in figures_module.ELSEWHERE.items():
        rows.append((target, "allocations of a warm unary call", "", how, "", "", "none", ""))
    rows.sort(key=lambda row: row[0])
    return table(("", "figure", "where", "reached", "rounds' range", "the floor's", "target", ""), rows, right_from=3)


def syscall_table(counted):
    if not counted["counts"]:
        return "System calls were not counted: neither perf nor strace was to be had."
    shapes = list(dict.fromkeys(count["shape"] for count in counted["counts"]))
    rows = {}
    for count in counted["counts"]:
        row = rows.setdefault((count["contender"], count["placement"]), [""] * len(shapes))
        row[shapes.index(count["shape"])] = f"{count['server']:.2f} + {count['client']:.2f}"
    return table(("server + client", "where", *(f"{shape} in flight" for shape in shapes)),
                 [(*contender, *row) for contender, row in rows.items()], right_from=2)


def machine_line(machine):
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    virtual = f" ({machine['virtual']})" if machine["virtual"] else ""
    linked = " the floors and Dialtone linked statically;" if machine.get("static") else ""
    return (f"{machine['processors']} × {machine['processor']}{virtual}, Linux {machine['kernel']}; {machine['compiler']};"
            f"{linked} {versions}. Load average before the run: {machine['load_before']:.1f}.")


def undisturbed(rounds):
    """Whether the machine had nothing else to do. On one processor the floor's two sides leave nothing of it over."""
    share = median_of(rounds.get("same", []), lambda r: (r["floor 1x64"]["server_cpu_seconds"] +
                                                        r["floor 1x64"]["client_cpu_seconds"]) / r["floor 1x64"]["seconds"])
    if share is None:
        return ""
    said = f"While the floor ran on one processor, it had {100 * share:.0f} % of it"
    return said + (": nothing else was going on." if share >= UNDISTURBED else
                   ". **Something else was running on this machine: these figures are rough.**")


def draw(cases, rounds):
    """{file name: SVG}"""
    same = rounds.get("same", [])
    rows = [(name.replace("*", ""), one, many) for name, one, many in contender_rows(cases)]
    latency = [(name, median_of(same, lambda r: r.p50(one) / r.p50("pingpong"))) for name, one, _ in rows if one]
    drawn = {}
    entries = [(_plain(name), value) for name, value in latency if value is not None]
    if entries:
        drawn["latency.svg"] = pictures.bars("One call in flight", "p50 ÷ raw ping-pong, both sides on one processor; less is better",
                                             [("", entries)], 1)
    groups = []
    for where, of_where in rounds.items():
        values = [(_plain(name), median_of(of_where, lambda r: r.rate(many) / r.best_floor("1x64")))
                  for name, _, many in rows if many]
        groups.append((where, [(name, value) for name, value in values if value is not None]))
    groups = [group for group in groups if group[1]]
    if groups:
        drawn["throughput.svg"] = pictures.bars(
            "One connection, 64 calls in flight", "rate ÷ the better floor of the same round; more is better", groups, 1)
    for name, index, title in (("curve_one.svg", 1, "Latency, one call in flight"),
                               ("curve_many.svg", 2, "Latency, one connection, 64 calls in flight")):
        lines = [(_plain(row[0]), [median_of(same, lambda r: r[row[index]]["latency_ns"][p] / 1e3) for p in PERCENTILES])
                 for row in rows if row[index]]
        lines = [(label, values) for label, values in lines if None not in values and all(values)]
        if lines:
            drawn[name] = pictures.curves(title, "both sides on one processor; medians over rounds", PERCENTILES, lines)
    return drawn


def _plain(name):
    return {"Dialtone": "dialtone", "raw ping-pong, 60 bytes": "raw ping-pong", "raw epoll, framed, batched": "raw epoll",
            "the same + Protobuf: the floor": "the floor", "the floor, at most 16 frames a write": "floor, 16 a write"
            }.get(name, name)


def markdown(machine, cases, rounds, idle, figures, counted, left_out):
    missed = sum(figure.met is False for figure in figures)
    parts = [f"Measured on {machine_line(machine)} {undisturbed(rounds)}", "### Who does what", overview(cases, rounds, idle),
             "### The targets", f"{sum(figure.met is True for figure in figures)} figures met, {missed} missed.",
             verdicts(figures), "### System calls a call", syscall_table(counted)]
    if left_out:
        parts += ["### What has no figure", "\n".join(f"- {name}: {why}" for name, why in sorted(left_out.items()))]
    return "\n\n".join(parts) + "\n"


def replace_between_markers(document, text):
    """The document with `text` in place of what stood between the markers, which must be there once."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise ValueError(f"the document has not one {BEGIN} with an {END} behind it")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"
