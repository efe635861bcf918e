"""The conventions of the command line, for every command: documents, errors, exit codes, help, prompts, secrets."""
from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import threading
from pathlib import Path

from cases_attest import bundle_of, evidence_of
from harness import Answer, case, check, contains, equal, wait_until
from world import FAST, World

SOURCES = Path(__file__).resolve().parents[2]
NOBODY = "0x" + 39 * "0" + "1"
NO_ID = "0x" + 63 * "0" + "1"


def commands(world: World) -> list[str]:
    """Every command's full name, from the program's own help."""

    def listed(*group: str) -> list[str]:
        text = world.cli(*group, "--help").out
        return re.findall(r"^  ([a-z]+) ", text[text.index("Subcommands:") : text.index("Data goes to")], re.MULTILINE)

    def below(*group: str) -> list[str]:
        names = []
        for name in listed(*group):
            is_group = "Subcommands:" in world.cli(*group, name, "--help").out
            names += below(*group, name) if is_group else [" ".join((*group, name))]
        return names

    return below()


def answers(world: World) -> dict[str, list[list[str]]]:
    """For each command something that works and something that does not."""
    person, data, app = world.person("requester"), world.small_data(), world.probe_app()
    new, nowhere, hidden = world.new_path("x").name, str(world.new_path("nowhere")), str(world.new_path("net"))
    order = world.grant(data, app, "requester")
    document, folder = world.run(app, "--data", data)
    task, key, value = document["task"], world.file("key", "0x" + 64 * "1"), world.file("value", "v")
    evidence = evidence_of(world)
    quote, trusted = str(evidence.quote), ["--root", str(evidence.root), "--cache", str(world.new_path("cache"))]
    judged = [quote, "--collateral", str(evidence.collateral), "--policy", str(evidence.policy), "--root", str(evidence.root)]
    bundled = bundle_of(world)
    return {
        "attest show": [["attest", "show", quote], ["attest", "show", nowhere]],
        "attest verify": [["attest", "verify", *judged, "--event-log", str(evidence.log)], ["attest", "verify", quote, "--at", "noon"]],
        "attest policy lint": [["attest", "policy", "lint", str(evidence.policy)], ["attest", "policy", "lint", quote]],
        "attest bundle export": [["attest", "bundle", "export", quote, "--cache", str(bundled.cache), "--root", str(evidence.root), "--out", str(world.new_path("b"))], ["attest", "bundle", "export", str(evidence.log), "--out", nowhere]],
        "attest bundle import": [["attest", "bundle", "import", str(bundled.file), *trusted], ["attest", "bundle", "import", quote, *trusted]],
        "doctor": [["doctor"], ["doctor", "--network", nowhere]],
        "devnet up": [["devnet", "up", "--detach", "--dir", str(world.network.folder)], ["devnet", "up", "--port-base", "1"]],
        "devnet down": [["devnet", "down", "--dir", hidden], ["devnet", "down", "--what"]],
        "devnet status": [["devnet", "status", "--dir", str(world.network.folder)], ["devnet", "status", "--dir", hidden]],
        "devnet env": [["devnet", "env", "--dir", str(world.network.folder)], ["devnet", "env", "--dir", hidden]],
        "wallet new": [["wallet", "new", new, "--light"], ["wallet", "new", new]],
        "wallet import": [["wallet", "import", new + "i", "--light", "--key-file", str(key)], ["wallet", "import", "a b", "--key-file", str(key)]],
        "wallet list": [["wallet", "list"], ["wallet", "list", "more"]],
        "wallet show": [["wallet", "show", "requester"], ["wallet", "show", "no-such-wallet"]],
        "wallet fund": [["wallet", "fund", person], ["wallet", "fund", "requester", "--stake", "-1"]],
        "protect": [["protect", "--object", "-", "--wallet", "owner"], ["protect", nowhere, "--wallet", "owner"]],
        "grant": [["grant", data, "--app", app, "--user", "any", "--wallet", "owner"], ["grant", data, "--app", app, "--user", "any", "--until", "soon", "--wallet", "owner"]],
        "revoke": [["revoke", "--order", order, "--wallet", "owner"], ["revoke", "--wallet", "owner"]],
        "data list": [["data", "list", "--wallet", "owner"], ["data", "list"]],
        "data show": [["data", "show", data], ["data", "show", NOBODY]],
        "deploy": [["deploy", str(world.image()), "--name", "conventions", "--wallet", "developer"], ["deploy", nowhere, "--wallet", "developer"]],
        "run": [["run", app, "--wallet", "requester", "--out", str(world.new_path("out"))], ["run", NOBODY, "--wallet", "requester"]],
        "secret push": [["secret", "push", new, "--file", str(value), "--wallet", "owner"], ["secret", "push", "a b", "--file", str(value), "--wallet", "owner"]],
        "secret show": [["secret", "show", new, "--wallet", "owner"], ["secret", "show", "none", "--wallet", "owner"]],
        "result": [["result", task, "--out", str(world.new_path("out"))], ["result", NO_ID]],
        "task": [["task", task], ["task", NO_ID]],
        "deal": [["deal", document["deal"]], ["deal", NO_ID]],
        "verify": [["verify", str(folder / "receipt.json")], ["verify", nowhere]],
        "audit": [["audit", "--task", task], ["audit", "--from", "x"]],
        "explain": [["explain", "policy.revoked"], ["explain", "no.such.error"]],
    }  # fmt: skip


