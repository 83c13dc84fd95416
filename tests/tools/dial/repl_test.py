"""dial repl at a terminal: its history, Tab, Ctrl-C and Ctrl-D, and servers that come and go."""

import json
import os
import re
import signal
import stat
import tempfile
import termios
import time
import unittest

import dial_process
from dial_process import dial, PATIENCE, Pty, ServedTest, Server, Terminal

ESCAPES = re.compile(r"\x1b\[[?0-9;]*[a-zA-Z]|\x1b[=>]|[\r\x07\x08]")
EDITS = os.environ.get("DIAL_EDITS") == "1"
PROMPT_SECONDS = 5
UP, TAB, CTRL_C, CTRL_D = "\x1b[A", "\t", "\x03", "\x04"


class Repl(Terminal):
    """One at a terminal, whose history is in a folder. Wide: no line is wrapped."""

    def __init__(self, address, state, *arguments):
        super().__init__("repl", address, "--color", "never", *arguments, columns=300, hidden=ESCAPES, XDG_STATE_HOME=state)
        self.prompt = f"{address}> "
        self.wait_for(self.prompt)

    def wait_for(self, text):
        """The same, of what has been shown since the last time."""
        seen = super().wait_for(text)
        self.bytes = ""
        return seen

    def does(self, line):
        """Types a line; returns what comes of it, up to the next prompt."""
        self.types(line + "\n")
        return self.wait_for("\n" + self.prompt)

    def begins(self, line):
        """Types a line that begins a stream, and waits until its messages can be typed: until the terminal edits lines again."""
        self.types(line + "\n")
        self.wait_for(line + "\n")
        until = time.monotonic() + PATIENCE
        while not self.modes()[3] & termios.ICANON:
            if time.monotonic() > until:
                raise AssertionError("the terminal is not given back")


