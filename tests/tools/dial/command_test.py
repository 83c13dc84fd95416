"""dial's commands but call: what they print with a schema from files, and what they say when something is wrong."""

import json
import os
import re
import socket
import subprocess
import tempfile
import threading

import dial_process
from dial_process import dial, DialTest, ECHO_SCHEMA, ROOT, SAMPLE_SCHEMA, ServedTest, Server

METHODS = """\
Echo     unary             EchoRequest -> EchoReply     // Sends back what came.
Sleep    unary             SleepRequest -> SleepReply   // Answers after a while, or as soon as the caller has given up.
Fail     unary             FailRequest -> FailReply     // Always fails: with the status in the request, or with \
INVALID_ARGUMENT if that is none.
Repeat   server streaming  RepeatRequest -> EchoReply   // Sends the same again and again, numbered from 1.
Collect  client streaming  EchoRequest -> CollectReply  // Answers with what all messages brought together.
Chat     bidirectional     EchoRequest -> EchoReply     // Sends back each message as it comes.
"""


class FromFiles(DialTest):
    def test_list(self):
        self.expect(dial("list", *ECHO_SCHEMA), 0, "echo.Echo\n", "")
        self.expect(dial("list", "echo.Echo", *ECHO_SCHEMA), 0, METHODS, "")

    def test_list_as_json(self):
        self.expect(dial("list", "--json", *ECHO_SCHEMA), 0, '{"service":"echo.Echo"}\n', "")
        done = self.expect(dial("list", "echo.Echo", "--json", *ECHO_SCHEMA), 0, None, "")
        methods = {method["name"]: method for method in json.loads(done.stdout)["methods"]}
        self.assertEqual({"name": "Chat", "kind": "bidirectional", "request": "echo.EchoRequest", "reply": "echo.EchoReply",
                          "comment": "Sends back each message as it comes."},
                         methods["Chat"])

    def test_describe_a_service_with_the_comments_of_its_file(self):
        done = self.expect(dial("describe", "echo.Echo", *ECHO_SCHEMA), 0, None, "")
        self.assertIn("  // Sends back each message as it comes.\n"
                      "  rpc Chat(stream .echo.EchoRequest) returns (stream .echo.EchoReply);\n", done.stdout)

    def test_describe_a_method_and_its_messages(self):
        done = self.expect(dial("describe", "echo.Echo.Collect", *ECHO_SCHEMA), 0, None, "")
        self.assertTrue(done.stdout.startswith("// echo.Echo.Collect: client streaming\n"), done.stdout)
        for part in ("message EchoRequest {", "message CollectReply {", "  // All texts, in a row.\n"):
            self.assertIn(part, done.stdout)

    def test_describe_a_message_and_an_enum(self):
        self.expect(dial("describe", "sample.Node", *SAMPLE_SCHEMA), 0,
                    "// sample.Node\n// A chain: one within the other.\nmessage Node {\n  .sample.Node next = 1;\n"
                    "  string text = 2;\n}\n", "")
        self.expect(dial("describe", "sample.Colour", *SAMPLE_SCHEMA), 0, re.compile(r"enum Colour \{\n  NO_COLOUR = 0;"), "")

    def test_describe_as_json(self):
        done = self.expect(dial("describe", "sample.Node", "--json", *SAMPLE_SCHEMA), 0, None, "")
        said = json.loads(done.stdout)
        self.assertEqual("sample.Node", said["name"])
        self.assertEqual(["next", "text"], [field["name"] for field in said["descriptor"]["field"]])

    def test_template(self):
        expected = '{\n  "text": "",\n  "payload": "",\n  "count": "0",\n  "interval": "1s"\n}\n'
        for name in ("echo.Echo/Repeat", "echo.RepeatRequest"):
            self.expect(dial("template", name, *ECHO_SCHEMA), 0, expected, "")
        self.expect(dial("template", "echo.Echo", *ECHO_SCHEMA), 64, "", "dial: echo.Echo is no message and no method\n")

    def test_a_set_of_descriptors(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "echo.set")
            subprocess.run(["protoc", "--proto_path", os.path.join(ROOT, "proto"), "--include_imports",
                            "--include_source_info", "--descriptor_set_out", path, "echo/echo.proto"], check=True, timeout=dial_process.PATIENCE)
            self.expect(dial("list", "--descriptor-set", path), 0, "echo.Echo\n", "")
            self.expect(dial("list", "echo.Echo", "--descriptor-set", path), 0, METHODS, "")
            with Server(dial_process.ECHO_SERVER) as server:
                done = dial("call", server.address, "echo.Echo/Echo", '{"text": "a"}', "--json", "--descriptor-set", path)
                self.expect(done, 0, '{"text":"a"}\n', "")

    def test_files_that_are_wrong(self):
        self.expect(dial("list", "--proto", "no_such.proto"), 64, "", re.compile("^dial: no_such.proto"))
        self.expect(dial("list", "--descriptor-set", dial_process.DIAL), 64, "", re.compile("is no set of descriptors"))
        self.expect(dial("list", "--proto", "a", "--descriptor-set", "b"), 64, "", re.compile("exclude each other"))

    def test_names_that_are_near(self):
        done = dial("describe", "echo.Ekko", *ECHO_SCHEMA)
        self.expect(done, 64, "", "dial: there is no service, method, message or enum echo.Ekko; did you mean echo.Echo?\n")


