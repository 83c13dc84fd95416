"""What a run builds once for all its tests, and where it lies."""

import os
import re
import threading
import time

import docker_cli
from docker_cli import ROOT, docker, run

GRPC_STATIC_IMAGE = "dialtone-test/grpc-echo-static"
GRPC_SHARED_IMAGE = "dialtone-test/grpc-echo"
RECIPE_IMAGE = "dialtone-test/dice"
RECIPE_BUILD_IMAGE = "dialtone-test/dice-build"
TOOLCHAIN_IMAGE = "dialtone-test/toolchain"
IMAGES = (docker_cli.SERVER_IMAGE, docker_cli.CLIENT_IMAGE, GRPC_STATIC_IMAGE, GRPC_SHARED_IMAGE, RECIPE_IMAGE,
          RECIPE_BUILD_IMAGE, TOOLCHAIN_IMAGE)

BUILD_SECONDS_MAX = 1800  # of one image, on a machine that has other things to do

folder = None  # a temporary one of this run
host = None    # a docker_cli.HostClient
packages = None
seconds = {}   # how long each build took


def version():
    with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(dialtone VERSION ([0-9.]+)", file.read()).group(1)


def build(context, *arguments):
    docker("build", *arguments, context, timeout=BUILD_SECONDS_MAX)


class _Timed:
    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.begin = time.monotonic()

    def __exit__(self, *_):
        seconds[self.what] = time.monotonic() - self.begin
        print(f"containers: {self.what}: {seconds[self.what]:.0f} s", flush=True)


def _build_grpc(errors):
    try:
        with _Timed("gRPC's echo images"):
            for target, tag in (("static", GRPC_STATIC_IMAGE), ("shared", GRPC_SHARED_IMAGE)):
                build(ROOT, "-f", os.path.join(ROOT, "tests/containers/grpc_echo/Dockerfile"), "--target", target, "-t", tag)
    except Exception as error:  # raised again on the main thread
        errors.append(error)


def everything(into):
    """Images, packages, and the programs that run on the host."""
    global folder, host, packages
    folder = into
    with _Timed("base image"):
        run(os.path.join(ROOT, "docker/base_image.sh"), timeout=300)
    errors = []
    # It mostly waits for packages while ours compiles.
    grpc = threading.Thread(target=_build_grpc, args=(errors,))
    grpc.start()
    try:
        with _Timed("images and packages, from source"):
            ours = ("-f", os.path.join(ROOT, "docker/Dockerfile"))
            build(ROOT, *ours, "--target", "echo-server", "-t", docker_cli.SERVER_IMAGE)
            build(ROOT, *ours, "--target", "echo-client", "-t", docker_cli.CLIENT_IMAGE)
            packages = os.path.join(folder, "packages")
            build(ROOT, *ours, "--target", "packages", "--output", f"type=local,dest={packages}")
    finally:
        grpc.join()
    if errors:
        raise errors[0]
    host = docker_cli.HostClient(folder)
    _build_recipe()
    run("g++", "-std=c++20", "-O2", "-static", "-o", os.path.join(folder, "first_answer"),
        os.path.join(ROOT, "tests/containers/first_answer.cc"))


def _build_recipe():
    """As a user does: a copy of the folder, the package beside it."""
    with _Timed("the recipe, with the package"):
        copy = os.path.join(folder, "recipe")
        run("cp", "-r", os.path.join(ROOT, "docker/recipe"), copy)
        run("cp", "-r", packages, os.path.join(copy, "packages"))
        build(copy, "--target", "toolchain", "-t", TOOLCHAIN_IMAGE)
        build(copy, "--target", "build", "-t", RECIPE_BUILD_IMAGE)
        build(copy, "-t", RECIPE_IMAGE)


def remove_images():
    """From an engine that goes on running."""
    docker("image", "rm", "--force", *IMAGES, check=False)
