"""Installs Dialtone into a scratch prefix, then builds and runs README's project against it, as a user would.

  consumer_test.py --build <build tree> --source <Dialtone's root> --work <scratch folder> [--cmake cmake]
                   [--compiler c++] [--flags "..."] [--config RelWithDebInfo]

README's four files (greeter.proto, greeter_server.cc, greeter_client.cc, CMakeLists.txt) are the project, as they stand, and
are configured without a warning of CMake's. README's loose snippets, and those of docs/coroutine-tools.md and
docs/observability.md, are compiled as further targets of it. Then the server runs as a process of its own, the client calls it,
and SIGTERM must end the server with 0. A second build has nothing to do, in a folder with a space in its name, too: such
a <scratch folder> is good. The streaming snippets are run against each other, too (streams_main.cc).
README's port is replaced by a free one.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import readme_files

README_FILES = ("CMakeLists.txt", "greeter.proto", "greeter_client.cc", "greeter_server.cc")
# Pages that have snippets for the same project.
OTHER_PAGES = ("docs/coroutine-tools.md", "docs/observability.md")
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
README_PORT = "7000"

# CMake reads this at README's project() command, and does what it says behind the last line of README's CMakeLists.txt.
AT_PROJECT = """\
cmake_language(DEFER CALL include snippets/targets.cmake)
"""
SNIPPET_TARGETS = """\
add_library(snippets OBJECT {files})
target_link_libraries(snippets PRIVATE greeter)
add_executable(streams snippets/streams_main.cc {streams})
target_link_libraries(streams PRIVATE greeter)
if(TARGET dialtone::flags)
  add_executable(server_with_flags snippets/server_flags.cc)
  target_link_libraries(server_with_flags PRIVATE greeter dialtone::flags)
endif()
add_executable(server_with_admin_port {admin})
target_link_libraries(server_with_admin_port PRIVATE greeter dialtone::admin)
if(TARGET dialtone::otlp)
  add_executable(spans_to_a_collector {otlp})
  target_link_libraries(spans_to_a_collector PRIVATE dialtone::otlp)
endif()
"""
# What the streaming snippets print: a chat with either kind of handler, Follow, Collect.
STREAMS_PRINT = (["hello world"] * 6 + ["hello world", "how are you, world", "goodbye world"]
                 + ["hello world world world"])


def run(*command, **options):
    print("+ " + " ".join(command), flush=True)
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_project(source, folder, port):
    """Lays out README's project in `folder`, and the snippets in `folder`/snippets; returns how many there are."""
    with open(os.path.join(source, "README.md"), encoding="utf-8") as file:
        found = readme_files.blocks(file.read())
    missing = [name for name in README_FILES if ("file", name) not in found]
    if missing:
        raise readme_files.PageError(f"README.md has no <!-- file: ... --> block for {', '.join(missing)}")
    for page in OTHER_PAGES:
        with open(os.path.join(source, page), encoding="utf-8") as file:
            more = readme_files.blocks(file.read(), page)
        twice = sorted(name for _, name in found.keys() & more.keys())
        if twice:
            raise readme_files.PageError(f"{page} and another page have a block named {', '.join(twice)}")
        found |= more
    for key, text in found.items():
        text = text.replace("0.0.0.0:" + README_PORT, f"127.0.0.1:{port}")
        found[key] = re.sub(rf":{README_PORT}\b", f":{port}", text)
    readme_files.write_files(found, folder)
    wrappers = os.path.join(os.path.dirname(os.path.abspath(__file__)), "snippets")
    snippets = readme_files.write_snippets(found, os.path.join(folder, "snippets"), wrappers)
    shutil.copy(os.path.join(os.path.dirname(wrappers), "streams_main.cc"), os.path.join(folder, "snippets"))
    streams = [name for name in snippets if name.startswith("stream_")]
    otlp = [name for name in snippets if name.startswith("otlp_")]
    admin = [name for name in snippets if name.startswith("admin_")]
    targets = SNIPPET_TARGETS.format(
        files=" ".join("snippets/" + name for name in snippets if name not in streams + otlp + admin),
        admin=" ".join("snippets/" + name for name in admin),
        streams=" ".join("snippets/" + name for name in streams),
        otlp=" ".join("snippets/" + name for name in otlp))
    for name, text in (("at_project.cmake", AT_PROJECT), ("targets.cmake", targets)):
        with open(os.path.join(folder, "snippets", name), "w", encoding="utf-8") as file:
            file.write(text)
    return len(snippets)


def wait_until_listening(server, port):
    """Returns when something accepts on the port; a probe that connects and closes is no error to the server."""
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        if server.poll() is not None:
            raise AssertionError(f"the server left with {server.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not listen on port {port} within {START_SECONDS_MAX} s")


def call_the_server(programs, port):
    server = subprocess.Popen([os.path.join(programs, "greeter_server")], stdin=subprocess.DEVNULL)
    try:
        wait_until_listening(server, port)
        client = run(os.path.join(programs, "greeter_client"), stdout=subprocess.PIPE, text=True, timeout=60)
        print(client.stdout, end="")
        if "hello" not in client.stdout:
            raise AssertionError("the client's output does not contain 'hello'")
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=STOP_SECONDS_MAX)
        if code != 0:
            raise AssertionError(f"SIGTERM: the server left with {code}, not with 0")
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def run_the_streams(build):
    streams = run(os.path.join(build, "streams"), stdout=subprocess.PIPE, text=True, timeout=60)
    if streams.stdout.splitlines() != STREAMS_PRINT:
        raise AssertionError(f"the streaming snippets printed:\n{streams.stdout}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--build", "--source", "--work"):
        parser.add_argument(name, required=True)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--flags", default="")
    parser.add_argument("--config", default="RelWithDebInfo")
    arguments = parser.parse_args()

    shutil.rmtree(arguments.work, ignore_errors=True)
    prefix, project, build = (os.path.join(arguments.work, name) for name in ("prefix", "project", "build"))
    os.makedirs(project)
    port = free_port()
    snippets = write_project(arguments.source, project, port)

    run(arguments.cmake, "--install", arguments.build, "--prefix", prefix, stdout=subprocess.DEVNULL)
    run(arguments.cmake, "-S", project, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={arguments.compiler}", f"-DCMAKE_CXX_FLAGS={arguments.flags}",
        f"-DCMAKE_BUILD_TYPE={arguments.config}", "-Werror=dev",
        f"-DCMAKE_PROJECT_greeter_INCLUDE={os.path.join(project, 'snippets', 'at_project.cmake')}", stdout=subprocess.DEVNULL)
    run(arguments.cmake, "--build", build, "-j", "2")
    call_the_server(build, port)
    run_the_streams(build)
    # A second build has nothing to do: the generated files' dependencies are right.
    again = run(arguments.cmake, "--build", build, stdout=subprocess.PIPE, text=True)
    if "no work to do" not in again.stdout:
        raise AssertionError(f"an unchanged project was built again:\n{again.stdout}")
    print(f"built and ran README's project and {snippets} snippets against the installed package")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, readme_files.PageError, subprocess.SubprocessError) as error:
        print(f"consumer_test: {error}", file=sys.stderr)
        sys.exit(1)
