"""What the requester gets: results sealed to them, in both forms, and the truth when the app failed."""
from __future__ import annotations

import io
import json
import subprocess
import urllib.request
import zipfile
from pathlib import Path

from harness import Json, case, check, contains, equal
from world import Dump, World

CONSUMER = "0x00000000000000000000000000000000000000C0"  # no contract there: the callback is called all the same
RECEIVED = "0xff680538"  # received(bytes32) of contracts/test/CallbackSink.sol


def stored(world: World, document: Json) -> bytes:
    """The result as the blob store has it: what a stranger can fetch."""
    location = json.loads(world.task(document["task"])["result"])["location"]
    with urllib.request.urlopen(f"http://127.0.0.1:{world.network.port(4)}{location}") as answer:
        return answer.read()


def key_file(world: World, user: str, extension: str) -> Path:
    path = world.cli.home / "data/iapp/identities" / (world.person(user).lower() + extension)
    equal(path.stat().st_mode & 0o777, 0o600, f"mode of {path.name}")
    equal(path.parent.stat().st_mode & 0o777, 0o700, "mode of the identities' folder")
    return path


def tool(*argv: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(argv, input=stdin, capture_output=True, check=False)
    check(done.returncode == 0, f"{argv[0]}: {done.stderr.decode()}")
    return done.stdout


def check_archive(archive: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = sorted(opened.namelist())
        equal(names, ["computed.json", "dump.txt", "stderr.txt", "stdout.txt"], "files of the result")
        for name in names:
            equal((folder / name).read_bytes(), opened.read(name), name)


@case("a result is sealed to the requester by default; Debian's age opens it too")
def age(world: World) -> None:
    document, folder = world.run(world.probe_app(), "--args", "sealed")
    equal((document["level"], document["sealing"], document["appExitCode"]), ("SIMULATED", "age", 0), "document")
    sealed = stored(world, document)
    check(sealed.startswith(b"age-encryption.org/v1\n"), "the stored result is not age")
    check_archive(tool("age", "-d", "-i", str(key_file(world, "requester", ".key")), stdin=sealed), folder)
    equal((folder / "stdout.txt").read_text(), "said on stdout\n", "the app's log, for its requester only")
    equal(folder.stat().st_mode & 0o777, 0o700, "mode of the result's folder")


@case("--rsa-result seals in iExec's form; the key stays in a private file, openssl opens it too")
def rsa(world: World) -> None:
    document, folder = world.run(world.probe_app(), "--rsa-result", user="rsa-requester")
    equal(document["sealing"], "rsa", "sealing")
    key = key_file(world, "rsa-requester", ".rsa.pem")
    with zipfile.ZipFile(io.BytesIO(stored(world, document))) as outer:
        equal(sorted(outer.namelist()), ["aes-key.rsa", "iexec_out.zip.aes"], "entries of the stored result")
        secret = tool("openssl", "pkeyutl", "-decrypt", "-inkey", str(key), stdin=outer.read("aes-key.rsa"))
        body = outer.read("iexec_out.zip.aes")
    inner = tool("openssl", "enc", "-d", "-aes-256-cbc", "-K", secret.hex(), "-iv", body[:16].hex(), stdin=body[16:])
    check_archive(inner, folder)
    again = world.new_path("again")
    world.cli.good("result", document["task"], "--out", str(again))
    equal(Dump.read(again / "dump.txt"), Dump.read(folder / "dump.txt"), "the same result, opened later")


@case("without the key a result stays sealed, and the message says which key is missing")
def other_machine(world: World) -> None:
    document, _ = world.run(world.probe_app())
    elsewhere = world.elsewhere()
    answer = elsewhere.bad("result", document["task"], "--out", str(world.new_path("none")), code=3, error="identity.unknown")
    contains(answer.err, world.person("requester"), "message")


@case("a key file others can read is refused")
def open_key(world: World) -> None:
    document, _ = world.run(world.probe_app(), user="careless")
    path = key_file(world, "careless", ".key")
    path.chmod(0o644)
    answer = world.cli.bad("result", document["task"], "--out", str(world.new_path("none")), code=5, error="identity.mode")
    contains(answer.err, "chmod 600", "message")


@case("an app that ends with 3 and leaves nothing: the requester learns why, exit 1, and the receipt holds")
def app_failed(world: World) -> None:
    app = world.deploy("exit-3", "exit", "3")
    folder = world.new_path("result")
    world.person("requester")
    answer = world.cli("run", app, "--wallet", "requester", "--out", str(folder), "--json")
    document = answer.json()
    equal(answer.code, 1, "exit code")
    equal((document["level"], document["appExitCode"]), ("SIMULATED", 3), "document")
    wanted = {"id": "app.no_result", "message": "the app ended with exit 3 and left no usable computed.json"}
    equal(document["appFailure"], wanted, "failure")
    equal((folder / "error.txt").read_text(), f"app.no_result: {wanted['message']}\n", "error.txt")
    world.cli.good("explain", "app.no_result")


@case("an app that needs more memory than its manifest asks for fails by name")
def out_of_memory(world: World) -> None:
    manifest = {"schema": "iapp-manifest/1", "datasets": {"require": "any"}, "resources": {"memory_mib": 32}}
    app = world.deploy("hungry", "memory", "256", manifest=manifest)
    answer = world.cli("run", app, "--wallet", "requester", "--out", str(world.new_path("result")), "--json")
    equal((answer.code, answer.json()["appFailure"]["id"]), (1, "app.out_of_memory"), "failure")


@case("a callback's data is on chain and in the answer")
def callback(world: World) -> None:
    data = "0x" + 64 * "5"
    app = world.deploy("callback", "computed", json.dumps({"callback-data": data}))
    document, _ = world.run(app, "--callback", CONSUMER)
    equal((document["level"], document["callbackData"], document["files"]), ("SIMULATED", data, []), "document")


@case("a callback reaches its contract, from the hub and with its task")
def callback_contract(world: World) -> None:
    data = "0x" + 32 * "a7"  # what the sink can store with the gas that the hub gives a callback
    app = world.deploy("oracle", "computed", json.dumps({"callback-data": data}))
    sink = world.network.deploy_contract(world.probe.parents[2], "CallbackSink", world.network.contract("hub"))
    document, _ = world.run(app, "--callback", sink)
    equal(document["callbackData"], data, "callback data of the task")
    said = world.network.rpc("eth_call", {"to": sink, "data": RECEIVED + document["task"][2:]}, "latest")
    length = int(said[66:130], 16)
    equal((length, "0x" + said[130 : 130 + 2 * length]), (32, data), "what the contract received")


@case("a folder that is not empty is not written to")
def full_folder(world: World) -> None:
    document, folder = world.run(world.probe_app())
    answer = world.cli.bad("result", document["task"], "--out", str(folder), code=1, error="result.folder")
    contains(answer.err, "--out", "message")