def check_error(answer: Answer) -> None:
    lines = [line for line in answer.err.splitlines() if not line.startswith("  ")]
    equal([line.split(":")[0].split("[")[0] for line in lines], ["error", "fix", "see"], f"{answer.command}: lines of the error ({answer.err})")
    contains(lines[2], "see: iapp ", answer.command)


@case("--json prints one document and nothing else, for every command, when it works and when it does not")
def json_documents(world: World) -> None:
    table = answers(world)
    equal(sorted(table), sorted(commands(world)), "commands of this case and of the program")
    for name, (good, bad) in table.items():
        answer = world.cli(*good, "--json", stdin='{"a":1}')
        equal((answer.code, answer.json().get("command")), (0, name), f"{answer.command} ({answer.err})")
        answer = world.cli(*bad, "--json")
        check(answer.code != 0, f"{answer.command} must fail")
        document = answer.json()
        if name != "doctor":  # it answers, and its exit code says that something is missing
            equal(sorted(document["error"]), ["fix", "id", "kind", "message", "see"], answer.command)
            equal(document["error"]["id"], answer.error_id, answer.command)
            check_error(answer)


@case("every command's help shows how to call it and two examples of itself")
def help_texts(world: World) -> None:
    for name in commands(world):
        text = world.cli(*name.split(), "--help").out
        contains(text, f"Usage: iapp {name} ", name)
        examples = text[text.index("Examples:") : text.index("Usage:")]
        check(examples.count(f"iapp {name}") == 2, f"{name}: two examples of itself: {examples}")
    contains(world.cli("--help").out, "Exit codes: 0 ok", "help")


@case("each exit code is what --help says it is")
def exit_codes(world: World) -> None:
    cli, app, document = world.cli, world.probe_app(), world.new_path("dead.toml")
    world.person("requester")
    document.write_text(world.network.document.read_text().replace(f":{world.network.port(0)}", ":1"))
    wrong = str(world.file("wrong", "not the password"))
    equal(cli("--version").code, 0, "ok")
    cli.bad("wallet", "new", "requester", "--light", code=1, error="wallet.exists")
    cli.bad("run", code=2, error="cli.usage")
    cli.bad("wallet", "show", "requester", "--network", "/nowhere", code=3, error="cli.network")
    cli.bad("run", app, "--wallet", "no-such", code=3, error="wallet.unknown")
    cli.bad("run", app, code=2, error="wallet.missing")
    cli.bad("run", app, "--wallet", "requester", "--password-file", wrong, code=4, error="keystore.password")
    cli.bad("run", app, "--data", world.small_data(), "--wallet", "requester", code=5, error="run.no_grant")
    cli.bad("wallet", "show", "requester", "--network", str(document), code=7, error="net.connect")
    # 6: cases_verify; 8: cases_deadlines; 130: below


@case("Ctrl-C while a task runs: exit 130, the task is named and goes on")
def interrupted(world: World) -> None:
    argv = ["run", world.probe_app(), "--wallet", "requester"]
    world.person("requester")
    with world.network.worker_stopped():
        running = subprocess.Popen([world.cli.program, *argv], env=world.cli.environment(), stderr=subprocess.PIPE, text=True)
        assert running.stderr
        head = ""
        while "match on chain" not in head and (line := running.stderr.readline()):
            head += line
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=10)
    answer = Answer(argv, running.returncode, "", err)
    equal((answer.code, answer.error_id), (130, "run.interrupted"), f"exit code and error ({err})")
    task = err[err.index("task 0x") + 5 :][:66]
    world.wait_status(task, "COMPLETED")
    world.cli.good("result", task, "--out", str(world.new_path("out")))


@case("a misspelt command or option gets a suggestion")
def did_you_mean(world: World) -> None:
    for argv, wanted in (
        (["protct", "x"], "did you mean `iapp protect`?"),
        (["devnet", "upp"], "did you mean `iapp devnet up`?"),
        (["walet", "list"], "did you mean `iapp wallet`?"),
        (["run", NOBODY, "--dat", NOBODY], "did you mean --data?"),
        (["run", NOBODY, "--maxprice", "1"], "did you mean --max-price?"),
        (["doctor", "--jsn"], "did you mean --json?"),
    ):
        answer = world.cli.bad(*argv, code=2, error="cli.usage")
        contains(answer.err, "fix: " + wanted, answer.command)
        check_error(answer)
    check("did you mean" not in world.cli("xyzzyx").err, "nothing near, no suggestion")


