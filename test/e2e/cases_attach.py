"""Our services on a chain somebody else runs: the second network's, with a workerpool and keys of its own."""
from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from cases_devnet import descendants_gone
from harness import Json, case, check, contains, equal, wait_until
from world import World

# Accounts 4 and 5 of anvil's mnemonic, which nothing else of a development network uses; 3 holds RLC.
SCHEDULER = "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
SCHEDULER_ADDRESS = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"
WORKER = "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"
OTHER = "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"


def ask(url: str, method: str, *params: object) -> object:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


def new_workerpool(env: Json, owner: str) -> str:
    """createWorkerpool(owner, a new name) as the node's own account 4; answers the address the registry minted."""
    url = env["RPC_URL"]
    hub_says = ask(url, "eth_call", {"to": env["HUB_ADDRESS"], "data": "0x90a0f546"}, "latest")  # workerpoolregistry()
    assert isinstance(hub_says, str)
    name = secrets.token_hex(8).encode()  # the same content of the same owner is the same workerpool
    data = "0xe40238f4" + owner[2:].rjust(64, "0") + f"{64:064x}" + f"{len(name):064x}" + name.hex().ljust(64, "0")
    sent = ask(url, "eth_sendTransaction", {"from": owner, "to": "0x" + hub_says[-40:], "data": data})
    receipt = wait_until(lambda: ask(url, "eth_getTransactionReceipt", sent), "the workerpool is created")
    return "0x" + receipt["logs"][0]["topics"][3][-40:]


def foreign(world: World) -> tuple[World, Json]:
    """The network whose chain is used, and what its owner would write down about it."""
    second = world.second()
    env = second.cli.good("devnet", "env", "--dir", str(second.network.folder))
    deployment = {
        "chainId": 31337, "hub": env["HUB_ADDRESS"], "rlc": env["RLC_ADDRESS"], "dataprotector": env["DATAPROTECTOR_ADDRESS"],
        "workerpool": new_workerpool(env, SCHEDULER_ADDRESS), "startBlock": 1, "deployedBy": "the e2e suite",
        "accounts": {"scheduler": {"privateKey": SCHEDULER}, "worker": {"privateKey": WORKER}, "admin": {"privateKey": env["FUNDER_PRIVATE_KEY"]}},
    }  # fmt: skip
    return second, deployment


def written(world: World, deployment: Json) -> str:
    return str(world.file("deployment.json", json.dumps(deployment)))


@contextlib.contextmanager
def attached(world: World, deployment: Json, node: str) -> Iterator[World]:
    folder = world.new_path("attached")
    folder.mkdir()
    third = World(world.cli.program, world.probe, folder)
    third.start("--rpc-url", node, "--deployment", written(world, deployment))
    try:
        yield third
    finally:
        third.stop()


def holds_key(path: Path) -> bool:
    return any(key[2:] in path.read_bytes().decode(errors="replace") for key in (SCHEDULER, WORKER))


@case("services attach to somebody else's chain: a whole task, keys nowhere in clear, down, kill -9, up")
def attach(world: World) -> None:
    second, deployment = foreign(world)
    node = f"http://127.0.0.1:{second.network.port(0)}"
    with attached(world, deployment, node) as third:
        state = third.network.run_state()
        check("anvil" not in state, "no node of its own")
        notes = " ".join(state["notes"])
        for part in ("published 6 free orders", "has no stake", "$.deployedBy is not read"):
            contains(notes, part, "notes")
        env = third.cli.good("devnet", "env", "--dir", str(third.network.folder))
        equal((env["RPC_URL"], env["WORKERPOOL_ADDRESS"].lower()), (node, deployment["workerpool"]), "node and workerpool")
        check(not any("PRIVATE_KEY" in name for name in env), "env gives no key away")

        dataset = third.small_data()
        third.grant(dataset, third.probe_app(), "requester", "--uses", "9")
        document, _ = third.run(third.probe_app(), "--data", dataset)
        equal(document["level"], "SIMULATED", "level")

        pids = [state["pid"], *state["programs"].values()]
        for pid in pids:
            check(not holds_key(Path(f"/proc/{pid}/cmdline")), "a key in an argument list")
        for path in third.network.folder.rglob("*"):
            check(not path.is_file() or not holds_key(path), f"a key in clear in {path}")
        for path in third.network.folder.glob("keys/*"):
            equal(path.stat().st_mode & 0o777, 0o600, f"mode of {path}")

        os.kill(state["pid"], signal.SIGKILL)
        wait_until(lambda: descendants_gone(pids), "every program ends", 5)
        equal(ask(node, "eth_chainId"), hex(31337), "the chain goes on without us")
        third.cli.good("devnet", "up", "--detach", "--dir", str(third.network.folder))  # nothing said: as it was made
        third.run(third.probe_app(), "--data", dataset)


