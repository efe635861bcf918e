"""The development network itself: up, down, crash, two at once. Uses the second network, on chain 31337."""
from __future__ import annotations

import os
import signal
import socket
import subprocess

from harness import case, check, contains, equal, wait_until
from world import PORTS, Network, World

ENV_NAMES = [
    "RPC_URL", "HUB_ADDRESS", "RLC_ADDRESS", "SMS_URL", "MARKET_URL", "IPFS_API_URL", "IPFS_GATEWAY_URL", "CORE_URL", "REGISTRY_URL",
    "DATAPROTECTOR_ADDRESS", "WORKERPOOL_ADDRESS", "FUNDER_PRIVATE_KEY", "SCHEDULER_PRIVATE_KEY", "ADMIN_PRIVATE_KEY",
    "SUBGRAPH_URL", "DP_SUBGRAPH_URL", "COMPASS_URL", "RESULT_PROXY_URL", "SHARING_ADDRESS",
]  # fmt: skip
SERVICES = {"chain", "sms", "market", "ipfs-api", "ipfs-gateway", "core", "registry", "index", "compass", "result-proxy"}


def chain_id(network: Network) -> int:
    return int(network.rpc("eth_chainId"), 16)


def memory(world: World, dataset: str) -> tuple[object, ...]:
    """What must not be lost: the dataset, its open grants, the app, the ledger."""
    shown = world.cli.good("data", "show", dataset)
    audit = world.cli.good("audit")
    return shown["checksum"], shown["grants"], audit["size"], audit["root"], [d["task"] for d in audit["decisions"]]


def prepared(world: World) -> tuple[World, str]:
    """The second network with a dataset that was used once and may be used again."""
    second = world.second()
    dataset = second.small_data()
    second.grant(dataset, second.probe_app(), "requester", "--uses", "9")
    second.run(second.probe_app(), "--data", dataset)
    return second, dataset


def ports_in_use(network: Network) -> list[int]:
    used = []
    for offset in range(PORTS):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", network.port(offset))) == 0:
                used.append(network.port(offset))
    return used


def descendants_gone(pids: list[int]) -> bool:
    return not any(os.path.exists(f"/proc/{pid}") for pid in pids)


@case("two networks run side by side, one on chain 31337; a whole run works on each")
def two(world: World) -> None:
    second = world.second()
    equal((chain_id(world.network), chain_id(second.network)), (421614, 31337), "chain ids")
    document, _ = second.run(second.probe_app())
    equal(document["level"], "SIMULATED", "level")
    for network in (world.network, second.network):
        status = world.cli.good("devnet", "status", "--dir", str(network.folder))
        equal(set(status["services"].values()), {True}, "which services answer")
        check(SERVICES <= set(status["services"]), f"services: {status['services']}")


@case("`up` again is the same network; on taken ports it fails and says so")
def idempotent(world: World) -> None:
    second = world.second()
    before = second.network.run_state()["pid"]
    equal(second.network.up("--chain-id", "31337")["status"], "up", "status")
    equal(second.cli.good("devnet", "up", "--detach", "--dir", str(second.network.folder))["status"], "up", "status, with no options")
    equal(second.network.run_state()["pid"], before, "supervisor")
    third = Network(world.cli, world.new_path("third"))
    argv = ("devnet", "up", "--detach", "--dir", str(third.folder), "--port-base", str(third.port_base))
    answer = world.cli.bad(*argv, "--port", f"sms={world.network.port(1)}", code=1, error="devnet.port_taken")
    contains(answer.err, f"port {world.network.port(1)} (sms) ", "message")
    for ports, part in (("smss=1", "there is no port"), ("sms=1,sms=2", "named twice"), (f"sms={third.port(2)}", "would share"), ("sms=70000", "65535")):
        contains(world.cli.bad(*argv, "--port", ports, code=2, error="devnet.port").err, part, ports)
    equal(world.cli.good("devnet", "down", "--dir", str(third.folder))["wasRunning"], False, "was running")


@case("`down` ends every program and port; `up` brings datasets, grants and ledger back")
def down_up(world: World) -> None:
    second, dataset = prepared(world)
    before = memory(second, dataset)
    state = second.network.run_state()
    second.network.down()
    equal(ports_in_use(second.network), [], "ports after down")
    wait_until(lambda: descendants_gone([state["pid"], state["anvil"], *state["programs"].values()]), "every program ends", 5)
    answer = world.cli("devnet", "status", "--dir", str(second.network.folder))
    equal((answer.code, answer.out.count("up ")), (7, 0), "status when down")
    second.network.up("--chain-id", "31337")
    equal(memory(second, dataset), before, "what the network remembers")
    second.run(second.probe_app(), "--data", dataset)


@case("kill -9 of the supervisor takes everything down with it, and `up` recovers")
def killed(world: World) -> None:
    second, dataset = prepared(world)
    state = second.network.run_state()
    os.kill(state["pid"], signal.SIGKILL)
    wait_until(lambda: descendants_gone([state["anvil"], *state["programs"].values()]), "every program ends", 5)
    second.network.up("--chain-id", "31337")
    fresh = second.small_data()
    second.grant(fresh, second.probe_app(), "requester")
    second.run(second.probe_app(), "--data", fresh)
    second.cli.good("audit")


