"""Receipts: anyone can judge one, with no network at all, and no bent one passes."""
from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from harness import Answer, Cli, Json, case, check, contains, equal
from world import World

REFUSED = 6
BENDS = 60


def offline(world: World) -> Cli:
    """Another machine: no wallets, no keys, no network document but the one it is given."""
    cli = world.elsewhere()
    cli.network = cli.password_file = None
    return cli


def verify(world: World, receipt: Path, document: Path, *more: str) -> Answer:
    """Runs where not even loopback is up."""
    return offline(world)("verify", str(receipt), "--network", str(document), *more, through=("unshare", "-n"))


def check_refused(answer: Answer, reason: str = "") -> None:
    equal((answer.code, answer.out.splitlines()[0]), (REFUSED, "REFUSED"), f"{answer.command}: exit code and first line")
    contains(answer.out, f"refused   {reason}", "reason")


def bent_document(world: World, **changes: str) -> Path:
    """The network's document with members replaced."""
    text = world.network.document.read_text()
    for member, value in changes.items():
        text, count = re.subn(rf"^{member} = .*$", f"{member} = {value}", text, flags=re.MULTILINE)
        equal(count, 1, f"members {member}")
    path = world.new_path("network.toml")
    path.write_text(text)
    return path


def made(world: World) -> tuple[Json, Path]:
    """A result with its receipt; one for all cases."""
    if not hasattr(world, "verified"):
        world.verified = world.run(world.probe_app(), "--args", "to be verified")  # type: ignore[attr-defined]
    return world.verified  # type: ignore[attr-defined]


@case("a receipt verifies with no network at all, its level first; --json says the same")
def no_network(world: World) -> None:
    document, folder = made(world)
    answer = verify(world, folder / "receipt.json", world.network.document, "--result", str(folder))
    equal((answer.code, answer.out.splitlines()[0], answer.err), (0, "SIMULATED", ""), "answer")
    for part in (document["task"], document["app"], "dump.txt", "not covered by the receipt"):
        contains(answer.out, part, "text")
    told = verify(world, folder / "receipt.json", world.network.document, "--json").json()
    equal((told["level"], told["task"], told["checks"][0]["outcome"]), ("SIMULATED", document["task"], "passed"), "document")


@case("a receipt with any byte bent is refused")
def bent_byte(world: World) -> None:
    _, folder = made(world)
    good = (folder / "receipt.json").read_bytes()
    places = random.Random(5)
    for _ in range(BENDS):
        at = places.randrange(len(good))
        bent = world.new_path("receipt.json")
        bent.write_bytes(good[:at] + bytes([good[at] ^ 1 << places.randrange(7)]) + good[at + 1 :])
        check_refused(verify(world, bent, world.network.document), "attest.")


@case("another network's trust refuses it: ledger, agent, root, simulation, hub")
def other_trust(world: World) -> None:
    _, folder = made(world)
    receipt = folder / "receipt.json"
    other = f'"{world.person("stranger")}"'
    for changes, reason in (
        ({"ledger_signer": other}, "attest.ledger_head"),
        ({"agent_measurements": f'["{96 * "a"}"]'}, "attest.measurement"),
        ({"dangerous_allow_simulated_tee": "false"}, "attest.simulated"),
        ({"hub": other}, "receipt.network"),
        ({"chain_id": "1"}, "receipt.network"),
    ):
        check_refused(verify(world, receipt, bent_document(world, **changes)), reason)
    second = world.second().network.document
    check_refused(verify(world, receipt, second), "attest.")


@case("a result that was altered, cut, or lost is not what the receipt speaks of")
def altered(world: World) -> None:
    _, folder = made(world)

    def copy() -> Path:
        return Path(shutil.copytree(folder, world.new_path("copy")))

    flipped = copy()
    content = bytearray((flipped / "dump.txt").read_bytes())
    content[100] ^= 1
    (flipped / "dump.txt").write_bytes(content)
    cut = copy()
    (cut / "computed.json").write_bytes(b"")
    lost = copy()
    (lost / "dump.txt").unlink()
    for bent, part in ((flipped, "dump.txt has sha256"), (cut, "computed.json has 0 bytes"), (lost, "dump.txt is missing")):
        answer = verify(world, bent / "receipt.json", world.network.document, "--result", str(bent))
        check_refused(answer, "receipt.file")
        contains(answer.out, part, "reason")
        check(verify(world, bent / "receipt.json", world.network.document).code == 0, "the receipt itself is still good")


@case("what is not there is said so: receipt, folder, network document")
def absent(world: World) -> None:
    _, folder = made(world)
    receipt, document = str(folder / "receipt.json"), str(world.network.document)
    cli = offline(world)
    cli.bad("verify", "/nowhere", "--network", document, code=3, error="cli.file")
    cli.bad("verify", receipt, "--network", document, "--result", "/nowhere", code=3, error="verify.folder")
    cli.bad("verify", receipt, code=3, error="cli.network")
    cli.bad("verify", receipt, "--network", "/nowhere/network.toml", code=3, error="cli.network")