@case("attaching checks the chain against the file and says which of the two is wrong")
def refused(world: World) -> None:
    second, deployment = foreign(world)
    node = f"http://127.0.0.1:{second.network.port(0)}"
    folder = str(world.new_path("refused"))

    def up(change: Json, code: int, error: str, part: str) -> None:
        argv = ("devnet", "up", "--detach", "--dir", folder, "--rpc-url", node, "--deployment", written(world, deployment | change))
        contains(world.cli.bad(*argv, code=code, error=error).err, part, error)

    accounts = deployment["accounts"]
    up({"chainId": 1}, 1, "attach.chain_id", "31337")
    up({"hub": deployment["rlc"]}, 1, "attach.hub", "domain()")
    up({"rlc": deployment["dataprotector"]}, 1, "attach.rlc", "hub's token")
    up({"dataprotector": "0x" + "11" * 20}, 1, "attach.code", "dataprotector")
    up({"sharing": "0x" + "11" * 20}, 1, "attach.code", "sharing")
    up({"workerpool": "0x" + "11" * 20}, 1, "attach.workerpool", "registry")
    up({"accounts": accounts | {"scheduler": {"privateKey": OTHER}}}, 1, "attach.workerpool", "belongs to")
    up({"startBlock": 2**40}, 1, "attach.start_block", "head")
    up({"hub": "0x12"}, 2, "deployment.member", "$.hub")
    up({"accounts": {}}, 2, "deployment.member", "$.accounts.scheduler")
    world.cli.bad("devnet", "up", "--dir", folder, "--rpc-url", node, code=2, error="attach.options")
    world.cli.bad("devnet", "up", "--dir", folder, "--deployment", written(world, deployment), code=2, error="attach.options")
    world.cli.bad("devnet", "up", "--dir", folder, "--rpc-url", "http://example.org", code=2, error="network.url")
    nobody = f"http://127.0.0.1:{second.network.port_base + 19}"
    world.cli.bad("devnet", "up", "--detach", "--dir", folder, "--rpc-url", nobody, "--deployment", written(world, deployment), code=7, error="net.connect")
    taken = ("devnet", "up", "--detach", "--dir", str(second.network.folder), "--rpc-url", node, "--deployment", written(world, deployment))
    world.cli.bad(*taken, code=1, error="devnet.ports")


@case("--canonical-addresses: contracts, workerpool and token storage where npm clients have them built in; a whole task")
def canonical(world: World) -> None:
    folder = world.new_path("canonical")
    folder.mkdir()
    net = World(world.cli.program, world.probe, folder)
    net.start("--canonical-addresses", "--chain-id", "421615")
    try:
        env = net.cli.good("devnet", "env", "--dir", str(net.network.folder))
        published = tomllib.loads((Path(__file__).parents[2] / "networks/arbitrum-sepolia.toml").read_text())
        contracts = published["contracts"]
        seen = {name: env[f"{name.upper()}_ADDRESS"] for name in ("hub", "rlc", "dataprotector", "sharing", "workerpool")}
        wanted = {name: contracts.get(name, published["workerpool"]["address"]) for name in seen}
        equal({k: v.lower() for k, v in seen.items()}, {k: v.lower() for k, v in wanted.items()}, "addresses")

        def word(to: str, data: str) -> str:
            answer = ask(env["RPC_URL"], "eth_call", {"to": to, "data": data}, "latest")
            assert isinstance(answer, str)
            return answer[-40:]

        registry = contracts["workerpool_registry"]
        for getter, name in (("0x45b637a9", "app_registry"), ("0xb1b11d2c", "dataset_registry"), ("0x90a0f546", "workerpool_registry"), ("0xfc0c546a", "rlc")):
            equal("0x" + word(env["HUB_ADDRESS"], getter), contracts[name].lower(), f"the hub's {name}")
        equal("0x" + word(env["SHARING_ADDRESS"], "0x4afecaff"), contracts["app_whitelist_registry"].lower(), "sharing's white-list registry")
        pools = [pool.lower() for pool in (published["workerpool"]["address"], *published["workerpool"]["further"])]
        for at, pool in enumerate(pools):
            equal("0x" + word(pool, "0x7b103999"), registry.lower(), "the workerpool's registry()")
            owner = word(registry, "0x6352211e" + pool[2:].rjust(64, "0"))  # ownerOf
            equal("0x" + word(registry, "0x2f745c59" + owner.rjust(64, "0") + f"{at:064x}"), pool, "tokenOfOwnerByIndex")
        logs = ask(env["RPC_URL"], "eth_getLogs", {"address": registry, "fromBlock": "0x0"})
        assert isinstance(logs, list)
        minted = ["0x" + log["topics"][3][-40:] for log in logs if len(log["topics"]) == 4]
        equal(minted, pools, "entries the registry ever announced")

        dataset = net.small_data()
        net.grant(dataset, net.probe_app(), "requester", "--uses", "9")
        net.run(net.probe_app(), "--data", dataset)
        net.network.down()
        net.cli.good("devnet", "up", "--detach", "--dir", str(net.network.folder))
        net.run(net.probe_app(), "--data", dataset)
    finally:
        net.stop()
