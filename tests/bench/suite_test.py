#!/usr/bin/env python3
"""The suite's own arithmetic, tables, pictures and documents, over samples that are made up."""

import dataclasses
import pathlib
import resource
import sys
import unittest
import xml.dom.minidom

ROOT = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(ROOT / "bench/suite"))

import bench  # noqa: E402  (found by the path above)
import cases  # noqa: E402  (found by the path above)
import figures  # noqa: E402
import measure  # noqa: E402
import pictures  # noqa: E402
import report  # noqa: E402


def sample(rate=1000.0, p50=10_000, p99=20_000, server=0.2, client=0.3):
    return {"calls": int(rate), "calls_per_second": rate, "seconds": 1.0, "server_cpu_seconds": server,
            "client_cpu_seconds": client,
            "latency_ns": {"p50": p50, "p90": p50, "p99": p99, "p99.9": p99, "p99.99": p99, "max": p99}}


def target(of, at="most", bound=1.0):
    return figures.Target(1, "made up", "same", at, bound, of)


class FigureTest(unittest.TestCase):
    def test_is_the_median_of_the_rounds_ratios(self):
        rounds = figures.rounds_of({"a": [sample(10), sample(30), sample(100)], "b": [sample(10), sample(10), sample(10)]})
        found = figures.figure(target(lambda r: r.rate("a") / r.rate("b"), "least", 3), rounds)
        self.assertEqual((found.value, found.low, found.high, found.rounds, found.met), (3, 1, 10, 3, True))

    def test_ratios_are_taken_within_a_round(self):
        # The machine is ten times slower in the second round: the ratio does not notice.
        rounds = figures.rounds_of({"a": [sample(80), sample(8)], "b": [sample(100), sample(10)]})
        found = figures.figure(target(lambda r: r.rate("a") / r.rate("b"), "least", 0.8), rounds)
        self.assertEqual((found.low, found.high, found.met), (0.8, 0.8, True))

    def test_a_round_that_lacks_a_sample_is_left_out(self):
        rounds = figures.rounds_of({"a": [sample(10), None, sample(20)], "b": [sample(10), sample(10)]})
        found = figures.figure(target(lambda r: r.rate("a") / r.rate("b")), rounds)
        self.assertEqual((found.value, found.rounds), (1, 1))

    def test_without_samples_there_is_no_value_and_no_verdict(self):
        found = figures.figure(target(lambda r: r.rate("a")), figures.rounds_of({}))
        self.assertIsNone(found.value)
        self.assertIsNone(found.met)

    def test_bounds_hold_in_their_direction(self):
        rounds = figures.rounds_of({"a": [sample(1)]})
        for at, bound, met in (("most", 1, True), ("most", 0.99, False), ("least", 1, True), ("least", 1.01, False)):
            self.assertIs(figures.figure(target(lambda r: r.rate("a"), at, bound), rounds).met, met)

    def test_the_better_floor_is_that_of_the_same_round(self):
        rounds = figures.rounds_of({"floor 1x64": [sample(5), sample(50)],
                                    "floor, 16 a write 1x64": [sample(7), sample(20)]})
        self.assertEqual([one.best_floor("1x64") for one in rounds], [7, 50])

    def test_every_target_names_cases_that_are_run_where_it_looks(self):
        bench = pathlib.Path("bench")
        for where in ("same", "cross", "hot"):
            there = {case.name: [sample()] for case in cases.interleaved(bench) if where in case.placements}
            rounds = figures.rounds_of(there)
            for one in figures.TARGETS:
                if one.where == where:
                    self.assertIsNotNone(figures.figure(one, rounds).value, (one.name, where))


