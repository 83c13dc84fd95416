"""dial repl with a script on stdin: what it prints, its exit code, and how it ends."""

import json
import os
import re
import subprocess
import tempfile

import dial_process
from dial_process import dial, PATIENCE, ROOT, ServedTest, Server

PROMPT_SECONDS = 5


class Scripts(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = folder.name

    def script(self, text, *arguments, address=None):
        return dial("repl", address or self.server.address, *arguments, says=text, XDG_STATE_HOME=self.state)

    def test_lines_from_a_pipe(self):
        script = """
            # That is nobody's business: it's a comment.
            Echo {"text": "hello",
                  "id": 7}
            Echo {"text": $.text}
            Repeat {"text": "tick", "count": 2}
            Collect {"text": "one"} {"text": "two"}
        """
        self.expect(self.script(script), 0, '{\n  "text": "hello",\n  "id": "7"\n}\n{\n  "text": "hello"\n}\n'
                    '{"text":"tick","id":"1"}\n{"text":"tick","id":"2"}\n{\n  "text": "onetwo",\n  "count": "2"\n}\n', "")

    def test_the_exit_code_is_that_of_the_last_line_that_failed(self):
        self.expect(self.script("Echo\nFail {\"code\": 5}\nFail {\"code\": 9}\nEcho\n"), 9, "{}\n{}\n",
                    "dial: NOT_FOUND: \ndial: FAILED_PRECONDITION: \n")
        self.expect(self.script("Ecko"), 64, "",
                    "dial: there is no command and no method Ecko; did you mean echo.Echo/Echo?\n")
        self.expect(self.script("Fail {\"code\": 5}\nexit\nEcho\n"), 5, "", "dial: NOT_FOUND: \n")
        self.expect(self.script(""), 0, "", "")

    def test_messages_of_a_stream_stand_below_it(self):
        script = 'Chat\n{"text": "one"}\n{"text":\n"two"}\n\nCollect\n{"text": "three"}'
        self.expect(self.script(script, "--json"), 0,
                    '{"text":"one"}\n{"text":"two"}\n{"text":"three","count":"1"}\n', "")

    def test_messages_of_a_stream_that_has_failed_are_no_commands(self):
        script = 'Collect\n{"txet": "one"}\n{"text": "two"}\n\nEcho {"text": "goes on"}\n'
        self.expect(self.script(script, "--json"), 64, '{"text":"goes on"}\n',
                    re.compile("^{\"error\":.*did you mean text.*}\n$"))

    def test_messages_of_a_stream_are_answered_as_they_come(self):
        process = dial_process.start("repl", self.server.address)
        process.stdin.write("Chat\n")
        for text in ("one", "two"):
            process.stdin.write(f'{{"text": "{text}"}}\n')
            process.stdin.flush()
            self.assertEqual(f'{{"text":"{text}"}}\n', process.stdout.readline())
        process.stdin.write('\nEcho {"text": "goes on"} --json\n')
        process.stdin.flush()
        self.assertEqual('{"text":"goes on"}\n', process.stdout.readline())
        process.stdin.close()
        self.assertEqual(0, process.wait(PATIENCE))
        process.stdin = None
        self.assertEqual("", dial_process.finish(process))

    def test_the_end_in_the_middle_of_a_message(self):
        self.expect(self.script('Echo {"text": "a"'), 64, "", re.compile("^dial: no valid echo.EchoRequest as JSON: "))

    def test_json_on_everything(self):
        script = 'set metadata a=b\nshow\nEcho {"text": "a"}\nlast\nlist echo.Echo\nhealth\nFail {"code": 5}\nEcko\n'
        done = self.expect(self.script(script, "--json"), 64)
        for line in done.stdout.splitlines() + done.stderr.splitlines():
            json.loads(line)
        self.assertEqual([["a", "b"]], json.loads(done.stdout.splitlines()[0])["metadata"])
        self.assertEqual([5, 64], [json.loads(line)["exit_code"] for line in done.stderr.splitlines()])

    def test_metadata_and_verbose(self):
        done = self.script('Echo {"text": "hi"}\nset metadata echo-trailing=$.text\nRepeat {"count": 1} -v\n', "--json")
        account = json.loads(self.expect(done, 0).stderr)["call"]
        self.assertEqual([["echo-trailing", "hi"]], account["trailing_metadata"])
        self.assertIn("server_handler_milliseconds", account)

    def test_metadata_of_a_text_are_the_text(self):
        text = 'say "hi" \\o/'
        done = self.script(f'Echo {json.dumps({"text": text})}\nset metadata echo-trailing=$.text\nRepeat {{"count": 1}} -v\n',
                           "--json")
        self.assertEqual([["echo-trailing", text]], json.loads(self.expect(done, 0).stderr)["call"]["trailing_metadata"])

    def test_metadata_that_is_set_goes_with_the_questions_about_the_schema_too(self):
        with Server(dial_process.SAMPLE_SERVER, SAMPLE_GUARD="1") as server:
            script = 'sample.Sample/Deep {"levels": 0}\nset metadata guard=open\nsample.Sample/Deep {"levels": 0}\n'
            done = self.script(script, address=server.address)
            self.expect(done, 16, '{\n  "text": "deepest"\n}\n', re.compile("^dial: UNAUTHENTICATED: .*\n$"))

    def test_text_format(self):
        self.expect(self.script("set text on\nEcho 'text: \"hello\" id: 7'\nCollect\ntext: \"one\"\ntext: \"two\"\n", "--json"),
                    0, '{"text":"hello","id":"7"}\n{"text":"onetwo","count":"2"}\n', "")

    def test_a_file_that_cannot_be_read_does_not_end_it(self):
        self.expect(self.script('Echo @/proc\nEcho {"text": "goes on"}\n', "--json"), 64, '{"text":"goes on"}\n',
                    re.compile("cannot read /proc"))

    def test_files_of_the_schema(self):
        with Server(dial_process.ECHO_SERVER, "--reflection=false") as server:
            schema = ("--proto", "echo/echo.proto", "--import", os.path.join(ROOT, "proto"))
            self.expect(self.script('Echo {"text": "a"}', "--json", *schema, address=server.address), 0, '{"text":"a"}\n', "")
            self.expect(self.script("Echo"), 0, "{}\n", "")
            self.expect(self.script("Echo", address=server.address), 12, "", re.compile("has no reflection service"))

    def test_nothing_is_kept_of_a_script(self):
        self.expect(self.script("Echo\n"), 0, "{}\n", "")
        self.assertEqual([], os.listdir(self.state))

    def test_no_colours_and_no_prompt_in_a_pipe(self):
        done = self.expect(self.script('Echo {"text": "a"}\nlast\n'), 0, None, "")
        self.assertEqual('{\n  "text": "a"\n}\n' * 2, done.stdout)

    def test_nobody_reads_the_output(self):
        script = 'printf \'Repeat {"count": 1000000}\\nEcho\\n\' | "$0" repl "$1" | head -1; echo ${PIPESTATUS[1]}'
        done = subprocess.run(["bash", "-c", script, dial_process.DIAL, self.server.address], text=True,
                              capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(('{"id":"1"}\n141\n', ""), (done.stdout, done.stderr))

    def test_ctrl_c_ends_a_script(self):
        process = dial_process.start("repl", self.server.address)
        process.stdin.write('Repeat {"count": 9, "interval": "60s"}\nEcho\n')
        process.stdin.flush()
        self.assertEqual('{"id":"1"}\n', process.stdout.readline())
        code, seconds = dial_process.interrupt(process)
        self.assertEqual(130, code)
        self.assertLess(seconds, PROMPT_SECONDS)
        self.assertEqual("", dial_process.finish(process))

    def test_a_line_that_is_wrong(self):
        self.expect(dial("repl"), 64, "", re.compile("^dial: no address; dial repl takes ADDRESS"))
        self.expect(self.script("Echo\n", address="127.0.0.1:1"), 14, "", re.compile("^dial: UNAVAILABLE: connect 127.0.0.1:1"))


if __name__ == "__main__":
    dial_process.run_tests()
