"""One development network, the people who use it, and the probe app: shared by all cases."""
from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import socket
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Answer, Cli, Failure, Json, check, equal, wait_until
from image import write_layout

PORTS = 10  # how many a network uses, counted from its base
FAST = "5"  # the category whose tasks last 3 s and are over after 30 s
FAST_FINAL_SECONDS = 30


def free_port_base() -> int:
    """Below the range the kernel hands out by itself."""
    for base in random.sample(range(21000, 32000, 20), 50):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(base, base + PORTS):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return base
    raise Failure("no free ports")


@dataclass(frozen=True)
class Dump:
    """What the probe saw: its environment, its arguments, and every file below /iexec_in."""

    env: dict[str, str]
    args: list[str]
    files: dict[str, bytes]

    @staticmethod
    def read(path: Path) -> Dump:
        dump = Dump({}, [], {})
        for line in path.read_text().splitlines():
            kind, *words = line.split(" ")
            values = [bytes.fromhex(word) for word in words]
            if kind == "env":
                name, _, value = values[0].decode().partition("=")
                dump.env[name] = value
            elif kind == "arg":
                dump.args.append(values[0].decode())
            else:
                dump.files[values[0].decode()] = values[1]
        return dump


@dataclass(frozen=True)
class Account:
    stake: int
    locked: int


class Network:
    """A devnet of its own folder and ports."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli, self.folder, self.port_base = cli, folder, free_port_base()

    @property
    def document(self) -> Path:
        return self.folder / "network.toml"

    def up(self, *more: str) -> Json:
        return self.cli.good("devnet", "up", "--detach", "--dir", str(self.folder), "--port-base", str(self.port_base), *more)

    def down(self) -> Json:
        return self.cli.good("devnet", "down", "--dir", str(self.folder))

    def port(self, offset: int) -> int:
        return self.port_base + offset

    def rpc(self, method: str, *params: object) -> Any:
        """What the chain's node answers."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port(0)}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            said = json.load(answer)
        check("result" in said, f"{method}: {said.get('error')}")
        return said["result"]

    def contract(self, key: str) -> str:
        """An address of the network document."""
        return tomllib.loads(self.document.read_text())["contracts"][key]

    def deploy_contract(self, build: Path, name: str, *addresses: str) -> str:
        """A contract of contracts/test, made with these constructor arguments by an account of the node."""
        code = json.loads((build / "contracts/test-artifacts.json").read_text())["contracts"][name]["bytecode"]
        data = code + "".join(address[2:].rjust(64, "0") for address in addresses)
        sent = self.rpc("eth_sendTransaction", {"from": self.rpc("eth_accounts")[5], "data": data, "gas": hex(2_000_000)})
        receipt = wait_until(lambda: self.rpc("eth_getTransactionReceipt", sent), f"{name} is deployed")
        equal(receipt["status"], "0x1", f"status of {name}'s deployment")
        return receipt["contractAddress"]

    def run_state(self) -> Json:
        return json.loads((self.folder / "run.json").read_text())

    @contextlib.contextmanager
    def worker_stopped(self) -> Iterator[None]:
        """The worker as if its machine hung: nothing is leased meanwhile."""
        pid = self.run_state()["programs"]["worker"]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


