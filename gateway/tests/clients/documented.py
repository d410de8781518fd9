"""The two whole clients of docs/protocol.md, taken from the page and put through a killed gateway, a lost store and a bad token:
every event in order, once, or a gap told. Prints how many checks passed, and fails at the first that does not."""

import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request

HERE = pathlib.Path(__file__).parent
BINARY = os.environ["HOOKCAST_BIN"]
LINES_MAX = 40
DEADLINE = 30
CONFIG = """
[broker]
url = "file:./data"
[auth]
secrets = ["a secret that is long enough for tests"]
[[source]]
name = "s"
provider = "token"
header = "x-token"
secrets = ["sesame-for-tests"]
"""
RUN_PYTHON = """
import asyncio, json, os
from follow import follow
def say(**what): print(json.dumps(what), flush=True)
url = os.environ["HOOKCAST_URL"].replace("http", "ws", 1) + "/ws"
end = asyncio.run(follow(url, lambda: os.environ["HOOKCAST_TEST_TOKEN"], "s/*",
    lambda topic, event: say(event=event["data"]["value"]), lambda gap: say(gap=gap["reason"])))
say(end=end)
"""
passed = 0


def check(holds, what):
    global passed
    if not holds:
        raise SystemExit(f"failed: {what}")
    passed += 1


class Process:
    """A child whose lines are read as they come."""

    def __init__(self, command, **more):
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self):
        line = self.lines.get(timeout=DEADLINE)
        if line is None:
            raise SystemExit(f"failed: {self.child.args[0]} ended too early")
        return line

    def kill(self):
        self.child.kill()
        self.child.wait()


class Gateway:
    def __init__(self, folder):
        self.folder, self.listen = folder, "127.0.0.1:0"
        (folder / "hookcast.toml").write_text(CONFIG)
        self.start()

    def start(self):
        self.process = Process([BINARY, "serve", "--listen", self.listen], cwd=self.folder, stderr=subprocess.DEVNULL)
        while "listening on " not in (line := self.process.line()):
            pass
        self.url = line.split("listening on ")[1].split()[0]
        # The same port again after each start.
        self.listen = self.url.removeprefix("http://")

    def token(self):
        command = [BINARY, "token", "--subscribe", "s/**", "--ttl", "1h"]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def post(self, value):
        body = json.dumps({"type": "tick", "value": value}).encode()
        request = urllib.request.Request(f"{self.url}/hooks/s", body, {"x-token": "sesame-for-tests"})
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            assert answer.status == 202


def blocks():
    """The page's two programs by the name behind their language."""
    page = (HERE / "../../../docs/protocol.md").read_text()
    return dict(re.findall(r"^```\w+ (\S+\.\w+)\n(.*?)^```", page, re.S | re.M))


def try_client(name, command, folder):
    gateway = Gateway(folder)
    environment = {**os.environ, "HOOKCAST_URL": gateway.url, "PYTHONPATH": str(folder)}
    client = Process(command, env={**environment, "HOOKCAST_TEST_TOKEN": gateway.token()})
    try:
        # It is live once it prints; what was posted before is not for it.
        first = until_live(gateway, client)
        values = [json.loads(first)["event"]]
        for value in range(values[0] + 1, values[0] + 6):
            gateway.post(value)
        hear(client, values, 5)
        gateway.process.kill()
        gateway.start()
        for value in range(values[-1] + 1, values[-1] + 6):
            gateway.post(value)
        hear(client, values, 5)
        check(values == list(range(values[0], values[0] + 11)), f"{name}: in order and once over a killed gateway: {values}")
        gateway.process.kill()
        shutil.rmtree(folder / "data")
        gateway.start()
        check(json.loads(client.line()) == {"gap": "epoch"}, f"{name}: a lost store is told")
        gateway.post("after")
        check(json.loads(client.line()) == {"event": "after"}, f"{name}: and it goes on")
        away = Process(command, env={**environment, "HOOKCAST_TEST_TOKEN": "x.y.z"})
        check(json.loads(away.line()) == {"end": 4501}, f"{name}: a bad token sends it away")
        check(away.child.wait(timeout=DEADLINE) == 0, f"{name}: and it does not come back")
    finally:
        client.kill()
        gateway.process.kill()


def until_live(gateway, client):
    for value in range(1_000_000):
        gateway.post(value)
        try:
            return client.lines.get(timeout=0.05)
        except queue.Empty:
            pass


def hear(client, values, count):
    """Events that were posted before it was seen to be live may come first."""
    end = values[-1] + count if values else count
    while values[-1] < end:
        values.append(json.loads(client.line())["event"])


def main():
    programs = blocks()
    check(sorted(programs) == ["follow.mjs", "follow.py"], f"the page has both programs: {sorted(programs)}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        for name, text in programs.items():
            lines = len(text.splitlines())
            check(lines <= LINES_MAX, f"{name} has {lines} lines, more than {LINES_MAX}")
            (folder / name).write_text(text)
        for name, command in {
            "JavaScript": ["node", str(HERE / "documented.mjs"), str(folder / "follow.mjs")],
            "Python": [sys.executable, "-c", RUN_PYTHON],
        }.items():
            node = folder / name
            node.mkdir()
            # The program lies beside the data that is thrown away.
            shutil.copy(folder / "follow.py", node)
            try_client(name, command, node)
    print(passed)


main()