@case("iApp's own option names are understood: camelCase, --protectedData, --authorizedApp")
def aliases(world: World) -> None:
    app, data, person = world.probe_app(), world.small_data(), world.person("requester")
    world.cli.good("grant", "--protectedData", data, "--authorizedApp", app, "--authorizedUser", person, "--wallet", "owner")
    world.cli.good("run", app, "--protectedData", data, "--maxPrice", "0", "--wallet", "requester", "--out", str(world.new_path("out")))


@case("without a terminal nothing prompts; with one the password is asked for and not shown")
def prompts(world: World) -> None:
    world.person("requester")
    argv = ["secret", "show", "none", "--wallet", "requester"]
    silent = world.elsewhere()
    silent.home, silent.password_file = world.cli.home, None
    silent.bad(*argv, code=4, error="wallet.password_missing")

    def on_terminal(*more: str, type_in: str = "") -> tuple[int, str]:
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(silent.program, ["iapp", *argv, *more], silent.environment())
        seen = b""
        try:
            while chunk := os.read(terminal, 4096):
                seen += chunk
                if b"password of requester: " in seen and type_in:
                    os.write(terminal, type_in.encode() + b"\n")
                    type_in = ""
        except OSError:
            pass  # the other end is closed
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()

    password = (world.folder / "password").read_text().strip()
    code, seen = on_terminal(type_in=password)
    equal(code, 3, f"exit code after the right password ({seen})")
    check(password not in seen, "the password was shown")
    code, seen = on_terminal(type_in="wrong")
    contains(seen, "error[keystore.password]", "a wrong password")
    code, seen = on_terminal("--no-input")
    equal((code, "password of" in seen), (4, False), f"--no-input ({seen})")


@case("secrets are in no argument list and no environment but the app's own")
def argv_and_environment(world: World) -> None:
    secret, password = "s3cr3t-of-the-requester", (world.folder / "password").read_text().strip()
    world.person("requester")
    world.cli.good("secret", "push", "watched", "--file", str(world.file("s", secret)), "--wallet", "requester")
    seen: dict[str, str] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.002):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    text = (process / "cmdline").read_bytes() + b"\0" + (process / "environ").read_bytes()
                    name = (process / "comm").read_text().strip()
                except OSError:
                    continue
                for what, needle in (("secret", secret), ("password", password)):
                    if needle.encode() in text and name != "probe":
                        seen[what] = name

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        dump = world.dump(world.deploy("napping", "linger", "300", "dump"), "--requester-secret", "1=watched")
    finally:
        done.set()
        watcher.join()
    equal(dump.env["IEXEC_REQUESTER_SECRET_1"], secret, "the app has it")
    equal(seen, {}, "processes that showed one")
    for name in commands(world):
        text = world.cli(*name.split(), "--help").out
        check(not re.search(r"--(password|secret|key|private-key)[ ,]", text), f"{name} takes a secret as an argument")


@case("files with secrets are private, and one that others can read is refused")
def private_files(world: World) -> None:
    world.person("careful")
    wallet = world.cli.home / "data/iapp/wallets/careful.json"
    equal(wallet.stat().st_mode & 0o777, 0o600, "mode of a wallet")
    wallet.chmod(0o640)
    world.cli.bad("secret", "show", "x", "--wallet", "careful", code=5, error="wallet.mode")


@case("every error id in the sources can be explained, offline")
def explanations(world: World) -> None:
    ids: set[str] = set()
    for root in ("src", "apps/iapp"):
        for path in (SOURCES / root).rglob("*.cpp"):
            if not path.name.endswith("_test.cpp"):
                ids |= set(re.findall(r'fail\(ErrorKind::\w+,\s*"([a-z0-9_]+\.[a-z0-9_]+)"', path.read_text()))
    check(len(ids) > 200, f"only {len(ids)} ids found")
    offline = world.elsewhere()
    unknown = [id for id in sorted(ids) if offline("explain", id, through=("unshare", "-n")).code != 0]
    equal(unknown, [], "ids without an explanation")


@case("output is plain: no colours or cursor movements where there is no terminal")
def plain(world: World) -> None:
    for argv in (["doctor"], ["audit"], ["run", world.probe_app(), "--wallet", "requester", "--out", str(world.new_path("out"))]):
        answer = world.cli(*argv)
        equal(answer.code, 0, answer.command)
        check("\x1b" not in answer.out + answer.err and "\r" not in answer.out + answer.err, f"{answer.command}: control characters")


@case("`task` tells what happened, `deal` lists its tasks")
def inspection(world: World) -> None:
    document, _ = world.run(world.probe_app())
    task = world.cli("task", document["task"])
    for part in ("COMPLETED", "deadlines", "INITIALIZED", "RUNNING", '"storage": "ipfs"'):
        contains(task.out, part, "task")
    equal(world.cli.good("deal", document["deal"])["tasks"], [document["task"]], "tasks of the deal")
    failed = world.match(world.deploy("exits", "exit", "3"), "--requester-secret", "1=none", "--category", FAST)
    wait_until(lambda: "policy.secret_missing" in world.cli("task", failed).out, "task shows the refusal")
