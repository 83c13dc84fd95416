#!/usr/bin/env python3
"""Runs the suite for a few seconds without peers and looks for every figure in its JSON. What the figures say is not judged."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
# A build anew has no place in a test.
NOT_HERE = {"compiling and linking a hello server"}
PLACES = ("same", "cross", "hot")


class SmokeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        suite = [sys.executable, "-B", ROOT / "bench/suite/bench.py", BUILD, "--no-peers"]
        with tempfile.TemporaryDirectory() as out:
            ran = subprocess.run([*suite, "--smoke", "--out", out], capture_output=True, text=True, timeout=270, check=False)
            cls.said = f"{ran.stdout}\n{ran.stderr}\n{(pathlib.Path(out) / 'programs.log').read_text()}"
            cls.code = ran.returncode
            cls.results = json.loads((pathlib.Path(out) / "results.json").read_text())
            again = subprocess.run([*suite, "--again", f"{out}/results.json", "--out", f"{out}/again"], capture_output=True,
                                   text=True, timeout=60, check=False)
            cls.tables, cls.tables_again = ran.stdout, again.stdout
            cls.pictures = sorted(path.name for path in pathlib.Path(out).glob("*.svg"))
        cls.places = [place for place in PLACES if place in cls.results["samples"]]

    def test_it_ends_well_and_nothing_was_left_out(self):
        self.assertEqual(self.code, 0, self.said)
        self.assertEqual(self.results["left_out"], {}, self.said)

    def test_every_figure_has_a_value(self):
        self.assertGreater(len(self.results["figures"]), 40)
        for figure in self.results["figures"]:
            if figure["name"] in NOT_HERE or figure["where"] in PLACES and figure["where"] not in self.places:
                continue
            self.assertIsNotNone(figure["value"], f"{figure}\n{self.said}")

    def test_figures_are_there_for_each_target_that_is_measured(self):
        self.assertEqual({figure["target"] for figure in self.results["figures"]}, set(range(1, 12)) - {8})

    def test_every_sample_has_calls_and_both_sides_processors(self):
        for place in self.places:
            for case, samples in self.results["samples"][place].items():
                self.assertEqual(len(samples), 1, case)
                self.assertGreater(samples[0]["calls"], 0, case)
                for side in ("client", "server"):
                    # On a busy machine one of them may not have run within so short a window.
                    self.assertGreaterEqual(samples[0][f"{side}_cpu_seconds"], 0, case)

    def test_the_machine_is_named(self):
        for name in ("processor", "kernel", "compiler"):
            self.assertTrue(self.results["machine"][name], name)
        self.assertIn("Protobuf", self.results["machine"]["versions"])

    def test_what_was_measured_can_be_told_again(self):
        self.assertIn("### The targets", self.tables)
        self.assertEqual(self.tables_again, self.tables)

    def test_pictures_are_drawn(self):
        self.assertEqual(self.pictures, ["curve_many.svg", "curve_one.svg", "latency.svg", "throughput.svg"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
