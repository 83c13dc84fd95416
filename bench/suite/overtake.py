#!/usr/bin/env python3
"""A call of 50 bytes while two replies of 50 MiB are always under way on its connection: Dialtone's against gRPC's.

Runs both in turn, so many rounds, on all processors, and takes the median of the rounds' ratios of p99. Without gRPC
in the build it shows Dialtone's alone.

    bench/suite/overtake.py build/release [--rounds 5] [--seconds 2] [--mebibytes 50]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

from processes import serving

PAYLOAD_BYTES = 50


def _results(command, seconds):
    """What it printed: of the large replies, and of the small calls."""
    output = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True,
                            timeout=seconds + 120).stdout
    return [json.loads(line) for line in output.splitlines()]


def measure_dialtone(bench, arguments, log):
    with serving([(bench / "dialtone_server", "--large", 1)], os.sched_getaffinity(0), log) as (server,):
        return _results([bench / "dialtone_client", "--address", server.address, "--mode", "overtake", "--large", 1,
                         "--payload-bytes", PAYLOAD_BYTES, "--large-bytes", arguments.mebibytes << 20, "--seconds",
                         arguments.seconds], arguments.seconds)


def measure_grpc(bench, arguments, _):
    return _results([bench / "overtake/grpc_overtake", "--payload-bytes", PAYLOAD_BYTES, "--mebibytes",
                     arguments.mebibytes, "--seconds", arguments.seconds], arguments.seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--mebibytes", type=int, default=50)
    arguments = parser.parse_args()
    bench = arguments.build.resolve() / "bench"
    contenders = {"dialtone": measure_dialtone}
    if (bench / "overtake/grpc_overtake").exists():
        contenders["grpc"] = measure_grpc
    ratios = []
    for number in range(arguments.rounds):
        # Who is first changes from round to round.
        order = list(contenders) if number % 2 == 0 else list(contenders)[::-1]
        found = {name: contenders[name](bench, arguments, subprocess.DEVNULL) for name in order}
        for name, (large, small) in found.items():
            print(f"{name:9} p50 {small['latency_ns']['p50'] / 1e3:7.0f} us   p99 "
                  f"{small['latency_ns']['p99'] / 1e3:7.0f} us   large replies "
                  f"{large['large_bytes_per_second'] / 1e9:5.2f} GB/s", flush=True)
        if "grpc" in found:
            ratios.append(found["dialtone"][1]["latency_ns"]["p99"] / found["grpc"][1]["latency_ns"]["p99"])
    if ratios:
        print(f"median    p99 {statistics.median(ratios):.3f} of gRPC's")


if __name__ == "__main__":
    main()
