#!/usr/bin/env python3
"""Shows that the simulation finds faults: builds one variant of simulation_test for each fault of faults.py,
runs it until it fails, at most so many seeds, and prints which seed found what. Without faults all must pass.

    planted_faults.py <build directory> [--seeds 1000] [--jobs 2] [--only TEXT]

The build directory is a Ninja build of this tree in which simulation_test has been built. A variant recompiles
one translation unit, with a copy of the file, and links it before the libraries. Leaves with 1 if a fault was not
found, was not there to be planted any more, or if the tree itself fails.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / 'tests/tidy'))
from faults import FAULTS  # noqa: E402
from translation_units import INCLUDE, sources_of  # noqa: E402

TEST = 'tests/rpc/simulation/simulation_test'
RUN_SECONDS = 120


class Broken(Exception):
    """The step itself cannot go on."""


def plant(fault, text):
    """The file's text with the fault in it."""
    words = [re.escape(word) for word in fault.old.split()]
    found = list(re.finditer(r'\s+'.join(words), text))
    if len(found) != 1:
        raise Broken(f'{fault.file} has {len(found)} places, not one, like:\n    {fault.old}\n'
                     'faults.py must follow the code.')
    return text[:found[0].start()] + fault.new + text[found[0].end():]


class Variants:
    def __init__(self, build):
        self.build = build
        self.where = build / 'planted_faults'
        self.where.mkdir(exist_ok=True)
        entries = json.loads((build / 'compile_commands.json').read_text())
        self.compile = {source: entry for entry in entries for source in sources_of(entry['file'])}
        links = subprocess.run(['ninja', '-C', str(build), '-t', 'commands', TEST], check=True,
                               capture_output=True, text=True).stdout.splitlines()
        self.link = links[-1]
        if f'-o {TEST} ' not in self.link:
            raise Broken(f'{build} does not link {TEST} as expected: {self.link}')

    def make(self, number, fault):
        """Builds a variant and returns its program."""
        source = ROOT / fault.file
        copy = self.where / f'{number:02}_{source.name}'
        copy.write_text(plant(fault, source.read_text()))
        entry = self.compile.get(os.path.realpath(source))
        if entry is None:
            raise Broken(f'{self.build} does not compile {fault.file}')
        arguments = shlex.split(entry['command'])
        out = arguments.index('-o')
        del arguments[out:out + 2]
        arguments = [a for a in arguments if os.path.realpath(a) != os.path.realpath(entry['file'])]
        planted = copy.with_suffix('.o')
        unit = self.unit(entry['file'], source, copy)
        arguments += ['-O1', '-g0', '-Wno-error', '-w', '-iquote', str(source.parent), '-o', str(planted), str(unit)]
        self.call(arguments, entry['directory'])
        program = copy.with_suffix('')
        self.call(['sh', '-c', self.link.replace(f'-o {TEST} ', f'{planted} -o {program} ')], self.build)
        return program

    @staticmethod
    def unit(unit, source, copy):
        """The translation unit with the copy in place of the source."""
        if os.path.realpath(unit) == os.path.realpath(source):
            return copy
        def with_copy(include):
            same = os.path.realpath(include[1]) == os.path.realpath(source)
            return f'#include "{copy}"' if same else include[0]
        planted = copy.with_suffix('.unit.cc')
        planted.write_text(INCLUDE.sub(with_copy, pathlib.Path(unit).read_text()))
        return planted

    @staticmethod
    def call(command, directory):
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True)
        if done.returncode != 0:
            raise Broken(f'{shlex.join(command)}\n{done.stdout}{done.stderr}')


def run(program, seeds):
    """(seed that failed or None, what it said)"""
    try:
        done = subprocess.run([str(program), f'--seeds=1:{seeds}'], capture_output=True, text=True,
                              errors='replace', timeout=RUN_SECONDS)
    except subprocess.TimeoutExpired:
        raise Broken(f'{program} ran longer than {RUN_SECONDS} s') from None
    if done.returncode == 0:
        return None, ''
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    found = re.search(r'^seed (\d+) (?:failed|aborted)', done.stderr, re.MULTILINE)
    if found is None:
        raise Broken(f'{program} left with {done.returncode} and named no seed:\n{done.stderr[-2000:]}')
    words = next((line for line in said if re.match(r'call|after|the handler|/.*check failed', line)), 'it crashed')
    return int(found.group(1)), words


def examine(variants, number, fault, seeds):
    began = time.monotonic()
    seed, words = run(variants.make(number, fault), seeds)
    return fault, seed, words, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('--seeds', type=int, default=1000)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--only', default='', help='only faults whose name contains this')
    options = parser.parse_args()

    build = options.build.resolve()
    seed, words = run(build / TEST, options.seeds)
    if seed is not None:
        print(f'without a fault: seed {seed} fails: {words}')
        return 1
    print(f'without a fault: {options.seeds} seeds pass')

    variants = Variants(build)
    faults = [fault for fault in FAULTS if options.only in fault.name]
    missed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda pair: examine(variants, *pair, options.seeds), enumerate(faults))
        for fault, seed, words, seconds in results:
            missed += seed is None
            told = 'NOT FOUND' if seed is None else f'seed {seed}'
            print(f'{fault.name:45} {told:>10} {seconds:4.0f} s  {words[:150]}', flush=True)
    print(f'{len(faults) - missed} of {len(faults)} faults found within {options.seeds} seeds')
    return 1 if missed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Broken as broken:
        print(f'planted_faults: {broken}', file=sys.stderr)
        sys.exit(1)
