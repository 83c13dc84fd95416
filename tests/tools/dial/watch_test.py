"""dial watch: a table that is drawn in place at a terminal, as large as its window, and plain lines in a pipe."""

import json
import re
import time

import dial_process
from dial_process import dial, PATIENCE, SAMPLE_SCHEMA, ServedTest, start, Terminal

ENTER, LEAVE = "\033[?1049h\033[?25l", "\033[?25h\033[?1049l"
PROMPT_SECONDS = 5


def drawn(seen):
    """The lines of each whole table that was drawn, in order; and what stands between tables."""
    tables = re.findall(r"\033\[H(.*?)\033\[J", seen, re.DOTALL)
    return [[line.removesuffix("\033[K") for line in table.split("\r\n")] for table in tables]


class Watch(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Rows that stay: calls in flight of two methods.
        cls.hanging = [start("call", cls.server.address, f"sample.Sample/{method}", *SAMPLE_SCHEMA)
                       for method in ("HangDown", "HangBoth")]
        for process in cls.hanging:
            if process.stdout.readline() != "{}\n":
                raise AssertionError(dial_process.finish(process))

    @classmethod
    def tearDownClass(cls):
        for process in cls.hanging:
            dial_process.finish(process)
        super().tearDownClass()

    def terminal(self, *arguments, **window):
        return Terminal("watch", self.server.address, *arguments, **window)

    def test_a_table_takes_the_place_of_the_one_before(self):
        with self.terminal("--interval", "50ms") as terminal:
            seen = terminal.wait_until(lambda seen: len(drawn(seen)) >= 3, "three tables")
            self.assertTrue(seen.startswith(ENTER), repr(seen[:100]))
            for table in drawn(seen):
                self.assertRegex(table[0], rf"^{re.escape(self.server.address)}: serving, \d connections, loops")
                self.assertRegex(table[1], "^method +calls/s +errors/s +in flight +p50 +p99$")
                self.assertEqual(["sample.Sample/HangBoth", "sample.Sample/HangDown"], [row.split()[0] for row in table[2:]])
            # Nothing but tables, and each from the window's first line: nothing scrolls.
            self.assertEqual("", re.sub(r"\033\[H.*?\033\[J", "", seen[len(ENTER):seen.rindex("\033[J") + 3], flags=re.DOTALL))

    def test_it_fits_the_window_and_follows_it(self):
        with self.terminal("--interval", "50ms", rows=3, columns=30) as terminal:
            table = drawn(terminal.wait_until(drawn, "a table"))[0]
            self.assertEqual(3, len(table))
            self.assertEqual("... and 2 more lines", table[2])
            self.assertLessEqual(max(map(len, table)), 30)
            terminal.resize(40, 100)
            terminal.wait_until(lambda seen: len(drawn(seen)[-1]) == 4, "all lines")
            terminal.resize(40, 10)
            terminal.wait_until(lambda seen: max(map(len, drawn(seen)[-1])) == 10, "narrow lines")

    def test_it_is_drawn_anew_as_soon_as_the_window_changes(self):
        with self.terminal("--interval", "3s") as terminal:
            terminal.wait_until(drawn, "a table")
            began = time.monotonic()
            for columns in range(20, 40):
                terminal.resize(40, columns)
                terminal.wait_until(lambda seen: max(map(len, drawn(seen)[-1])) == columns, f"{columns} columns")
            # A table only every three seconds would have taken a minute.
            self.assertLess(time.monotonic() - began, 30)

    def test_ctrl_c_gives_the_terminal_back(self):
        with self.terminal("--interval", "1h") as terminal:
            modes = terminal.modes()
            terminal.wait_for(ENTER)
            began = time.monotonic()
            terminal.types("\x03")
            terminal.wait_for(LEAVE)
            self.assertEqual(130, terminal.process.wait(PATIENCE))
            self.assertLess(time.monotonic() - began, PROMPT_SECONDS)
            self.assertEqual(modes, terminal.modes())

    def test_the_last_table_stays_when_it_ends_by_itself(self):
        with self.terminal("--interval", "50ms", "--count", "2") as terminal:
            left = terminal.wait_for(LEAVE + self.server.address)
            self.assertEqual(0, terminal.process.wait(PATIENCE))
            self.assertEqual(2, len(drawn(left)))

    def test_an_error_is_shown_where_the_terminal_goes_on(self):
        with Terminal("watch", "127.0.0.1:1") as terminal:
            terminal.wait_for(LEAVE + "\033[31mdial: ")
            self.assertEqual(14, terminal.process.wait(PATIENCE))

    def test_plain_lines_in_a_pipe(self):
        done = self.expect(dial("watch", self.server.address, "--interval", "50ms", "--count", "2"), 0, None, "")
        self.assertNotIn("\033", done.stdout)
        tables = done.stdout.removesuffix("\n\n").split("\n\n")
        self.assertEqual(2, len(tables))
        for table in tables:
            self.assertRegex(table, r"^\S+: serving, \d connections?, loops \d+ % busy\nmethod +calls/s +errors/s")
            self.assertEqual(4, len(table.splitlines()))

    def rows(self, *arguments):
        done = dial("watch", self.server.address, "--interval", "50ms", "--count", "2", "--json", *arguments)
        tables = [json.loads(line) for line in self.expect(done, 0, None, "").stdout.splitlines()]
        self.assertEqual(2, len(tables))
        return {row["method"]: row for row in tables[1]["methods"]}

    def test_what_it_asks_itself_is_not_counted(self):
        rows = self.rows()
        self.assertEqual({"sample.Sample/HangBoth", "sample.Sample/HangDown"}, set(rows))
        self.assertEqual(1, rows["sample.Sample/HangDown"]["in_flight"])

    def test_all_counts_that_too(self):
        self.assertGreater(self.rows("--all")["dialtone.stats.v1.Stats/GetMetrics"]["calls_per_second"], 0)

    def test_ctrl_c_in_a_pipe(self):
        process = start("watch", self.server.address, "--interval", "10ms", "--json")
        process.stdout.readline()
        code, seconds = dial_process.interrupt(process)
        self.assertEqual(130, code)
        self.assertLess(seconds, PROMPT_SECONDS)
        dial_process.finish(process)


if __name__ == "__main__":
    dial_process.run_tests()
