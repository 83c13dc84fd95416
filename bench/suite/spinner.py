#!/usr/bin/env python3
"""Spins on a processor with the lowest priority, so that it does not halt, until whoever started this is gone."""

import os
import sys

TURNS = 100_000


def main():
    os.sched_setaffinity(0, {int(sys.argv[1])})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    parent = os.getppid()
    while os.getppid() == parent:
        for _ in range(TURNS):
            pass


if __name__ == "__main__":
    main()
