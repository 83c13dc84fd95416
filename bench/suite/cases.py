"""What is measured: each case is a contender's server and client with their flags, and where it is run."""

import dataclasses

SAME = ("same",)
ALL = ("same", "cross", "hot")
MIB = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    contender: str
    servers: tuple  # commands; a later one may name "{address}", where the one before listens
    client: tuple
    placements: tuple = SAME
    # At least so long, whatever a quick run asks for: what takes long is seldom.
    seconds_min: float = 0.0
    # Until the memory of large messages is there: each side asks the kernel for some 20 MiB of it, a page at a time.
    warmup_min: float = 0.0
    # Whether calls that fail are a finding, and not a fault of the suite's.
    may_fail: bool = False


# (name of the shape, flags of the client)
SHAPES = (("1x64", ("--in-flight", 64)),
          ("8x16", ("--connections", 8, "--in-flight", 16)),
          ("1x256", ("--in-flight", 256)))
ONE_MIB = {"seconds_min": 0.3, "warmup_min": 0.3}


def floors(bench):
    pingpong = (bench / "floor_pingpong_server",), (bench / "floor_pingpong_client",)
    epoll = (bench / "floor_epoll_server",), (bench / "floor_epoll_client",)
    protobuf = ("--protobuf", 1)
    split = protobuf + ("--frames-a-write", 16)

    def case(name, programs, both=(), client=(), placements=ALL, **more):
        server_program, client_program = programs
        return Case(name, "floor", (server_program + tuple(both),), client_program + tuple(both) + tuple(client),
                    placements, **more)

    yield case("pingpong", pingpong)
    yield case("epoll 1", epoll)
    yield case("floor 1", epoll, protobuf)
    last = epoll[0] + protobuf
    yield Case("floor chain", "floor", (last, (*last, "--forward", "{address}")), epoll[1] + protobuf)
    yield case("epoll 1x64", epoll, (), SHAPES[0][1])
    for shape, flags in SHAPES:
        yield case(f"floor {shape}", epoll, protobuf, flags)
        yield case(f"floor, 16 a write {shape}", epoll, split, flags)
    yield case("epoll 1 MiB", epoll, (), ("--in-flight", 8, "--payload-bytes", MIB), ("same", "cross"), **ONE_MIB)
    yield case("pingpong 64 MiB", pingpong, ("--bytes", 64 * MIB), (), ("same", "cross"), seconds_min=1.0)


def dialtone(bench):
    server, client = bench / "dialtone_server", bench / "dialtone_client"
    coroutine = ("--handlers", "coroutine")

    def case(name, client_flags, server_flags=(), placements=SAME, **more):
        return Case(f"dialtone {name}", "dialtone", ((server, *server_flags),), (client, *client_flags), placements, **more)

    blocking = ("--mode", "blocking")
    yield case("blocking", blocking, placements=ALL)
    yield case("1", ("--in-flight", 1), placements=ALL)
    for shape, flags in SHAPES:
        yield case(shape, flags, placements=ALL)
    yield case("1x64 coroutine", SHAPES[0][1], coroutine)
    yield case("1x64 observed", (*SHAPES[0][1], "--observers", 1), ("--observers", 1))
    uncounted = ("--no-metrics", 1)
    yield case("1x64 without metrics", (*SHAPES[0][1], *uncounted), uncounted)
    yield case("8x16 two reactors", SHAPES[1][1], ("--reactors", 2))
    for threads in (2, 16):
        many = (*blocking, "--threads", threads)
        yield case(f"{threads} threads, one channel", many)
        yield case(f"{threads} threads, a channel each", (*many, "--connections", threads))
    yield Case("dialtone chain", "dialtone", ((server,), (server, "--forward", "{address}")), (client, *blocking))
    yield case("1 MiB", ("--in-flight", 8, "--payload-bytes", MIB), (), ("same", "cross"), **ONE_MIB)
    yield case("64 MiB", (*blocking, "--payload-bytes", 64 * MIB, "--large", 1), ("--large", 1), ("same", "cross"),
               seconds_min=1.0)
    attached = ("--attached", 1)
    yield case("1 MiB attached", ("--in-flight", 8, "--payload-bytes", MIB, *attached), (), ("same", "cross"), **ONE_MIB)
    yield case("64 MiB attached", (*blocking, "--payload-bytes", 64 * MIB, "--large", 1, *attached), ("--large", 1),
               ("same", "cross"), seconds_min=1.0)
    yield case("stream", ("--mode", "stream"), coroutine, ALL)
    yield case("stream ping-pong", ("--mode", "stream-pingpong"), coroutine)


def peers(bench):
    """Those that are built: bench/peers/<name>/<name>_server."""
    for server in sorted((bench / "peers").glob("*/*_server")):
        name = server.name.removesuffix("_server")
        client = server.with_name(f"{name}_client")
        if not client.exists():
            continue
        yield Case(f"{name} blocking", name, ((server,),), (client, "--mode", "blocking"), ALL)
        for shape, flags in SHAPES[:2]:
            yield Case(f"{name} {shape}", name, ((server,),), (client, *flags), ALL)


# Overload: handlers that compute for so long, as they come, on a reactor; and on one worker thread behind a limit that adapts.
WORK_US = 200
DEADLINE_MS = 100
OVERLOADED = {"reactor": (), "worker": ("--workers", 1, "--adaptive", 1)}


def overload_server(bench, where):
    return (bench / "dialtone_server", "--work-us", WORK_US, *OVERLOADED[where])


def overload_capacity(bench, where):
    return Case(f"capacity, {where}", "dialtone", (overload_server(bench, where),),
                (bench / "dialtone_client", "--in-flight", 16), ("cross",), seconds_min=0.5)


def overload(bench, where, capacity):
    """An open loop at twice the rate that the server can serve."""
    return Case(f"overload, {where}", "dialtone", (overload_server(bench, where),),
                (bench / "dialtone_client", "--mode", "open", "--schedule", f"const:{2 * capacity:.0f}", "--timeout-ms",
                 DEADLINE_MS), ("cross",), seconds_min=1.0, may_fail=True)


def holders(bench):
    """Who is asked for many connections that idle: (contender, server, client)."""
    idle = ("--mode", "idle")
    yield "floor", (bench / "floor_epoll_server",), (bench / "floor_epoll_client", *idle)
    yield "dialtone", (bench / "dialtone_server",), (bench / "dialtone_client", *idle)


def interleaved(bench, peers_bench=None):
    """Peers are built elsewhere where the others are linked statically."""
    return [*floors(bench), *dialtone(bench), *peers(peers_bench or bench)]
