"""The targets, and what a run says of each: a figure is the median over rounds, of ratios within a round where it is a ratio."""

import dataclasses
import statistics
from typing import Callable, Optional

import cases


class Absent(Exception):
    """A round lacks a sample that a figure needs."""


class Round:
    """The samples of one round in one placement, by case."""

    def __init__(self, samples):
        self._samples = samples

    def __getitem__(self, case):
        sample = self._samples.get(case)
        if sample is None:
            raise Absent(case)
        return sample

    def rate(self, case):
        return self[case]["calls_per_second"]

    def best_floor_case(self, shape):
        return max((f"floor {shape}", f"floor, 16 a write {shape}"), key=self.rate)

    def best_floor(self, shape):
        return self.rate(self.best_floor_case(shape))

    def p50(self, case):
        return self[case]["latency_ns"]["p50"]

    def p99(self, case):
        return self[case]["latency_ns"]["p99"]

    def server_us(self, case):
        return self[case]["server_cpu_seconds"] * 1e6 / self[case]["calls"]

    def client_us(self, case):
        return self[case]["client_cpu_seconds"] * 1e6 / self[case]["calls"]

    def us(self, case):
        return self.server_us(case) + self.client_us(case)


@dataclasses.dataclass(frozen=True)
class Target:
    """`of` gives a round's value, `floor` what the floor itself comes to, where that is not the ratio's other half. `where`
    names a placement, or another of the groups that all_figures() is given."""

    number: int
    name: str
    where: str
    at: str  # "most" or "least"
    bound: float
    of: Callable
    unit: str = "x"
    floor: Optional[Callable] = None


def _throughput():
    for shape, _ in cases.SHAPES:
        dialtone = f"dialtone {shape}"
        yield Target(2, f"rate of {shape} ÷ floor", "same", "least", 0.8,
                     lambda r, d=dialtone, s=shape: r.rate(d) / r.rate(f"floor {s}"))
        for where in ("cross", "hot"):
            yield Target(2, f"rate of {shape} ÷ better floor", where, "least", 0.9,
                         lambda r, d=dialtone, s=shape: r.rate(d) / r.best_floor(s))
        for where, bound in (("same", 0.35), ("cross", 0.75), ("hot", 0.75)):
            yield Target(2, f"server's CPU a call, {shape}", where, "most", bound,
                         lambda r, d=dialtone: r.server_us(d), "µs", lambda r, s=shape: r.server_us(r.best_floor_case(s)))
            yield Target(2, f"client's CPU a call, {shape}", where, "most", bound,
                         lambda r, d=dialtone: r.client_us(d), "µs", lambda r, s=shape: r.client_us(r.best_floor_case(s)))
    yield Target(2, "rate of coroutine handlers ÷ plain ones, 1x64", "same", "least", 0.97,
                 lambda r: r.rate("dialtone 1x64 coroutine") / r.rate("dialtone 1x64"))


def _threads(count):
    return lambda r: (r.rate(f"dialtone {count} threads, one channel") /
                      r.rate(f"dialtone {count} threads, a channel each"))


def _floor_to_pingpong(r):
    return r.p50("floor 1") / r.p50("pingpong")


