"""Compressed messages and attachments between the independent client and the real echo_server.

  python_bodies_test.py echo_server
"""

import gzip
import sys
import unittest

import dialtone1_body as b
import dialtone1_client as d
from echo_process import ECHO, PATIENCE, EchoServer, echo_request

SERVER = None
OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED = 0, 3, 8


class Bodies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = EchoServer(SERVER, "--compression=gzip", "--compression-bytes-min=100")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def client(self, kind=b.BodyClient, **options):
        client = kind(self.server.host, self.server.port, timeout=PATIENCE, **options)
        self.addCleanup(client.close)
        return client

    def test_the_server_says_what_it_accepts(self):
        server = self.client().server
        self.assertEqual(3, server[d.FEATURES])
        self.assertTrue(server[d.COMPRESSIONS] & b.GZIP_BIT)

    def test_messages_of_every_size_both_ways(self):
        client = self.client()
        client.compress = True
        for size in (0, 1, 99, 1000, 65536, 200_000, 3_000_000):
            message = echo_request("text " * (size // 5))
            reply = client.call(ECHO, message, timeout=PATIENCE)
            self.assertEqual((OK, [message]), (reply.status, reply.messages))
        self.assertEqual(4, client.compressed_replies, "those of 100 bytes and more")

    def test_what_cannot_become_smaller_comes_as_it_is(self):
        client = self.client()
        noise = gzip.compress(b"".join(str(i * 2654435761).encode() for i in range(20_000)))
        reply = client.call(ECHO, echo_request("", noise), timeout=PATIENCE)
        self.assertEqual([echo_request("", noise)], reply.messages)
        self.assertEqual(0, client.compressed_replies)

    def test_who_announces_nothing_gets_nothing_compressed(self):
        # This client takes a compressed reply for an error.
        reply = self.client(kind=d.Client).call(ECHO, echo_request("x" * 10_000), timeout=PATIENCE)
        self.assertEqual([echo_request("x" * 10_000)], reply.messages)

    def test_attachments_pass_beside_messages_of_every_kind(self):
        client = self.client()
        for client.compress in (False, True):
            for size in (1, 65_536, 500_000):
                client.attach = bytes(size)
                reply = client.call(ECHO, echo_request("x" * 1000), timeout=PATIENCE)
                self.assertEqual((OK, [echo_request("x" * 1000)]), (reply.status, reply.messages))

    def test_a_bomb_ends_its_call_alone(self):
        client = self.client()
        bomb = gzip.compress(bytes(64 << 20))
        before = self.server.resident_bytes()
        for declared, status in ((64 << 20, RESOURCE_EXHAUSTED), (1000, INVALID_ARGUMENT), (4 << 20, INVALID_ARGUMENT)):
            client._dress = lambda message, declared=declared: (
                d.COMPRESSED, bytes([b.GZIP]) + declared.to_bytes(4, "little"), bomb)
            reply = client.call(ECHO, b"", timeout=PATIENCE)
            self.assertEqual(status, reply.status, reply.status_text)
        self.assertLess(self.server.resident_bytes() - before, 16 << 20)
        del client._dress
        self.assertEqual(OK, client.call(ECHO, echo_request("still")).status)


if __name__ == "__main__":
    SERVER = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
