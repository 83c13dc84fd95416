#!/usr/bin/env python3
"""The p99 of a 50-byte call while 50 MiB replies are under way on its connection: Dialtone's against gRPC's.

Runs both programs in turn, so many rounds, and takes the median of the rounds' ratios.

    bench/overtake.py build/release [--rounds 5] [--calls 3000] [--mebibytes 50]
"""

import argparse
import pathlib
import re
import statistics
import subprocess

LATENCY = re.compile(r"while large replies pass\s+p50\s+(\d+) us\s+p99\s+(\d+) us")
RATE = re.compile(r"([\d.]+) GB/s")


def measure(command):
    """(p50, p99) in microseconds and the large replies' GB/s."""
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    p50, p99 = map(int, LATENCY.search(output).groups())
    return p50, p99, float(RATE.findall(output)[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--mebibytes", type=int, default=50)
    arguments = parser.parse_args()
    load = [str(arguments.mebibytes), str(arguments.calls)]
    commands = {
        "dialtone": [arguments.build / "bench/large_messages", "overtake", *load],
        "grpc": [arguments.build / "bench/grpc_large_messages", *load],
    }
    if not commands["grpc"][0].exists():
        parser.error("no grpc_large_messages there: install libgrpc++-dev and protobuf-compiler-grpc, then build")
    ratios = []
    for round_number in range(arguments.rounds):
        # Who is first changes from round to round.
        order = list(commands) if round_number % 2 == 0 else list(commands)[::-1]
        found = {name: measure(commands[name]) for name in order}
        ratios.append(found["dialtone"][1] / found["grpc"][1])
        for name, (p50, p99, rate) in found.items():
            print(f"{name:9} p50 {p50:7} us   p99 {p99:7} us   large replies {rate:5.2f} GB/s")
        print(f"          p99 {ratios[-1]:.3f} of gRPC's", flush=True)
    print(f"median    p99 {statistics.median(ratios):.3f} of gRPC's")


if __name__ == "__main__":
    main()