TARGETS = (
    Target(1, "blocking call ÷ raw ping-pong, p50", "same", "most", 1.15,
           lambda r: r.p50("dialtone blocking") / r.p50("pingpong"), floor=_floor_to_pingpong),
    Target(1, "the same, as any thread may cancel it", "same", "most", 1.20,
           lambda r: r.p50("dialtone blocking") / r.p50("pingpong"), floor=_floor_to_pingpong),
    Target(1, "blocking call ÷ raw ping-pong, p99", "same", "most", 1.25,
           lambda r: r.p99("dialtone blocking") / r.p99("pingpong"),
           floor=lambda r: r.p99("floor 1") / r.p99("pingpong")),
    Target(1, "blocking call ÷ floor, p50", "hot", "most", 1.10,
           lambda r: r.p50("dialtone blocking") / r.p50("floor 1")),
    *_throughput(),
    Target(3, "rate of 16 blocking threads: one channel ÷ a channel each", "same", "least", 1.5, _threads(16)),
    Target(3, "rate of 2 blocking threads: one channel ÷ a channel each", "same", "least", 0.9, _threads(2)),
    Target(4, "chain of three ÷ its two hops, p50", "same", "most", 1.15,
           lambda r: r.p50("dialtone chain") / (r.p50("dialtone blocking") + r.p50("dialtone 1")),
           floor=lambda r: r.p50("floor chain") / (2 * r.p50("floor 1"))),
    *(target for how, name in (("in the message", ""), ("as an attachment", " attached")) for target in (
        *(Target(5, f"rate of 1 MiB {how}, 8 in flight ÷ raw epoll", where, "least", 0.75,
                 lambda r, name=name: r.rate(f"dialtone 1 MiB{name}") / r.rate("epoll 1 MiB"))
          for where in ("same", "cross")),
        *(Target(5, f"64 MiB {how}, there and back ÷ raw, p50", where, "most", 1.3,
                 lambda r, name=name: r.p50(f"dialtone 64 MiB{name}") / r.p50("pingpong 64 MiB"))
          for where in ("same", "cross")))),
    *(Target(6, "messages of a stream one way ÷ calls of 1x64, rate", where, "least", 1.2,
             lambda r: r.rate("dialtone stream") / r.rate("dialtone 1x64")) for where in cases.ALL),
    Target(6, "ping-pong on a stream ÷ blocking call, p50", "same", "most", 1.0,
           lambda r: r.p50("dialtone stream ping-pong") / r.p50("dialtone blocking")),
    Target(7, "server's memory an idle connection", "idle", "most", 0.3,
           lambda r: r["dialtone"]["resident_bytes_each"] / 1024, "KiB",
           lambda r: r["floor"]["resident_bytes_each"] / 1024),
    Target(7, "server's memory with one connection", "idle", "most", 7,
           lambda r: r["dialtone"]["resident_bytes_one"] / 2**20, "MiB",
           lambda r: r["floor"]["resident_bytes_one"] / 2**20),
    Target(7, "server's CPU in a second while all idle", "idle", "most", 0,
           lambda r: r["dialtone"]["idle_cpu_seconds"] * 1e3, "ms", lambda r: r["floor"]["idle_cpu_seconds"] * 1e3),
    Target(7, "opening many connections ÷ raw accept", "idle", "most", 2,
           lambda r: r["dialtone"]["open_seconds"] / r["floor"]["open_seconds"]),
    Target(9, "server's CPU a call, two reactors ÷ one, 8x16", "same", "most", 1.1,
           lambda r: r.server_us("dialtone 8x16 two reactors") / r.server_us("dialtone 8x16")),
    Target(9, "CPU a call with metrics ÷ without, both sides, 1x64", "same", "most", 1.03,
           lambda r: r.us("dialtone 1x64") / r.us("dialtone 1x64 without metrics")),
    Target(9, "CPU a call with observers ÷ without, both sides, 1x64", "same", "most", 1.03,
           lambda r: r.us("dialtone 1x64 observed") / r.us("dialtone 1x64")),
    Target(10, "hello server ÷ bare Protobuf + Abseil, more bytes", "hello", "most", 1,
           lambda r: r["size"]["extra_bytes"] / 1e6, "MB"),
    Target(10, "compiling and linking a hello server", "hello", "most", 5,
           lambda r: r["compile"]["seconds"], "s"),
    *(target for on in cases.OVERLOADED for target in (
        Target(11, f"goodput at twice the capacity ÷ capacity, handlers on a {on}", "overload", "least", 0.9,
               lambda r, on=on: r.rate(f"overload, {on}") / r.rate(f"capacity, {on}")),
        Target(11, f"p99 of the calls served ÷ their deadline, on a {on}", "overload", "most", 1,
               lambda r, on=on: r.p99(f"overload, {on}") / (cases.DEADLINE_MS * 1e6)))),
)

# What no timing shows, and what does.
ELSEWHERE = {8: "tests count `malloc` and `new` of warm unary calls on both sides"}


@dataclasses.dataclass
class Figure:
    target: int
    name: str
    where: str
    at: str
    bound: float
    unit: str
    value: Optional[float]
    low: Optional[float]
    high: Optional[float]
    rounds: int
    met: Optional[bool]
    floor: Optional[float]


def figure(target, rounds):
    """Of the rounds that have all that it needs; without a value where none has."""
    values = values_of(rounds, target.of)
    value = statistics.median(values) if values else None
    met = None
    if value is not None:
        met = value <= target.bound if target.at == "most" else value >= target.bound
    return Figure(target.number, target.name, target.where, target.at, target.bound, target.unit, value,
                  min(values, default=None), max(values, default=None), len(values), met,
                  median_of(rounds, target.floor) if target.floor else None)


def rounds_of(samples):
    """{case: [sample of each round]} as a list of Rounds."""
    count = max((len(of_case) for of_case in samples.values()), default=0)
    return [Round({case: of_case[i] for case, of_case in samples.items() if i < len(of_case)}) for i in range(count)]


def all_figures(groups):
    """`groups`: where → rounds, for the placements, "idle", "hello" and "overload"."""
    return [figure(target, groups.get(target.where, ())) for target in TARGETS]


def values_of(rounds, of):
    """Of each round that has what it takes."""
    values = []
    for one in rounds:
        try:
            values.append(of(one))
        except (Absent, ZeroDivisionError):
            pass
    return values


def median_of(rounds, of):
    """The median over the rounds that have it, or None."""
    values = values_of(rounds, of)
    return statistics.median(values) if values else None