class FromServers(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    def test_an_address_alone_tells_all(self):
        done = self.expect(dial(self.server.address), 0, None, "")
        for line in ("sample.Sample\n", "  HangBoth    bidirectional     Nothing -> Nothing\n",
                     "  Deep        unary             DeepRequest -> Node         // A chain of so many messages.\n", "grpc.health.v1.Health\n",
                     "grpc.reflection.v1.ServerReflection\n"):
            self.assertIn(line, done.stdout)
        lines = self.expect(dial(self.server.address, "--json"), 0, None, "").stdout.splitlines()
        self.assertIn("sample.Sample", [json.loads(line)["service"] for line in lines])

    def test_it_is_as_from_files(self):
        for command, *words in (("list", "sample.Sample"), ("describe", "sample.Sample"), ("describe", "sample.Everything"),
                                ("describe", "sample.Sample/Deep"), ("template", "sample.Everything"),
                                ("template", "sample.Sample/Deep"), ("list", "sample.Sample", "--json")):
            with self.subTest(words):
                from_files = self.expect(dial(command, *words, *SAMPLE_SCHEMA), 0, None, "")
                self.expect(dial(command, self.server.address, *words), 0, from_files.stdout, "")

    def test_describe(self):
        done = dial("describe", self.server.address, "sample.Sample/Deep")
        self.expect(done, 0, "// sample.Sample.Deep: unary\n// A chain of so many messages.\n"
                             "rpc Deep(.sample.DeepRequest) returns (.sample.Node);\n\n"
                             "// sample.DeepRequest\nmessage DeepRequest {\n  int32 levels = 1;\n}\n\n"
                             "// sample.Node\n// A chain: one within the other.\nmessage Node {\n  .sample.Node next = 1;\n  string text = 2;\n}\n", "")

    def test_call(self):
        message = '{"text":"a","time":"2026-01-01T00:00:00Z","any":{"@type":"type.googleapis.com/sample.Node","text":"b"}}'
        self.expect(dial("call", self.server.address, "sample.Sample/Mirror", message, "--json"), 0, message + "\n", "")

    def test_names_that_are_near(self):
        for arguments, said in ((("call", "sample.Sample/Deeb"), "sample.Sample has no method Deeb; did you mean Deep?"),
                                (("call", "sample.Simple/Deep"), "there is no service sample.Simple; did you mean sample.Sample?"),
                                (("list", "simple.Sample"), "there is no service simple.Sample; did you mean sample.Sample?")):
            self.expect(dial(arguments[0], self.server.address, *arguments[1:]), 64, "", f"dial: {said}\n")

    def test_a_server_without_reflection(self):
        with Server(dial_process.SAMPLE_SERVER, "--reflection=false") as server:
            said = (f"dial: UNIMPLEMENTED: {server.address} has no reflection service: give dial the schema by --proto FILE "
                    "or --descriptor-set FILE\n")
            for arguments in (("list",), ("describe", "sample.Sample"), ("call", "sample.Sample/Count")):
                self.expect(dial(arguments[0], server.address, *arguments[1:]), 12, "", said)
            self.expect(dial("call", server.address, "sample.Sample/Count", *SAMPLE_SCHEMA), 0, "{}\n", "")

    def test_metadata_goes_with_the_questions_about_the_schema_too(self):
        with Server(dial_process.SAMPLE_SERVER, SAMPLE_GUARD="1") as server:
            call = ("call", server.address, "sample.Sample/Deep", '{"levels": 0}')
            self.expect(dial(*call), 16, "", re.compile("UNAUTHENTICATED.*the guard lets nobody in"))
            self.expect(dial(*call, "-H", "guard: open"), 0, re.compile("deepest"), "")
            self.expect(dial("list", server.address, "-H", "guard: open"), 0, re.compile("sample.Sample\n"), "")
            self.expect(dial(*call, "-H", "no colon"), 64, "", None)

    def test_the_timeout_bounds_the_questions_about_the_schema_too(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"127.0.0.1:{silent.getsockname()[1]}"
            self.expect(dial("call", address, "a.B/C", "--timeout", "200ms"), 4, "", re.compile("deadline of 200ms exceeded"))


class HostileServers(ServedTest):
    """What a server says of itself may be anything."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(dial_process.SAMPLE_SERVER, "--reflection=false", SAMPLE_HOSTILE="1")

    def test_names_do_not_command_the_terminal(self):
        name = "x\\x1b[31my\\xc2\\x9b2J"
        self.expect(dial("list", self.server.address), 0, name + "\n", "")
        self.expect(dial(self.server.address), 0, name + "\n  (not described by the server)\n", "")
        for command in (("list", self.server.address), (self.server.address,)):
            self.expect(dial(*command, "--json"), 0, '{"service":"x\\u001b[31my\\u009b2J"}\n', "")

    def test_an_error_of_no_number_is_unknown(self):
        self.expect(dial("describe", self.server.address, "no.Such"), 2, "", "dial: UNKNOWN: reflection: no error\n")
        self.expect(dial("call", self.server.address, "no.Such/Method"), 2, "", "dial: UNKNOWN: reflection: no error\n")


class CommandLine(DialTest):
    def test_help_teaches_by_example(self):
        done = self.expect(dial("--help"), 0, None, "")
        for part in ("dial call 127.0.0.1:7000 echo.Echo/Echo", "Exit codes:", "unix:/run/echo.sock"):
            self.assertIn(part, done.stdout)
        for command in ("list", "describe", "template", "call", "health", "bench", "watch", "connections", "trace", "repl", "completion"):
            said = self.expect(dial(command, "--help"), 0, None, "").stdout
            self.assertRegex(said, f"\nUsage: dial {command} .*[A-Za-z]\\S* \\[OPTIONS\\]\n")
            self.assertEqual(said, self.expect(dial("help", command), 0, None, "").stdout)
        self.assertEqual(done.stdout, self.expect(dial("help"), 0, None, "").stdout)
        self.expect(dial("--version"), 0, re.compile(r"^\d+\.\d+\.\d+\n$"), "")

    def test_lines_that_are_wrong(self):
        self.expect(dial("lst"), 64, "", "dial: there is no command lst; did you mean list?\n")
        self.expect(dial("call"), 64, "", re.compile("^dial: no address; dial call takes ADDRESS METHOD"))
        self.expect(dial("call", "127.0.0.1:1", "--nonsense"), 64, "", re.compile("--nonsense"))
        self.expect(dial(), 64, re.compile("Examples:"), "")


class Health(ServedTest):
    SERVER = (dial_process.ECHO_SERVER,)

    def test_of_a_server_and_of_a_service(self):
        self.expect(dial("health", self.server.address), 0, "SERVING\n", "")
        self.expect(dial("health", self.server.address, "echo.Echo"), 0, "SERVING\n", "")
        done = dial("health", self.server.address, "echo.Echo", "--json")
        self.expect(done, 0, '{"service":"echo.Echo","status":"SERVING"}\n', "")

    def test_of_a_service_that_there_is_not(self):
        self.expect(dial("health", self.server.address, "no.Such"), 5, "", re.compile("^dial: NOT_FOUND: .*no.Such"))

    def test_of_no_server(self):
        self.expect(dial("health", "127.0.0.1:1"), 14, "", re.compile("^dial: UNAVAILABLE: .*connection refused"))

    def test_watch_tells_of_a_server_that_drains(self):
        with Server(dial_process.ECHO_SERVER) as server:
            process = dial_process.start("health", server.address, "--watch")
            self.assertEqual("SERVING\n", process.stdout.readline())
            server.process.terminate()
            self.assertEqual("NOT_SERVING\n", process.stdout.readline())
            self.assertEqual(14, process.wait(dial_process.PATIENCE))
            self.assertRegex(dial_process.finish(process), "^dial: UNAVAILABLE: ")


class Stats(ServedTest):
    SERVER = (dial_process.SAMPLE_SERVER,)

    def test_connections(self):
        hanging = dial_process.start("call", self.server.address, "sample.Sample/HangDown", *SAMPLE_SCHEMA)
        self.assertEqual("{}\n", hanging.stdout.readline())
        done = self.expect(dial("connections", self.server.address, "--json"), 0, None, "")
        connections = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(2, len(connections))  # the call's, and that of who asks
        self.assertEqual({"dialtone/1"}, {connection["protocol"] for connection in connections})
        self.assertEqual([1, 1], [connection["callsInFlight"] for connection in connections])
        plain = self.expect(dial("connections", self.server.address), 0, None, "").stdout.splitlines()
        self.assertRegex(plain[0], "^peer +age +protocol ")
        self.assertEqual(3, len(plain))
        dial_process.finish(hanging)

    def test_a_server_without_the_service(self):
        with Server(dial_process.SAMPLE_SERVER, "--stats=false") as server:
            for command in ("watch", "connections"):
                self.expect(dial(command, server.address), 12, None, re.compile("^dial: UNIMPLEMENTED: .* has no stats service"))


class NoDialtoneServer(DialTest):
    def test_one_that_speaks_http(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(dial_process.PATIENCE)

            def answer():
                for _ in range(8):
                    try:
                        peer, _ = listener.accept()
                    except OSError:
                        return
                    with peer:
                        peer.recv(100)
                        peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

            threading.Thread(target=answer, daemon=True).start()
            address = "127.0.0.1:%d" % listener.getsockname()[1]
            self.expect(dial(address), 14, "", re.compile("^dial: UNAVAILABLE: .*HTTP"))
            done = dial("call", address, "echo.Echo/Echo", *ECHO_SCHEMA)
            self.expect(done, 14, "", re.compile("^dial: UNAVAILABLE: .*HTTP"))


if __name__ == "__main__":
    dial_process.run_tests()
