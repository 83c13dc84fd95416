"""How long a server takes from its process's start to its first answer, in its image, beside gRPC's.

One small program (first_answer.cc), mounted into each image, starts the server there, connects as soon as it can, and
sends one echo call as raw bytes, of either protocol. Runs alternate, so that what else the machine does meets all.

What the machine takes to start any process and to bring it one connection is measured as well, by a server of forty lines
of sockets, and does not count: on one virtual machine that is a tenth of gRPC's time, on another a fifth of ours.
"""

import os
import statistics
import struct
import sys
import unittest

import built
from docker_cli import ROOT, SERVER_IMAGE, said

sys.path.insert(0, os.path.join(ROOT, "tests/python"))
import dialtone1_client as dialtone1  # noqa: E402

ROUNDS = 5
RUNS_A_ROUND = 9
RATIO_MAX = 1 / 5
TEXT = "the first answer"
MESSAGE = b"\x0a" + bytes([len(TEXT)]) + TEXT.encode()  # EchoRequest.text


def dialtone_call():
    return (dialtone1.PREFACE + dialtone1.encode_frame(dialtone1.SETTINGS) +
            dialtone1.encode_frame(dialtone1.REQUEST, dialtone1.END | dialtone1.MESSAGE, stream=1,
                                   metadata=dialtone1.encode_metadata([(":path", "/echo.Echo/Echo")]), message=MESSAGE))


def _http2_frame(type_, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([type_, flags]) + struct.pack(">I", stream) + payload


def grpc_call():
    """HTTP/2's preface, SETTINGS, HEADERS with literal fields, DATA with END_STREAM."""
    fields = ((":method", "POST"), (":scheme", "http"), (":path", "/echo.Echo/Echo"), (":authority", "localhost"),
              ("te", "trailers"), ("content-type", "application/grpc"))
    block = b"".join(b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                     for name, value in fields)
    return (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _http2_frame(4, 0, 0, b"") + _http2_frame(1, 4, 1, block) +
            _http2_frame(0, 1, 1, b"\0" + struct.pack(">I", len(MESSAGE)) + MESSAGE))


def first_answers(image, program, request):
    """Milliseconds, one a run."""
    probe = os.path.join(built.folder, "first_answer")
    lines = said("run", "--rm", "--volume", f"{probe}:/first_answer:ro", "--entrypoint", "/first_answer", image,
                 str(RUNS_A_ROUND), "7000", request.hex(), TEXT, "--", *program).split()
    # The first run reads the program's file into memory.
    return [int(line) / 1000 for line in lines[1:]]


class StartTime(unittest.TestCase):
    def test_to_the_first_answer_is_at_most_a_fifth_of_grpcs_beyond_bare_sockets(self):
        servers = {
            "bare sockets": (SERVER_IMAGE, ("/first_answer", "--serve", "7000", TEXT), dialtone_call()),
            "Dialtone": (SERVER_IMAGE, ("/echo_server",), dialtone_call()),
            "gRPC": (built.GRPC_SHARED_IMAGE, ("/grpc_echo_server",), grpc_call()),
            "gRPC, static": (built.GRPC_STATIC_IMAGE, ("/grpc_echo_server",), grpc_call()),
        }
        took = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, server in servers.items():
                took[name] += first_answers(*server)
        median = {name: statistics.median(times) for name, times in took.items()}
        for name, (image, _, _) in servers.items():
            size = int(said("image", "inspect", "--format", "{{.Size}}", image))
            print(f"first answer: {name:12} median {median[name]:6.2f} ms, least {min(took[name]):6.2f} ms, image "
                  f"{size / 1e6:6.1f} MB, Dialtone's share {median['Dialtone'] / median[name]:.2f}")
        floor = median["bare sockets"]
        share = (median["Dialtone"] - floor) / (median["gRPC"] - floor)
        print(f"first answer: beyond what bare sockets take, Dialtone's share of gRPC's is {share:.2f}")
        self.assertLessEqual(share, RATIO_MAX)
