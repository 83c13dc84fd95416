"""What a Docker engine leaves on a machine, so that a test can take it away again and see that nothing is left."""

import os
import shutil
import subprocess

# Of the network: what these begin with is an engine's.
LINKS = ("docker", "br-", "veth")
FILES = ("/etc/docker", "/etc/docker/key.json", "/run/docker", "/run/docker.sock", "/run/docker.pid", "/run/containerd",
         "/run/runc", "/var/lib/docker", "/var/lib/containerd", "/opt/containerd")
PROGRAMS = ("dockerd", "containerd", "containerd-shim", "docker-proxy", "runc")
SETTINGS = ("/proc/sys/net/ipv4/ip_forward",)


def _lines(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return result.stdout.splitlines()


def _rules(save):
    """{(table, rule as it was added)}: an engine's rules, its chains as ":NAME", and policies other than ACCEPT."""
    table, found = "", set()
    for line in _lines(save):
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            chain, policy = line[1:].split()[:2]
            if chain.startswith("DOCKER"):
                found.add((table, ":" + chain))
            elif policy == "DROP":
                found.add((table, f"-P {chain} DROP"))
        elif line.startswith("-A") and ("DOCKER" in line or "docker0" in line or " br-" in line or "MASQUERADE" in line):
            found.add((table, line))
    return found


def _processes():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                name = file.read().strip()
        except OSError:
            continue
        if name.startswith(PROGRAMS):
            found.add((name, int(pid)))
    return found


def _cgroups():
    found = set()
    for top in ["/sys/fs/cgroup"] + [entry.path for entry in os.scandir("/sys/fs/cgroup") if entry.is_dir()]:
        if os.path.isdir(os.path.join(top, "docker")):
            found.add(os.path.join(top, "docker"))
    return found


def _mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        points = [line.split()[1] for line in file]
    return {point for point in points if "docker" in point or "containerd" in point or "dialtone-engine" in point}


def _settings():
    found = set()
    for path in SETTINGS:
        with open(path, encoding="utf-8") as file:
            found.add((path, file.read().strip()))
    return found


def look():
    """{kind: set}, to compare with what it is later."""
    return {
        "network links": {name for name in os.listdir("/sys/class/net") if name.startswith(LINKS)},
        "iptables": _rules("iptables-save"),
        "ip6tables": _rules("ip6tables-save"),
        "mounts": _mounts(),
        "processes": _processes(),
        "files": {path for path in FILES if os.path.exists(path)},
        "cgroups": _cgroups(),
        "settings": _settings(),
    }


def left(before, after):
    """Texts, one for each thing that is there now and was not before."""
    return [f"{kind}: {thing}" for kind in after for thing in sorted(after[kind] - before[kind], key=str)]


def _remove_rules(tool, rules):
    for table, rule in sorted(rules, key=lambda entry: entry[1].startswith(":")):  # chains last, when they are empty
        if rule.startswith("-P"):
            commands = [["-P", rule.split()[1], "ACCEPT"]]
        elif rule.startswith(":"):
            commands = [["-F", rule[1:]], ["-X", rule[1:]]]
        else:
            commands = [["-D"] + rule.split()[1:]]
        for command in commands:
            subprocess.run([tool, "-t", table, *command], stderr=subprocess.DEVNULL, check=False)


def remove(before):
    """Takes away what an engine that has ended left since `before`, files of its data root apart."""
    new = {kind: things - before[kind] for kind, things in look().items()}
    for point in sorted(new["mounts"], reverse=True):
        subprocess.run(["umount", point], check=False)
    for link in new["network links"]:
        subprocess.run(["ip", "link", "delete", link], stderr=subprocess.DEVNULL, check=False)
    _remove_rules("iptables", new["iptables"])
    _remove_rules("ip6tables", new["ip6tables"])
    for path in new["files"]:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            os.unlink(path)
    for path in new["cgroups"]:
        for folder, _, _ in os.walk(path, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
    for path, value in before["settings"]:
        with open(path, "w", encoding="utf-8") as file:
            file.write(value)
