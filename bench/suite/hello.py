"""What a hello server costs its user: how large it is beside the libraries under it, and how long it takes to build."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

JOBS = 2


def _stripped_bytes(program):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / program.name
        subprocess.run(["strip", "-o", stripped, program], check=True, timeout=60)
        return stripped.stat().st_size


def sizes(bench):
    server, bare = _stripped_bytes(bench / "hello/hello_server"), _stripped_bytes(bench / "hello/hello_bare")
    return {"server_bytes": server, "bare_bytes": bare, "extra_bytes": server - bare}


def _build(build):
    began = time.monotonic()
    # Without a cache: a user's first build has none.
    subprocess.run(["cmake", "--build", build, "--target", "hello_server", "-j", str(JOBS)], check=True, timeout=600,
                   capture_output=True, env={**os.environ, "CCACHE_DISABLE": "1"})
    return time.monotonic() - began


def compile_seconds(build):
    """From generated code to the program, on two processors; what the build tool takes to find nothing to do is taken off."""
    _build(build)
    folder = build / "bench/hello"
    for made in (folder / "CMakeFiles/hello_server.dir", folder / "CMakeFiles/bench_greeter.dir",
                 folder / "bench_greeter_generated"):
        for path in made.rglob("*"):
            if path.suffix in (".o", ".cc", ".h"):
                path.unlink()
    (folder / "hello_server").unlink()
    (folder / "libbench_greeter.a").unlink()
    anew = _build(build)
    return anew - _build(build)


def measure(bench, build, rounds):
    """[{"size": …, "compile": {"seconds": …}}]; no rounds: the size alone, nothing is built."""
    size = sizes(bench)
    if shutil.which("cmake") is None or rounds == 0:
        return [{"size": size}]
    return [{"size": size, "compile": {"seconds": compile_seconds(build)}} for _ in range(rounds)]