@case("a program that is killed is started again")
def restarted(world: World) -> None:
    second = world.second()
    state = second.network.run_state()
    for program in ("sms", "worker", "scheduler"):
        os.kill(state["programs"][program], signal.SIGKILL)

    def all_up() -> bool:
        programs = second.network.run_state()["programs"]
        return all(programs[name] != state["programs"][name] for name in ("sms", "worker", "scheduler")) and second.cli("devnet", "status", "--dir", str(second.network.folder)).code == 0

    wait_until(all_up, "all programs are back")
    second.run(second.probe_app())


@case("`iappd rekey` gives the key service a fresh master key; what it keeps still opens; not while it runs")
def rekey(world: World) -> None:
    second, dataset = prepared(world)
    sms = second.network.folder / "sms"
    before = (sms / "master.key").read_text()

    def run() -> subprocess.CompletedProcess[str]:
        iappd = second.cli.program.parent.parent / "iappd/iappd"
        return subprocess.run([iappd, "rekey", "--directory", sms], capture_output=True, text=True, check=False)

    busy = run()
    equal(busy.returncode, 1, "exit code while the service runs")
    contains(busy.stderr, "sms.locked", "reason")
    second.network.down()
    done = run()
    equal(done.returncode, 0, done.stderr)
    after = (sms / "master.key").read_text()
    check(after != before and len(after.splitlines()) == 1, "one line, another key")
    second.network.up()
    second.run(second.probe_app(), "--data", dataset)


@case("single ports are named, announced and remembered")
def named_ports(world: World) -> None:
    other = Network(world.cli, world.new_path("named"))
    named = {"market": other.port(PORTS), "ipfs-gateway": other.port(PORTS + 1), "rpc": other.port(PORTS + 2)}
    other.up("--port", ",".join(f"{name}={port}" for name, port in named.items()))
    try:
        for _ in range(2):
            env = world.cli.good("devnet", "env", "--dir", str(other.folder))
            seen = {"market": env["MARKET_URL"], "ipfs-gateway": env["IPFS_GATEWAY_URL"], "rpc": env["RPC_URL"]}
            equal(seen, {name: f"http://127.0.0.1:{port}" for name, port in named.items()}, "named ports")
            equal(env["SMS_URL"], f"http://127.0.0.1:{other.port(1)}", "a port nobody named")
            status = world.cli.good("devnet", "status", "--dir", str(other.folder))
            equal(set(status["services"].values()), {True}, "which services answer")
            other.down()
            world.cli.good("devnet", "up", "--detach", "--dir", str(other.folder))
        world.cli.bad("devnet", "up", "--detach", "--dir", str(other.folder), "--port", f"sms={other.port(PORTS + 3)}", code=1, error="devnet.ports")
    finally:
        other.down()


@case("options are remembered; other ones are refused, running or not, with those it has")
def other_options(world: World) -> None:
    second = world.second()
    folder = str(second.network.folder)

    def refuse() -> None:
        for options in (("--chain-id", "421614"), ("--port-base", "20000")):
            answer = second.cli.bad("devnet", "up", "--detach", "--dir", folder, *options, code=1, error="devnet.ports")
            contains(answer.err, "31337", "message")

    refuse()
    second.network.down()
    refuse()
    second.cli.good("devnet", "up", "--detach", "--dir", folder)
    equal(chain_id(second.network), 31337, "chain id")


@case("two people who start it at once get one network")
def started_twice(world: World) -> None:
    second = world.second()
    second.network.down()
    argv = [second.cli.program, "devnet", "up", "--detach", "--dir", str(second.network.folder)]
    both = [subprocess.Popen(argv, env=second.cli.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        _, err = one.communicate(timeout=60)
        equal(one.returncode, 0, f"exit code ({err})")
    second.run(second.probe_app())


@case("`env` prints exactly the names other services read")
def env(world: World) -> None:
    answer = world.cli("devnet", "env", "--dir", str(world.network.folder))
    pairs = [line.split("=", 1) for line in answer.out.splitlines()]
    equal([name for name, _ in pairs], ENV_NAMES, "names, in order")
    values = dict(pairs)
    equal(values["SMS_URL"], f"http://127.0.0.1:{world.network.port(1)}", "SMS_URL")
    for name, value in pairs:
        equal(len(value), {"_URL": len(value), "RESS": 42, "_KEY": 66}[name[-4:]], f"length of {name}")


@case("folders and files of a network are its owner's only")
def private(world: World) -> None:
    folder = world.network.folder
    equal(folder.stat().st_mode & 0o777, 0o700, "mode of the folder")
    for path in [*folder.glob("keys/*"), *folder.glob("sms/*.key"), folder / "network.toml"]:
        check(path.stat().st_mode & 0o077 == 0, f"others may read {path}")
