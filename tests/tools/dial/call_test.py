"""dial call: all four kinds, messages in every form and size, what is told of a call, and its exit codes."""

import json
import os
import re
import tempfile

import dial_process
from dial_process import dial, ECHO_SCHEMA, SAMPLE_SCHEMA, ServedTest, Server


class Call(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def call(self, method, *arguments, **more):
        return dial("call", self.server.address, "echo.Echo/" + method, *arguments, *ECHO_SCHEMA, **more)

    def test_unary(self):
        done = self.call("Echo", '{"text": "hello", "payload": "AAEC", "id": 7}')
        self.expect(done, 0, '{\n  "text": "hello",\n  "payload": "AAEC",\n  "id": "7"\n}\n', "")

    def test_other_ways_to_write_a_method(self):
        for method in ("echo.Echo.Echo", "/echo.Echo/Echo", "Echo/Echo"):
            self.expect(dial("call", self.server.address, method, "{}", *ECHO_SCHEMA), 0, "{}\n", "")

    def test_no_message_is_an_empty_one(self):
        self.expect(self.call("Echo"), 0, "{}\n", "")

    def test_text_format(self):
        self.expect(self.call("Echo", "--text", 'text: "hello" id: 7', "--json"), 0, '{"text":"hello","id":"7"}\n', "")

    def test_a_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write('{"text":\n"from a file"}\n')
            file.flush()
            self.expect(self.call("Echo", "@" + file.name, "--json"), 0, '{"text":"from a file"}\n', "")
        self.expect(self.call("Echo", "@/no/such/file"), 64, "", "dial: cannot read /no/such/file\n")
        self.expect(self.call("Echo", "@/proc"), 64, "", "dial: cannot read /proc\n")

    def test_stdin(self):
        self.expect(self.call("Echo", "-", "--json", says='{"text": "piped"}'), 0, '{"text":"piped"}\n', "")
        self.expect(self.call("Echo", "@-", "--json", says='{"text": "piped"}'), 0, '{"text":"piped"}\n', "")

    def test_server_streaming_prints_a_line_a_reply(self):
        done = self.call("Repeat", '{"text": "tick", "count": 3}')
        self.expect(done, 0, "".join(f'{{"text":"tick","id":"{i}"}}\n' for i in (1, 2, 3)), "")

    def test_client_streaming_takes_messages_from_everywhere(self):
        for words, says in ((('{"text": "one"}', '{"text": "two"}'), ""), (('{"text": "one"}{"text": "two"}',), ""),
                            ((), '{"text": "one"}\n\n{"text":\n"two"}'), (('{"text": "one"}', "-"), '{"text": "two"}')):
            with self.subTest(words=words, says=says):
                self.expect(self.call("Collect", *words, "--json", says=says), 0, '{"text":"onetwo","count":"2"}\n', "")

    def test_client_streaming_in_text_format(self):
        done = self.call("Collect", "--text", "--json", says='# both\n\ntext: "one"\nid: 1\n\ntext: "two"\n')
        self.expect(done, 0, '{"text":"onetwo","count":"2"}\n', "")

    def test_text_format_of_several_lines_is_one_message(self):
        text = '# as TextFormat prints it\ntext: "hello"\n\nid: 7\n'
        with tempfile.NamedTemporaryFile("w", suffix=".txtpb") as file:
            file.write(text)
            file.flush()
            for word in (text, "@" + file.name):
                self.expect(self.call("Echo", "--text", "--json", word), 0, '{"text":"hello","id":"7"}\n', "")
                self.expect(self.call("Collect", "--text", "--json", word, word), 0, '{"text":"hellohello","count":"2"}\n', "")
        self.expect(self.call("Echo", "--text", "--json", "-", says='text: "hello"\nid: 7\n'), 0,
                    '{"text":"hello","id":"7"}\n', "")

    def test_bidirectional(self):
        self.expect(self.call("Chat", says='{"text": "one"} {"text": "two"}'), 0, '{"text":"one"}\n{"text":"two"}\n', "")

    def test_bidirectional_answers_each_message_when_it_is_sent(self):
        process = dial_process.start("call", self.server.address, "echo.Echo/Chat", *ECHO_SCHEMA)
        for text in ("one", "two"):
            process.stdin.write(f'{{"text": "{text}"}}\n')
            process.stdin.flush()
            self.assertEqual(f'{{"text":"{text}"}}\n', process.stdout.readline())
        process.stdin.close()
        self.assertEqual(0, process.wait(dial_process.PATIENCE))
        process.stdin = None
        self.assertEqual("", dial_process.finish(process))

    def test_metadata_both_ways_and_an_account(self):
        done = self.call("Repeat", '{"count": 1}', "-v", "-H", "echo-initial: one", "-H", "echo-trailing:two")
        self.expect(done, 0, '{"id":"1"}\n')
        lines = done.stderr.splitlines()
        self.assertEqual(["< echo-initial: one", "< trailing echo-trailing: two"], lines[:2])
        self.assertRegex(lines[2], r"^\* OK, 1 reply, peer 127\.0\.0\.1:\d+, 1 attempt, \d+\.\d{3} ms$")
        self.assertRegex(lines[3], r"^\* of that in the server: queued \d+\.\d{3} ms, handler \d+\.\d{3} ms$")

    def test_an_account_as_json(self):
        done = self.expect(self.call("Repeat", '{"count": 2}', "-v", "--json", "-H", "echo-trailing: two"), 0)
        account = json.loads(done.stderr)["call"]
        self.assertEqual(("OK", 2, 1, [["echo-trailing", "two"]]),
                         tuple(account[key] for key in ("status", "replies", "attempts", "trailing_metadata")))
        self.assertEqual(self.server.address, account["peer"])

    def test_wrong_headers(self):
        for header, why in (("nothing", "write 'name: value'"), ("Upper: x", "key"), ("a-bin: !", "base64"),
                            ("grpc-x: y", "reserved")):
            with self.subTest(header):
                self.expect(self.call("Echo", "-H", header), 64, "", re.compile(f'^dial: --header "{header}": .*{why}'))

    def test_a_status_is_the_exit_code(self):
        self.expect(self.call("Fail", '{"code": 5, "message": "no such user"}'), 5, "", "dial: NOT_FOUND: no such user\n")
        self.expect(self.call("Fail", '{"code": 16}'), 16, "", re.compile("^dial: UNAUTHENTICATED:"))

    def test_what_a_server_says_does_not_command_the_terminal(self):
        request = '{"code": 5, "message": "\\u001b[2Jgone"}'
        self.expect(self.call("Fail", request), 5, "", "dial: NOT_FOUND: \\x1b[2Jgone\n")
        self.expect(self.call("Echo", '{"text": "\\u001b[2J"}', "--json"), 0, '{"text":"\\u001b[2J"}\n', "")

    def test_a_status_as_json_with_its_details(self):
        request = ('{"code": 9, "message": "why", "details": [{"@type": "type.googleapis.com/echo.EchoRequest", '
                   '"text": "known"}, {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}]}')
        done = self.expect(self.call("Fail", request, "--json"), 9, "")
        said = json.loads(done.stderr)
        self.assertEqual((9, 9, "FAILED_PRECONDITION", "why"),
                         (said["exit_code"], said["error"]["code"], said["error"]["status"], said["error"]["message"]))
        self.assertIn({"@type": "type.googleapis.com/echo.EchoRequest", "text": "known"}, said["error"]["details"])
        self.assertIn("  detail ", self.call("Fail", request).stderr)

    def test_a_timeout(self):
        done = self.call("Sleep", '{"duration": "60s"}', "--timeout", "50ms")
        self.expect(done, 4, "", re.compile("^dial: DEADLINE_EXCEEDED: /echo.Echo/Sleep: "))
        self.expect(self.call("Echo", "--timeout", "soon"), 64, "",
                    'dial: --timeout: "soon" is no duration such as 500ms or 2s\n')

    def test_did_you_mean(self):
        for method, message, said in (
                ("echo.Echo/Ecko", "{}", "echo.Echo has no method Ecko; did you mean Echo?"),
                ("ech.Echo/Echo", "{}", "there is no service ech.Echo; did you mean echo.Echo?"),
                ("echo.Echo/Echo", '{"txet": 1}', "echo.EchoRequest has no field txet; did you mean text?")):
            with self.subTest(method):
                done = dial("call", self.server.address, method, message, *ECHO_SCHEMA)
                self.expect(done, 64, "", f"dial: {said}\n")

    def test_a_wrong_message_in_a_pipe_ends_the_call(self):
        for method in ("Chat", "Collect"):
            self.expect(self.call(method, says='{"text": "one"}\n{"txet": 1}\n{"text": "two"}'), 64, None,
                        "dial: echo.EchoRequest has no field txet; did you mean text?\n")

    def test_two_messages_for_a_method_that_takes_one(self):
        self.expect(self.call("Echo", "{}", "{}"), 64, "", "dial: echo.Echo.Echo takes one message, and more were given\n")

    def test_no_server(self):
        done = dial("call", "127.0.0.1:1", "echo.Echo/Echo", *ECHO_SCHEMA)
        self.expect(done, 14, "", "dial: UNAVAILABLE: connect 127.0.0.1:1: connection refused\n")

    def test_targets_that_are_unix_sockets_names_and_lists(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server(dial_process.ECHO_SERVER, listen="unix:" + os.path.join(folder, "echo")) as server:
                self.expect(dial("call", server.address, "echo.Echo/Echo", *ECHO_SCHEMA), 0, "{}\n", "")
        port = self.server.address.rsplit(":", 1)[1]
        for target in (f"localhost:{port}", f"list:127.0.0.1:1,127.0.0.1:{port}"):
            self.expect(dial("call", target, "echo.Echo/Echo", *ECHO_SCHEMA), 0, "{}\n", "")

    def test_the_limit_of_replies_is_none_of_the_schema(self):
        limited = ("--max-message", "1024", "--json")
        done = dial("call", self.server.address, "echo.Echo/Echo", '{"text": "hi"}', *limited)
        self.expect(done, 0, '{"text":"hi"}\n', "")
        done = dial("call", self.server.address, "echo.Echo/Echo", json.dumps({"text": "x" * 2000}), *limited)
        self.expect(done, 8, "", re.compile("RESOURCE_EXHAUSTED.* above the client's limit of 1024"))


class LargeAndDeep(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER, "--message-bytes-max", "16MiB")

    def call(self, method, *arguments, **more):
        return dial("call", self.server.address, "sample.Sample/" + method, *arguments, *SAMPLE_SCHEMA, "--json", **more)

    def test_eight_mebibytes_back(self):
        done = self.expect(self.call("Large", '{"bytes": %d}' % (8 << 20)), 0, None, "")
        self.assertEqual(-(-(8 << 20) // 3) * 4, len(json.loads(done.stdout)["blob"]))

    def test_eight_mebibytes_there_and_back(self):
        text = "y" * (8 << 20)
        done = self.expect(self.call("Mirror", "-", says=json.dumps({"text": text})), 0, None, "")
        self.assertEqual(text, json.loads(done.stdout)["text"])

    def test_a_reply_above_the_limit(self):
        self.expect(self.call("Large", '{"bytes": 100000}', "--max-message", "65536"), 8, "", re.compile("RESOURCE_EXHAUSTED"))

    def test_a_hundred_levels_back(self):
        for levels in (100, 1000):
            done = self.expect(self.call("Deep", '{"levels": %d}' % levels), 0, None, "")
            self.assertEqual('{"next":' * (levels - 1) + '{"text":"deepest"}' + "}" * (levels - 1), done.stdout.strip())

    def test_a_hundred_levels_there_and_back(self):
        node = '{"next":' * 99 + '{"text":"x"}' + "}" * 99
        done = self.call("MirrorNode", node)
        self.expect(done, 0, node + "\n", "")

    def test_too_many_levels_are_told_of(self):
        node = '{"next":' * 5000 + "{}" + "}" * 5000
        self.expect(self.call("MirrorNode", node), 64, "", re.compile("no valid sample.Node as JSON"))

    def test_everything_there_is_in_a_message(self):
        template = self.expect(dial("template", "sample.Sample/Mirror", *SAMPLE_SCHEMA), 0, None, "").stdout
        done = self.expect(self.call("Mirror", "-", says=template), 0, None, "")
        sent, back = json.loads(template), json.loads(done.stdout)
        self.assertEqual(sent["counts"], back["counts"])
        self.assertEqual(sent["time"], back["time"])
        self.assertEqual([""], back["words"])


if __name__ == "__main__":
    dial_process.run_tests()
