"""docker/compose.yaml for real: servers behind one name, killed, paused, scaled and rolled over under steady calls.

Every call has an id of its own, and servers write down each id that they run: so a call that ran twice is seen, whichever
servers ran it and however they ended.
"""

import datetime
import time
import unittest

import built
from docker_cli import docker, said, wait_for
from fleet import Fleet, restart

AT_ONCE = 1.0    # seconds; what the engine needs to pass a signal on included
UNAVAILABLE = 14


def ids(first, count):
    return range(first, first + count)


def seconds_of(stamp):
    """Docker's "2026-01-31T12:00:00.123456789Z", or with an offset."""
    head, _, rest = stamp.partition(".")
    zone = "+00:00" if rest.endswith("Z") else rest[-6:]
    return datetime.datetime.fromisoformat(head + "." + rest[:6] + zone).timestamp()


class Compose(unittest.TestCase):
    """The tests go in the order of their names, on one project."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(built.folder)
        cls.addClassCleanup(cls.fleet.down)
        cls.fleet.up()

    def expect_each_once(self, first, count, failed=()):
        executed = self.fleet.executed()
        maybe = {call.id for call in failed}
        wrong = {id_: executed[id_] for id_ in ids(first, count)
                 if executed[id_] > 1 or (executed[id_] == 0 and id_ not in maybe)}
        self.assertEqual({}, dict(list(wrong.items())[:10]), f"{len(wrong)} of {count} ids were not run exactly once")

    def test_1_one_command_brings_up_servers_and_then_their_caller(self):
        servers = self.fleet.servers()
        self.assertEqual(2, len(servers))
        (caller,) = self.fleet.ids("caller")
        started = seconds_of(said("inspect", "--format", "{{.State.StartedAt}}", caller))
        for server in servers:
            self.assertEqual("healthy", server.health())
            first = next(check for check in server.inspect(".State.Health.Log") if check["ExitCode"] == 0)
            self.assertLess(seconds_of(first["End"]), started, "the caller started before its servers were healthy")
        addresses = {server.address for server in servers}
        log = wait_for("both answer the caller", lambda: (lambda text: text if all(
            address in text for address in addresses) else None)(said("logs", caller)))
        self.assertNotIn("failed id=", log)

    def test_2_calls_come_from_the_host_and_from_other_containers(self):
        for index, server in enumerate(self.fleet.servers(), 1):
            published = self.fleet.compose("port", f"--index={index}", "echo", "7000").stdout.strip()
            self.assertRegex(published, r"^127\.0\.0\.1:70\d\d$")
            for address in (published, server.address):
                self.assertIn("hello", built.host.call(address, "echo", "hello").stdout)
        for target in ("echo:7000", "dns:///echo:7000"):
            self.assertEqual(20, self.fleet.client(target, "echo", "hello", "--count=20").stdout.count("hello"))
        missing = docker("run", "--rm", "--network", self.fleet.network, "dialtone/echo-client", "dns:///nobody:7000",
                         "echo", "hello", check=False)
        self.assertEqual(UNAVAILABLE, missing.returncode, missing.stderr)
        self.assertIn("resolve nobody", missing.stderr)

    def test_3_a_killed_servers_calls_end_at_once_and_all_others_succeed(self):
        first = 1_000_000_000
        victim, other = self.fleet.servers()
        with self.fleet.caller("--rate=500", "--count=4000", "--timeout=5s", f"--first-id={first}") as caller:
            caller.wait_for_answers_of([victim, other])
            with built.host.begin(victim.address, "sleep", "60s", "--timeout=90s") as one, \
                    built.host.begin(victim.address, "sleep", "60s", "--timeout=90s") as two:
                wait_for("both calls have begun", lambda: victim.connections(victim.gateway()) >= 2)
                before = time.time()
                docker("kill", "--signal=KILL", victim.name)
                codes = [call.wait(5) for call in (one, two)]
                at_once = time.time() - before
            calls, _, failed = caller.finish()
        self.assertEqual([UNAVAILABLE, UNAVAILABLE], codes)
        self.assertLess(at_once, AT_ONCE)
        for call in failed:
            self.assertEqual("UNAVAILABLE", call.code, call)
            self.assertLess(call.began + call.took, before + AT_ONCE, call)
        self.assertLess(len(failed), 20)
        self.expect_each_once(first, calls, failed)
        print(f"killed: calls under way ended {1000 * at_once:.0f} ms after the kill was asked for; "
              f"{len(failed)} of {calls} steady calls failed")
        docker("start", victim.name)
        victim.wait_healthy()

    def test_4_a_paused_servers_calls_meet_their_deadline_and_move_over(self):
        first, timeout = 2_000_000_000, 0.5
        victim, other = self.fleet.servers()
        with self.fleet.caller("--rate=200", "--count=20000", f"--timeout={timeout}s", f"--first-id={first}") as caller:
            caller.wait_for_answers_of([victim, other])
            docker("pause", victim.name)
            self.assertTrue(victim.inspect(".State.Paused"))
            paused = time.time()
            wait_for("the calls have moved over", lambda: victim.address not in caller.lines()[-1] and
                     time.time() > paused + 4, 20)
            docker("unpause", victim.name)
            unpaused = time.time()
            caller.wait_for_answers_of([victim, other], 60)
            calls, _, failed = caller.stop()
        for call in failed:
            self.assertEqual("DEADLINE_EXCEEDED", call.code, call)
            self.assertLess(call.took, timeout + 0.3, call)
            self.assertLess(call.began, unpaused, call)
        # At first those that it had been given; then one at a time, to see whether it is back.
        late = [call for call in failed if call.began > paused + 2 * timeout]
        self.assertLess(len(failed), 50)
        self.assertLess(len(late), 6)
        self.expect_each_once(first, calls, failed)
        print(f"paused for {unpaused - paused:.1f} s: {len(failed)} of {calls} calls met their deadline, {len(late)} of "
              f"them later than {2 * timeout:.0f} s after the pause")

    def test_5_callers_find_new_servers(self):
        first = 3_000_000_000
        with self.fleet.caller("--rate=200", "--count=20000", f"--first-id={first}") as caller:
            caller.wait_for_answers_of(self.fleet.servers())
            begin = time.monotonic()
            self.fleet.up("--scale", "echo=4", "echo")
            servers = self.fleet.servers()
            self.assertEqual(4, len(servers))
            caller.wait_for_answers_of(servers)
            took = time.monotonic() - begin
            calls, answered, failed = caller.stop()
        self.assertEqual([], failed)
        self.assertEqual(4, len(answered))
        self.expect_each_once(first, calls)
        print(f"scaled from two to four: all four answer {took:.1f} s after the command")
        self.fleet.wait_healthy()

    def test_6_rolling_over_all_servers_fails_no_call_and_runs_each_once(self):
        first, rate = 4_000_000_000, 1000
        with self.fleet.caller(f"--rate={rate}", "--count=120000", "--timeout=5s", f"--first-id={first}") as caller:
            servers = self.fleet.servers()
            caller.wait_for_answers_of(servers)
            begin = time.monotonic()
            drains = [self.restart_in_place(server) for server in servers[:2]]
            drains += [self.replace(server) for server in servers[2:]]
            rolled = time.monotonic() - begin
            caller.wait_for_answers_of(self.fleet.servers())
            calls, answered, failed = caller.stop()
        self.assertEqual([], failed[:5])
        self.expect_each_once(first, calls)
        self.assertGreater(calls, rate * rolled * 0.8)
        print(f"rolled over 4 servers in {rolled:.1f} s, each {max(drains):.2f} s at most on its way out, under {rate} "
              f"calls a second: {calls} calls, 0 failed, each run once, answered by {len(answered)} addresses")

    def restart_in_place(self, server):
        took = restart(server)
        docker("start", server.name)
        server.wait_healthy()
        return took

    def replace(self, server):
        """As an update does: a new container, whose address callers have to find."""
        took = restart(server)
        docker("rm", server.name)
        self.fleet.up("--scale", "echo=4", "echo")
        self.fleet.wait_healthy()
        return took

    def test_7_it_leaves_nothing(self):
        self.fleet.down()
        self.assertEqual([], self.fleet.ids())
        networks = said("network", "ls", "--quiet", "--filter", f"label=com.docker.compose.project={self.fleet.project}")
        self.assertEqual("", networks)