class World:
    def __init__(self, program: Path, probe: Path, folder: Path) -> None:
        self.folder, self.probe = folder, probe
        password = folder / "password"
        password.write_text(secrets.token_urlsafe(24) + "\n")
        password.chmod(0o600)
        self.cli = Cli(program, folder / "home", folder / "net/network.toml", password)
        self.network = Network(self.cli, folder / "net")
        self._people: dict[str, str] = {}
        self._apps: dict[str, str] = {}
        self._count = 0
        self._second: World | None = None

    def new_path(self, stem: str) -> Path:
        self._count += 1
        return self.folder / f"{stem}-{self._count}"

    def file(self, name: str, content: bytes | str) -> Path:
        folder = self.new_path("file")
        folder.mkdir()
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def person(self, name: str) -> str:
        """The address of a wallet of this name, with money; made on first use."""
        if name not in self._people:
            self._people[name] = self.cli.good("wallet", "new", name, "--light")["address"]
            self.cli.good("wallet", "fund", name)
        return self._people[name]

    def account(self, who: str) -> Account:
        shown = self.cli.good("wallet", "show", who)
        return Account(int(shown["stakeNrlc"]), int(shown["lockedNrlc"]))

    def deploy(self, name: str, *entrypoint: str, options: tuple[str, ...] = (), env: tuple[str, ...] = (), manifest: dict[str, object] | None = None) -> str:
        """An app that starts the probe with these words; the same name again is the same app."""
        if name not in self._apps:
            self.person("developer")
            layout = write_layout(self.new_path("image"), self.probe, ["/probe", *entrypoint], list(env), manifest)
            self._apps[name] = self.cli.good("deploy", str(layout), "--name", name, "--wallet", "developer", *options)["app"]
        return self._apps[name]

    def image(self) -> Path:
        """An OCI layout of the probe."""
        self.person("developer")
        return write_layout(self.new_path("image"), self.probe, ["/probe", "dump"], [], None)

    def probe_app(self) -> str:
        return self.deploy("dump", "dump")

    def protect(self, *argv: str, owner: str = "owner") -> str:
        self.person(owner)
        return self.cli.good("protect", *argv, "--wallet", owner)["dataset"]

    def small_data(self, owner: str = "owner") -> str:
        return self.protect(str(self.file("small.csv", "a,b\n1,2\n")), "--name", "Small data", owner=owner)

    def grant(self, dataset: str, app: str, user: str, *more: str, owner: str = "owner") -> str:
        """The hash of a grant of one use."""
        return self.cli.good("grant", dataset, "--app", app, "--user", self.person(user), *more, "--wallet", owner)["orderHash"]

    def run(self, app: str, *argv: str, user: str = "requester") -> tuple[Json, Path]:
        """A run that must succeed: its document and the folder of its files."""
        self.person(user)
        folder = self.new_path("result")
        document = self.cli.good("run", app, *argv, "--wallet", user, "--out", str(folder))
        return document, folder

    def dump(self, app: str, *argv: str, user: str = "requester") -> Dump:
        _, folder = self.run(app, *argv, user=user)
        return Dump.read(folder / "dump.txt")

    def match(self, app: str, *argv: str, user: str = "requester") -> str:
        """A task that is matched and not waited for."""
        self.person(user)
        return self.cli.good("run", app, *argv, "--wallet", user, "--detach")["task"]

    def task(self, task: str) -> Json:
        """What is known of a task; nothing yet when it was matched a moment ago."""
        answer = self.cli("task", task, "--json")
        check(answer.code == 0 or answer.error_id == "task.unknown", f"{answer.command}: {answer.err}")
        return answer.json() if answer.code == 0 else {"status": "UNKNOWN"}

    def wait_failed(self, task: str, seconds: float = 20) -> Json:
        """The failure the scheduler wrote down: {"id", "message"}."""
        return wait_until(lambda: self.task(task).get("failure"), f"task {task[:10]} fails", seconds)

    def wait_status(self, task: str, status: str, seconds: float = 20) -> None:
        wait_until(lambda: self.task(task)["status"] == status, f"task {task[:10]} is {status}", seconds, 0.2)

    def elsewhere(self) -> Cli:
        """The same program on another machine: no wallets, no keys, no memory."""
        return Cli(self.cli.program, self.new_path("home"), self.cli.network, self.cli.password_file)

    def second(self) -> World:
        """Another network beside this one, on another chain, with its own people; made on first use."""
        if self._second is None:
            folder = self.new_path("second")
            folder.mkdir()
            self._second = World(self.cli.program, self.probe, folder)
            self._second.start("--chain-id", "31337")
        return self._second

    def start(self, *more: str) -> float:
        began = time.monotonic()
        self.network.up(*more)
        return time.monotonic() - began

    def stop(self) -> None:
        if self._second:
            self._second.stop()
        answer: Answer = self.cli("devnet", "down", "--dir", str(self.network.folder))
        check(answer.code == 0, f"devnet down: {answer.err}")
