"""Runs cases in turn and keeps what they measured: samples[placement][case] is a list, one of each round.

A sample is what the client printed (bench/README.md), or None where a round has none.
"""

import contextlib
import time

import cases as cases_module
from processes import CaseFailed, HoldingClient, ModeMissing, run_client, serving

# A server idles when it has used no processor for so many slices in a row: what it does a while after its last call, such as
# giving memory back, is done by then. If it never idles, that shows after so many slices.
SETTLE_SLICE_SECONDS = 0.5
SETTLE_SILENT_SLICES = 4
SETTLE_SLICES_MAX = 40
IDLE_WATCH_SECONDS = 1.0
# Peers' clients hold no idle connections: theirs have calls in flight, and there are fewer of them.
PEAK_CONNECTIONS = 300
PEAK_SECONDS = 0.5


class Suite:
    def __init__(self, bench, options, placements, log, say):
        self.bench, self.options, self.placements, self.log, self.say = bench, options, placements, log, say
        self.samples = {placement.name: {} for placement in placements}
        self.failures = {}  # case: why it has no sample
        self.missing = set()  # cases whose client knows no such mode

    def run_case(self, case, placement):
        """One sample."""
        seconds = max(self.options.seconds, case.seconds_min * self.options.scale)
        warmup = max(self.options.warmup, seconds / 4, case.warmup_min)
        with serving(case.servers, placement.server, self.log) as servers:
            argv = [*case.client, "--address", servers[-1].address, "--seconds", seconds, "--warmup", warmup,
                    "--server-pid", ",".join(str(server.pid) for server in servers)]
            sample = run_client(argv, placement.client, seconds + warmup, self.log)
        if sample["errors"] and not case.may_fail:
            raise CaseFailed(f"{case.name}: calls failed: {sample['errors']}")
        if not sample["calls"] and not case.may_fail:
            raise CaseFailed(f"{case.name}: no call ended within {seconds} s")
        return sample

    def try_case(self, case, placement):
        if case.name in self.missing:
            return None
        try:
            return self.run_case(case, placement)
        except ModeMissing:
            self.missing.add(case.name)
        except CaseFailed as failure:
            self.failures[case.name] = str(failure)
            self.say(f"  {case.name} ({placement.name}): {failure}")
        return None

    def run_interleaved(self, cases):
        """Rounds over placements over cases; where each begins moves on from round to round."""
        for number in range(self.options.rounds):
            began = time.monotonic()
            for placement in rotated(self.placements, number):
                chosen = [case for case in cases if placement.name in case.placements]
                with placement.entered():
                    for case in rotated(chosen, number * max(1, len(chosen) // self.options.rounds)):
                        sample = self.try_case(case, placement)
                        self.samples[placement.name].setdefault(case.name, []).append(sample)
            self.say(f"round {number + 1} of {self.options.rounds}: {time.monotonic() - began:.0f} s")

    def run_overload(self):
        """Capacity, then twice as much is asked for; so many rounds, each with its own capacity."""
        placement = self.placements[1 % len(self.placements)]
        rounds = []
        for _ in range(max(1, self.options.rounds // 2)):
            one = {}
            for where in cases_module.OVERLOADED:
                capacity = self.try_case(cases_module.overload_capacity(self.bench, where), placement)
                if capacity is None:
                    continue
                asked = self.try_case(cases_module.overload(self.bench, where, capacity["calls_per_second"]), placement)
                if asked is not None:
                    one |= {f"capacity, {where}": capacity, f"overload, {where}": asked}
            if one:
                rounds.append(one)
        return rounds

    def run_idle(self):
        """Per contender: how long many connections take to open, and what they cost the server while they idle."""
        placement = self.placements[0]
        found = {}
        for number in range(max(1, self.options.rounds // 3)):
            for contender, server, client in rotated(list(cases_module.holders(self.bench)), number):
                try:
                    found.setdefault(contender, []).append(self._hold(server, client, placement))
                except CaseFailed as failure:
                    self.failures[f"{contender} idle"] = str(failure)
                    self.say(f"  {contender} idle: {failure}")
        return found

    def run_peers_memory(self, cases):
        """Per peer: what a connection costs its server at the peak of many that have a call in flight each."""
        placement = self.placements[0]
        found = {}
        for case in cases:
            peer = case.name.removesuffix(" 1x64")
            if case.contender in ("floor", "dialtone") or peer == case.name or case.name in self.missing:
                continue
            try:
                found[peer] = [self._peak(case, placement)]
            except CaseFailed as failure:
                self.failures[f"{peer} memory"] = str(failure)
                self.say(f"  {peer} memory: {failure}")
        return found

    def _peak(self, case, placement):
        seconds = PEAK_SECONDS
        with serving(case.servers, placement.server, self.log) as (server,):
            peaks = []
            for connections in (1, 1 + PEAK_CONNECTIONS):
                argv = [case.client[0], "--address", server.address, "--connections", connections, "--seconds", seconds]
                run_client(argv, placement.client, seconds, self.log)
                peaks.append(server.resident_bytes(peak=True))
        return {"resident_bytes_each": (peaks[1] - peaks[0]) / PEAK_CONNECTIONS, "resident_bytes_one": peaks[0]}

    def _hold(self, server_command, client_command, placement):
        with serving([server_command], placement.server, self.log) as (server,):
            argv = [*client_command, "--address", server.address]
            # A first connection brings in what a process needs once, and then goes.
            with holding(argv + ["--connections", 1], placement, self.log):
                one = server.resident_bytes()
            cpu_before = server.cpu_nanoseconds()
            with holding(argv + ["--connections", self.options.connections], placement, self.log) as client:
                cpu_opened = server.cpu_nanoseconds()
                slices = settle(server)
                settled, many = server.cpu_nanoseconds(), server.resident_bytes()
                time.sleep(IDLE_WATCH_SECONDS)
                idle = server.cpu_nanoseconds() - settled
            return {"connections": self.options.connections, "open_seconds": client.opened["seconds"],
                    "open_server_cpu_seconds": (cpu_opened - cpu_before) / 1e9, "resident_bytes_one": one,
                    "resident_bytes_each": (many - one) / self.options.connections, "idle_cpu_seconds": idle / 1e9,
                    "busy_slices": slices}


def settle(server):
    """Waits until it idles; returns after how many slices."""
    used, silent = server.cpu_nanoseconds(), 0
    for slices in range(1, SETTLE_SLICES_MAX + 1):
        time.sleep(SETTLE_SLICE_SECONDS)
        before, used = used, server.cpu_nanoseconds()
        silent = silent + 1 if used == before else 0
        if silent == SETTLE_SILENT_SLICES:
            return slices - silent
    return SETTLE_SLICES_MAX


@contextlib.contextmanager
def holding(argv, placement, log):
    client = HoldingClient([str(word) for word in argv], placement.client, log)
    try:
        yield client
    finally:
        client.stop()


def rotated(items, by):
    by %= max(1, len(items))
    return items[by:] + items[:by]
