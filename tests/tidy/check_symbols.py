#!/usr/bin/env python3
"""Checks that a library makes no system call of its own and reads no clock, by what it leaves undefined.

  check_symbols.py <library.a> [--nm nm]

This is what keeps whole systems runnable in the simulated network: above transport/ there is no other way to the
world than the network seam.
"""

import argparse
import re
import subprocess
import sys

_FORBIDDEN = re.compile(
    r"^(socket|socketpair|bind|listen|accept4?|connect|shutdown|send|sendto|sendmsg|sendmmsg|recv|recvfrom|recvmsg"
    r"|recvmmsg|read|readv|write|writev|open|openat|close|epoll_\w+|poll|ppoll|select|pselect|eventfd\w*|timerfd_\w+"
    r"|signalfd|clock_\w+|gettimeofday|time|nanosleep|usleep|sleep|syscall|fork|getaddrinfo)$"
    # std::chrono's clocks, std::this_thread's sleeps, absl::Now, absl::SleepFor.
    r"|^_ZNSt6chrono\w*_clock3nowEv$|^_ZNSt6chrono\w*3_V2\w*3nowEv$|^_ZNSt11this_thread\w*sleep"
    r"|^_ZN4absl(\w*)3NowEv$|^_ZN4absl\w*8SleepFor|^AbslInternalSleepFor"
)


def forbidden_symbols(nm_output):
    """Yields (object file, symbol) for each forbidden undefined symbol in the output of `nm -u`."""
    member = "?"
    for line in nm_output.splitlines():
        line = line.strip()
        if line.endswith(":"):
            member = line[:-1]
            continue
        match = re.match(r"^[UwvV]\s+([^\s@]+)", line)
        if match and _FORBIDDEN.match(match.group(1)):
            yield member, match.group(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("--nm", default="nm")
    arguments = parser.parse_args()
    output = subprocess.run([arguments.nm, "-u", arguments.library], capture_output=True, text=True, check=True).stdout
    if not re.search(r"^\s+U\s", output, re.MULTILINE):
        print(f"{arguments.library}: nm shows no undefined symbol at all: not a library that was built")
        return 1
    found = sorted(set(forbidden_symbols(output)))
    for member, symbol in found:
        print(f"{member}: uses {symbol}")
    print(f"{arguments.library}: {len(found)} forbidden symbols")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
