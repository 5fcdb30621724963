"""Follows a Containerfile, as root, in a mount and process namespace of its own and on a copy of this system that is gone afterwards:
containerfile.py CONTAINERFILE CONTEXT WORK PATH. Its base stands for itself: an environment of the system's Python, whose pip and python3 are the
first of the path. What it says is run as the first process of another namespace without a network, as its user, with its health check, and is stopped by TERM.
Prints `healthy`, what PATH on its port answers, and `ended 0`."""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

SECONDS = 60
ENVIRONMENT = {"PATH": "/opt/python/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "PIP_ROOT_USER_ACTION": "ignore"}
KNOWN = ("FROM", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD")
NEIGHBOUR = "python3 -m http.server --bind 127.0.0.1 --directory %s 8000 > /dev/null 2>&1 &"
NAMESPACES = 'ip link set lo up && %s exec unshare --pid --fork --kill-child --mount-proc=%s/proc "$@"'
ASK = """import http.client, sys
client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
client.request("GET", sys.argv[2])
print(client.getresponse().read().decode()[:500])"""


def run(*command, **more):
    return subprocess.run(command, check=True, timeout=SECONDS * 2, **more)


def copy_of_the_system(work):
    run("mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", work)
    upper, lower, root = (os.path.join(work, name) for name in ("upper", "work", "root"))
    for folder in (upper, lower, root):
        os.mkdir(folder)
    run("mount", "-t", "overlay", "-o", "lowerdir=/,upperdir=%s,workdir=%s" % (upper, lower), "overlay", root)
    run("mount", "-t", "proc", "proc", root + "/proc")
    run("mount", "--rbind", "/dev", root + "/dev")
    for place in ("/tmp", "/run", "/srv"):
        run("mount", "-t", "tmpfs", "tmpfs", root + place)
    run("chroot", root, "/usr/bin/python3", "-m", "venv", "/opt/python")
    return root


class Container:
    def __init__(self, root, context):
        self.root, self.context = root, context
        self.folder, self.user, self.ports = "/", "root", []
        self.command, self.health = [], []

    def within(self, *command):
        """A command in it: as its user, in its folder."""
        return ["chroot", "--userspec=" + self.user, self.root, "/usr/bin/env", "--chdir=" + self.folder, *command]

    def follow(self, word, rest):
        if word not in KNOWN:
            sys.exit("a word that is not known: " + word)
        if word == "WORKDIR":
            self.folder = rest
            os.makedirs(self.root + rest, exist_ok=True)
        elif word == "COPY":
            *sources, target = rest.split()
            place = os.path.join(self.root + self.folder, target) if not target.startswith("/") else self.root + target
            for source in sources:
                found = glob.glob(os.path.join(self.context, source))
                if not found:
                    sys.exit("nothing to copy: " + source)
                for one in found:
                    self.put(one, place, target)
        elif word == "RUN":
            run(*self.within("/bin/sh", "-c", rest), env={**ENVIRONMENT, **self.network()})
        elif word == "USER":
            self.user = rest
        elif word == "EXPOSE":
            self.ports.append(int(rest))
        elif word == "HEALTHCHECK":
            self.health = json.loads(rest[rest.index("CMD") + 3 :])
        elif word == "CMD":
            self.command = json.loads(rest)

    @staticmethod
    def network():
        """How the registry of packages is reached from here."""
        names = ("http_proxy", "https_proxy", "no_proxy", "ssl_cert_file", "requests_ca_bundle")
        return {name: value for name, value in os.environ.items() if name.lower() in names or name.startswith("PIP_")}

    @staticmethod
    def put(source, place, target):
        if os.path.isdir(source):
            shutil.copytree(source, place, dirs_exist_ok=True)
        else:
            os.makedirs(place if target.endswith("/") else os.path.dirname(place), exist_ok=True)
            shutil.copy(source, place)


def instructions(path):
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"^#.*\n", "", file.read(), flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        yield word, rest.strip()


def until(condition, what, process):
    deadline = time.monotonic() + SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(what)
        time.sleep(0.1)


def main():
    containerfile, context, work, target = sys.argv[1:]
    container = Container(copy_of_the_system(work), context)
    for word, rest in instructions(containerfile):
        container.follow(word, rest)
    # What a front attaches to stands beside it, and has its name.
    with open(container.root + "/etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 app\n")
    neighbour = "" if 8000 in container.ports else NEIGHBOUR % context
    inner = NAMESPACES % (neighbour, container.root)
    beside = subprocess.Popen(
        ["unshare", "--net", "/bin/sh", "-c", inner, "sh", *container.within(*container.command)], env=ENVIRONMENT
    )
    try:
        nearby = ["nsenter", "--net=/proc/%d/ns/net" % beside.pid]

        def is_healthy():
            return subprocess.run([*nearby, *container.within(*container.health)], env=ENVIRONMENT, timeout=SECONDS).returncode == 0

        until(is_healthy, "it was not healthy in time", beside)
        print("healthy", flush=True)
        run(*nearby, *container.within("python3", "-c", ASK, str(container.ports[0]), target), env=ENVIRONMENT)
        with open("/proc/%d/task/%d/children" % (beside.pid, beside.pid), encoding="ascii") as children:
            first = [int(child) for child in children.read().split()]
        # As an engine stops it: the first process alone is told.
        os.kill(first[-1], signal.SIGTERM)
        print("ended %d" % beside.wait(SECONDS), flush=True)
    finally:
        beside.kill()


main()