class ReplTest(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = folder.name

    def repl(self, *arguments):
        return Repl(self.server.address, self.state, *arguments)


class AtATerminal(ReplTest):
    def test_it_says_where_it_is(self):
        with Terminal("repl", self.server.address, XDG_STATE_HOME=self.state) as terminal:
            terminal.wait_for(f"{self.server.address}: 14 methods. Tab completes, help teaches, Ctrl-D leaves.\r\n"
                              f"{self.server.address}> ")

    def test_calls_of_all_kinds(self):
        with self.repl() as repl:
            self.assertIn('"text": "a"', repl.does('sample.Sample/MirrorNode {"text": "a"}'))
            self.assertIn('"text": "b"', repl.does('call MirrorNode {"text": "b"}'))
            repl.types("HangDown --timeout 100ms\n")
            self.assertIn("DEADLINE_EXCEEDED", repl.wait_for("\n" + repl.prompt))
            self.assertIn("SERVING", repl.does("health"))
            self.assertIn("rpc Deep(.sample.DeepRequest) returns (.sample.Node);", repl.does("describe Deep"))
            self.assertIn('"levels": 0', repl.does("template Deep"))
            self.assertIn("sample.Sample\n", repl.does("list"))

    def test_json_over_several_lines(self):
        with self.repl() as repl:
            repl.types('MirrorNode {"text": "a",\n')
            repl.wait_for("\n... ")
            repl.types('"next": {"text": "b"}\n')
            repl.wait_for("\n... ")
            self.assertIn('"text": "b"', repl.does("}"))

    def test_the_last_reply_in_the_next_request(self):
        with self.repl() as repl:
            self.assertIn("none yet", repl.does("MirrorNode $"))
            repl.does('MirrorNode {"next": {"text": "deep"}}')
            self.assertIn('\n  "text": "deep"\n}', repl.does('MirrorNode {"text": $.next.text}'))
            self.assertIn('"next": {\n    "text": "deep"', repl.does('MirrorNode {"next": $}'))
            self.assertIn('\n"deep"\n', repl.does("last $.next.text"))
            self.assertIn("did you mean text?", repl.does("last $.next.txt"))
            file = os.path.join(self.state, "saved.json")
            repl.does("save " + file)
            with open(file, encoding="utf-8") as saved:
                self.assertEqual({"next": {"text": "deep"}}, json.load(saved))

    def test_errors_do_not_end_it(self):
        with self.repl() as repl:
            self.assertIn("there is no command and no method MirorNode; did you mean sample.Sample/MirrorNode?",
                          repl.does("MirorNode {}"))
            self.assertIn("sample.Sample has no method Mirrr; did you mean Mirror?", repl.does("sample.Sample/Mirrr {}"))
            self.assertIn("sample.Node has no field txet; did you mean text?", repl.does('MirrorNode {"txet": 1}'))
            self.assertIn("a line begins with a method or a command", repl.does("{}"))
            self.assertIn("did you mean template?", repl.does("tempate Deep"))
            self.assertIn("are for the whole repl", repl.does("list --proto x.proto"))
            self.assertIn("dial: ", repl.does("call MirrorNode --nonsense"))
            self.assertIn("{}", repl.does("MirrorNode {}"))

    def test_settings_hold_for_the_lines_that_follow(self):
        with self.repl("-H", "from-the-line: yes") as repl:
            repl.does("set timeout 50ms")
            repl.does("set metadata token='a b'")
            shown = repl.does("show")
            for line in ("timeout   50ms\n", "metadata  from-the-line: yes\n", "metadata  token: a b\n"):
                self.assertIn(line, shown)
            self.assertIn("DEADLINE_EXCEEDED", repl.does("Hang"))
            self.assertIn("there is no setting timeuot; did you mean timeout?", repl.does("set timeuot 1s"))
            repl.does("unset metadata token")
            self.assertNotIn("token", repl.does("show"))
            repl.does("set json on")
            self.assertIn('\n{"text":"a"}\n', repl.does('MirrorNode {"text": "a"}'))

    def test_help_teaches(self):
        with self.repl() as repl:
            self.assertIn("$ is the last reply", repl.does("help"))
            self.assertIn("set timeout 2s", repl.does("help set"))
            self.assertIn("--watch", repl.does("health --help"))
            self.assertIn("did you mean save?", repl.does("help sav"))

    def wait_for_cancelled(self, count):
        until = time.monotonic() + PATIENCE
        while self.cancelled() < count:
            self.assertLess(time.monotonic(), until, "the server has seen no cancelled call")

    def cancelled(self):
        done = dial("call", self.server.address, "sample.Sample/Count", "--json")
        return int(json.loads(done.stdout).get("cancelled", 0))

    def test_ctrl_c_cancels_the_call_alone(self):
        with self.repl() as repl:
            for method, shown in (("HangDown", "\n{}\n"), ("HangBoth", "\n{}\n"), ("Hang", "\n"), ("HangUp", "\n")):
                with self.subTest(method):
                    before = self.cancelled()
                    repl.types(method + "\n")
                    repl.wait_for(method + shown)
                    if shown == "\n":
                        self.wait_until_connections_have_calls()
                    repl.types(CTRL_C)
                    repl.wait_for("\ncancelled\n" + repl.prompt)
                    self.wait_for_cancelled(before + 1)
            self.assertIn('"text": "still there"', repl.does('MirrorNode {"text": "still there"}'))

    def wait_until_connections_have_calls(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            done = dial("connections", self.server.address, "--json")
            calls = sum(json.loads(line).get("callsInFlight", 0) for line in done.stdout.splitlines())
            if calls >= 2:  # that of who asks, too
                return
        self.fail("no call has begun")

    def test_ctrl_c_at_the_prompt_clears_the_line(self):
        with self.repl() as repl:
            for begun in ("garbage", 'MirrorNode {"text": "a",\n"ne'):
                repl.types(begun)
                repl.wait_for(begun[-3:])
                repl.types(CTRL_C)
                repl.wait_for("^C\n" + repl.prompt)
            self.assertNotIn("dial: ", repl.does("MirrorNode {}"))

    def test_ctrl_c_ends_a_watch_alone(self):
        with self.repl() as repl:
            repl.types("watch --interval 10ms\n")
            repl.wait_for("method  ")
            repl.types(CTRL_C)
            repl.wait_for(repl.prompt)
            self.assertIn("{}", repl.does("MirrorNode {}"))

    def test_ctrl_d_leaves_with_0_whatever_was_before(self):
        with self.repl() as repl:
            repl.does("MirorNode")
            repl.types(CTRL_D)
            self.assertEqual(0, repl.process.wait(PATIENCE))
        with self.repl() as repl:
            repl.types("exit\n")
            self.assertEqual(0, repl.process.wait(PATIENCE))

    def test_the_terminal_is_given_back(self):
        for end in (CTRL_D, signal.SIGTERM):
            with self.subTest(end), Terminal("repl", self.server.address, XDG_STATE_HOME=self.state) as terminal:
                terminal.wait_for("methods")
                modes = terminal.modes()
                terminal.wait_for("> ")
                if EDITS:
                    self.wait_for_raw_mode(terminal, modes)
                began = time.monotonic()
                if end == CTRL_D:
                    terminal.types(end)
                else:
                    terminal.process.send_signal(end)
                self.assertEqual(0 if end == CTRL_D else 130, terminal.process.wait(PATIENCE))
                self.assertLess(time.monotonic() - began, PROMPT_SECONDS)
                self.assertTrue(terminal.modes()[3] & termios.ICANON)
                self.assertTrue(terminal.modes()[3] & termios.ECHO)

    def wait_for_raw_mode(self, terminal, before):
        until = time.monotonic() + PATIENCE
        while terminal.modes()[3] & termios.ICANON:
            self.assertLess(time.monotonic(), until, f"the terminal stays as it was: {before}")


class Streams(ReplTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def test_messages_are_typed_and_ctrl_d_ends_them(self):
        with self.repl() as repl:
            repl.begins("Chat")
            for text in ("one", "two"):
                repl.types(f'{{"text": "{text}"}}\n')
                repl.wait_for(f'{{"text":"{text}"}}\n')
            repl.types('{"txet": "three"}\n')
            repl.wait_for("did you mean text?\n")
            repl.types('{"text":\n"four"}\n')
            repl.wait_for('{"text":"four"}\n')
            repl.types(CTRL_D)
            repl.wait_for(repl.prompt)
            self.assertIn('\n"four"\n', repl.does("last $.text"))

    def test_a_reply_that_waits_for_ctrl_d(self):
        with self.repl() as repl:
            repl.begins("Collect")
            repl.types('{"text": "one"}\n\n{"text": "two"}\n')
            repl.wait_for('"two"}\n')
            repl.types(CTRL_D)
            self.assertIn('"count": "2"', repl.wait_for("\n" + repl.prompt))

    def test_replies_come_line_by_line(self):
        with self.repl() as repl:
            repl.types('Repeat {"text": "tick", "count": 2, "interval": "60s"}\n')
            repl.wait_for('\n{"text":"tick","id":"1"}\n')
            repl.types(CTRL_C)
            repl.wait_for("\ncancelled\n" + repl.prompt)
            self.assertIn("SERVING", repl.does("health"))


@unittest.skipUnless(EDITS, "dial was built without libedit")
class Edited(ReplTest):
    def test_the_history_of_an_earlier_run(self):
        with self.repl() as repl:
            repl.does('MirrorNode {"text": "kept",\n"next": {}}'.replace("\n", " "))
            repl.does(' MirrorNode {"text": "secret"}')
            repl.types(CTRL_D)
            self.assertEqual(0, repl.process.wait(PATIENCE))
        with self.repl() as repl:
            self.assertIn('"text": "kept"', repl.does(UP))
        file = os.path.join(self.state, "dial", "repl_history")
        with open(file, encoding="utf-8") as lines:
            self.assertEqual('MirrorNode {"text": "kept", "next": {}}\n', lines.read())
        self.assertEqual(0o600, stat.S_IMODE(os.stat(file).st_mode))

    def test_lines_that_belong_together_come_back_together(self):
        with self.repl() as repl:
            repl.types('MirrorNode {"text":\n')
            repl.wait_for("... ")
            repl.does('"both"}')
            repl.does("show")
            self.assertIn('"text": "both"', repl.does(UP + UP))

    def test_tab_completes_a_method_and_its_fields(self):
        with self.repl() as repl:
            self.assertIn('"text": "x"', repl.does(f'MirrorN{TAB}{{"te{TAB}"x"}}'))
            self.assertIn('"text": "y"', repl.does(f'sample.Sample/MirrorN{TAB}{{"ne{TAB}{{"te{TAB}"y"}}}}'))

    def test_tab_completes_on_a_line_that_goes_on(self):
        with self.repl() as repl:
            repl.types("MirrorNode {\n")
            repl.wait_for("... ")
            self.assertIn('"text": "x"', repl.does(f'"te{TAB}"x"}}'))

    def test_tab_completes_commands_services_and_settings(self):
        with self.repl() as repl:
            self.assertIn("rpc Deep", repl.does(f"desc{TAB}sample.Sample/De{TAB}"))
            self.assertIn("SERVING", repl.does(f"hea{TAB}sample.S{TAB}"))
            repl.does(f"set time{TAB}50ms")
            self.assertIn("timeout   50ms", repl.does(f"sho{TAB}"))

    def test_tab_completes_the_last_reply(self):
        with self.repl() as repl:
            repl.does('MirrorNode {"next": {"text": "deep"}}')
            self.assertIn('\n  "text": "deep"\n', repl.does(f'MirrorNode {{"text": $.ne{TAB}.te{TAB}}}'))

    def test_tab_lists_what_there_is_to_choose_from(self):
        with self.repl() as repl:
            repl.types("Hang" + TAB)
            listed = repl.wait_for("\n" + repl.prompt + "Hang").split("\n")[1]
            self.assertEqual(["Hang", "HangBoth", "HangDown", "HangUp"], listed.split())
            repl.types(CTRL_C)
            repl.wait_for(repl.prompt)
            repl.types("MirrorNode {" + TAB + TAB)
            listed = repl.wait_for("\n" + repl.prompt + 'MirrorNode {"').split("\n")[1]
            self.assertEqual(["next", "text"], listed.split())

    def test_it_goes_on_after_it_was_put_aside(self):
        with Pty(["bash", "--norc", "--noprofile", "-i"], columns=300, hidden=ESCAPES,
                 env=dial_process.environment(PS1="sh$ ", HOME="/", HISTFILE="", XDG_STATE_HOME=self.state)) as shell:
            shell.types(f"{dial_process.DIAL} repl {self.server.address} --color never\n")
            shell.wait_for("\n" + self.server.address + "> ")
            shell.types('MirrorNode {"te')
            shell.wait_for('> MirrorNode {"te')
            shell.types("\x1a")
            shell.wait_for("Stopped")
            shell.types("fg\n")
            shell.wait_until(lambda seen: seen.count(self.server.address + '> MirrorNode {"te') == 2, "its line again")
            shell.types('xt": "back"}\n')
            shell.wait_for('\n  "text": "back"\n')

    def test_it_follows_the_window(self):
        with self.repl() as repl:
            repl.resize(50, 40)
            repl.types('MirrorNode {"text": "' + "a" * 40)
            # At the edge the terminal is told to go on below: by a space, and back.
            self.assertIn("a \x08a", self.raw_until(repl, "a" * 20))
            repl.types('"}\n')
            repl.wait_for('"text": "' + "a" * 40 + '"\n')

    def raw_until(self, repl, text):
        repl.wait_until(lambda seen: text in seen, text)
        seen, repl.bytes = repl.bytes, ""
        return seen

    def test_more_than_ascii_is_typed_and_edited(self):
        with self.repl() as repl:
            self.assertIn('"text": "grüße"', repl.does('MirrorNode {"text": "grüßex"}\x1b[D\x1b[D\x08'))


class ServersThatComeAndGo(ReplTest):
    def test_one_that_dies_in_a_stream_and_comes_back(self):
        with Server(dial_process.SAMPLE_SERVER) as server, Repl(server.address, self.state) as repl:
            repl.types("HangDown\n")
            repl.wait_for("\n{}\n")
            server.kill()
            self.assertIn("dial: UNAVAILABLE: ", repl.wait_for("\n" + repl.prompt))
            self.assertIn("dial: UNAVAILABLE: ", repl.does("MirrorNode {}"))
            # It answers no questions about its schema: that of before is still at hand.
            with Server(dial_process.SAMPLE_SERVER, "--reflection=false", listen=server.address):
                until = time.monotonic() + PATIENCE
                while "again" not in repl.does('MirrorNode {"text": "agai\\u006e"}'):
                    self.assertLess(time.monotonic(), until, "it does not connect again")
                repl.does("reload")
                self.assertIn("has no reflection service", repl.does("list"))

    def test_one_that_is_not_there_yet(self):
        with Server(dial_process.SAMPLE_SERVER) as server:
            address = server.address
        with Repl(address, self.state) as repl:
            self.assertIn("dial: UNAVAILABLE: ", repl.does("list"))
            if EDITS:
                repl.types("sample.Sa" + TAB + CTRL_C)
                repl.wait_for("^C\n" + repl.prompt)
            with Server(dial_process.SAMPLE_SERVER, listen=address):
                until = time.monotonic() + PATIENCE
                while "again" not in repl.does('MirrorNode {"text": "agai\\u006e"}'):
                    self.assertLess(time.monotonic(), until, "it does not connect")


if __name__ == "__main__":
    dial_process.run_tests()
