"""A server in a container takes what the container may use, not what the machine has: reactors by processors, bytes in
flight by memory."""

import os
import unittest

import built
from docker_cli import container

MIB = 1024 * 1024


def reactors(server):
    """Counted by their threads' names."""
    server.wait_listening()
    names = []
    for thread in os.listdir(f"/proc/{server.pid}/task"):
        with open(f"/proc/{server.pid}/task/{thread}/comm", encoding="utf-8") as file:
            names.append(file.read().strip())
    return sum(name.startswith("reactor") for name in names)


class Processors(unittest.TestCase):
    def test_a_quota_is_rounded_up(self):
        with container("--cpus=1") as one, container("--cpus=0.5") as half, container("--cpus=1.5") as more:
            self.assertEqual(1, reactors(one))
            self.assertEqual(1, reactors(half))
            self.assertEqual(min(2, len(os.sched_getaffinity(0))), reactors(more))

    def test_affinity_counts(self):
        first = min(os.sched_getaffinity(0))
        with container(f"--cpuset-cpus={first}") as pinned:
            self.assertEqual(1, reactors(pinned))

    def test_without_a_limit_there_is_one_for_each_processor(self):
        with container() as free:
            self.assertEqual(len(os.sched_getaffinity(0)), reactors(free))


class Memory(unittest.TestCase):
    def test_bounds_what_is_held_for_peers(self):
        """A quarter of 40 MiB is less than this message; of the machine's memory it is more."""
        message = ("echo", "big", f"--payload={14 * MIB}")
        larger = "--env=DIALTONE_MESSAGE_BYTES_MAX=64MiB"
        with container("--memory=40m", larger) as small, container(larger) as free:
            small.wait_listening()
            free.wait_listening()
            refused = built.host.call(small.address, *message, check=False)
            self.assertIn("RESOURCE_EXHAUSTED", refused.stderr)
            self.assertIn("in flight", refused.stderr)
            self.assertFalse(small.inspect(".State.OOMKilled"))
            # Nothing is wrong with the server, nor with the message where there is memory: there it is the caller that
            # takes no reply of that size.
            self.assertIn("still here", built.host.call(small.address, "echo", "still here").stdout)
            elsewhere = built.host.call(free.address, *message, check=False)
            self.assertNotIn("in flight", elsewhere.stderr)