class PlanTest(unittest.TestCase):
    def test_no_more_connections_than_descriptors(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
            few = bench.with_descriptors(dataclasses.replace(bench.FULL, connections=500))
            self.assertEqual(few.connections, 500)
            self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (500 + bench.DESCRIPTORS_BESIDE, hard))
            if hard != resource.RLIM_INFINITY:
                most = bench.with_descriptors(dataclasses.replace(bench.FULL, connections=hard + 1))
                self.assertEqual(most.connections, hard - bench.DESCRIPTORS_BESIDE)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def test_cases_have_names_of_their_own(self):
        names = [case.name for case in cases.interleaved(pathlib.Path("bench"))]
        self.assertEqual(len(names), len(set(names)))

    def test_order_moves_on_from_round_to_round(self):
        self.assertEqual(measure.rotated([1, 2, 3], 1), [2, 3, 1])
        self.assertEqual(measure.rotated([1, 2, 3], 5), [3, 1, 2])
        self.assertEqual(measure.rotated([], 2), [])


class ReportTest(unittest.TestCase):
    def rounds(self):
        there = {case.name: [sample(), sample(2000)] for case in cases.interleaved(pathlib.Path("bench"))}
        return {where: figures.rounds_of(there) for where in ("same", "cross", "hot")}

    def test_tables_are_aligned(self):
        lines = report.table(("name", "value"), [("a", 1), ("longer", None)]).splitlines()
        self.assertEqual(lines, ["| name   | value |", "| ------ | ----: |", "| a      |     1 |", "| longer |       |"])

    def test_what_is_missed_stands_out(self):
        rounds = figures.rounds_of({"a": [sample(1)]})
        text = report.verdicts([figures.figure(target(lambda r: r.rate("a"), "most", 0.5), rounds),
                                figures.figure(target(lambda r: r.rate("b")), rounds)])
        self.assertIn("**missed**", text)
        self.assertIn("not measured", text)

    def test_every_row_has_its_figures(self):
        text = report.overview(cases.interleaved(pathlib.Path("bench")), self.rounds(), [])
        dialtone = next(line for line in text.splitlines() if "Dialtone" in line)
        self.assertIn("150 + 225", dialtone)

    def test_system_calls_stand_by_contender_and_shape(self):
        counts = [{"contender": "dialtone", "placement": "same", "shape": shape, "server": 3.0, "client": share, "calls": 9}
                  for shape, share in (("1", 2.0), ("1x64", 0.047))]
        text = report.syscall_table({"counter": "perf", "counts": counts})
        self.assertIn("| dialtone        | same  | 3.00 + 2.00 |    3.00 + 0.05 |", text)
        self.assertIn("not counted", report.syscall_table({"counter": None, "counts": []}))

    def test_a_machine_that_does_something_else_is_told_of(self):
        for server, warns in ((0.69, False), (0.4, True)):
            rounds = {"same": figures.rounds_of({"floor 1x64": [sample(server=server)]})}
            self.assertEqual("rough" in report.undisturbed(rounds), warns)
        self.assertEqual(report.undisturbed({}), "")

    def test_pictures_are_well_formed(self):
        drawn = report.draw(cases.interleaved(pathlib.Path("bench")), self.rounds())
        self.assertEqual(len(drawn), 4)
        for picture in drawn.values():
            xml.dom.minidom.parseString(picture)
            self.assertIn("dialtone", picture)

    def test_names_in_pictures_are_escaped(self):
        xml.dom.minidom.parseString(pictures.bars("a < b", "c & d", [("e", [("<f>", 1.0)])], 1))

    def test_only_what_stands_between_the_markers_is_replaced(self):
        document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        self.assertEqual(report.replace_between_markers(document, "new\n"),
                         f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n")
        with self.assertRaises(ValueError):
            report.replace_between_markers("no markers", "new")

    def test_the_document_has_its_markers_and_names_every_picture(self):
        document = (ROOT / "docs/performance.md").read_text()
        report.replace_between_markers(document, "")
        for name in report.draw(cases.interleaved(pathlib.Path("bench")), self.rounds()):
            self.assertIn(f"performance/{name}", document)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
