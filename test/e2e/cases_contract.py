"""What an app finds when it starts: iExec's environment contract, complete and with nothing besides."""
from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from harness import Json, case, check, equal
from world import Dump, World

ZERO = "0x" + 40 * "0"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@contextmanager
def web_server(pages: dict[str, bytes]) -> Iterator[str]:
    """Serves these pages on loopback; answers its origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def input_name(url: str) -> str:
    """The name is a hash of the URL, not of the content."""
    return "0x" + hashlib.sha256(url.encode()).hexdigest()


def wanted_env(task: str, deal: str, **more: str) -> dict[str, str]:
    return {
        "PATH": PATH,
        "HOME": "/",
        "IEXEC_TASK_ID": task,
        "IEXEC_DEAL_ID": deal,
        "IEXEC_TASK_INDEX": "0",
        "IEXEC_BOT_TASK_INDEX": "0",
        "IEXEC_BOT_SIZE": "1",
        "IEXEC_BOT_FIRST_INDEX": "0",
        "IEXEC_IN": "/iexec_in",
        "IEXEC_OUT": "/iexec_out",
        "IEXEC_DATASET_ADDRESS": ZERO,
        "IEXEC_DATASET_FILENAME": ZERO,
        "IEXEC_INPUT_FILES_NUMBER": "0",
    } | more


def run_and_dump(world: World, app: str, *argv: str) -> tuple[Json, Dump]:
    document, folder = world.run(app, *argv)
    return document, Dump.read(folder / "dump.txt")


@case("without data an app sees the task and nothing else")
def bare(world: World) -> None:
    document, dump = run_and_dump(world, world.probe_app())
    equal(dump.env, wanted_env(document["task"], document["deal"]), "environment")
    equal((dump.args, dump.files), ([], {}), "arguments and files")


@case("one dataset: address and file name agree, the image's own variables stay")
def single(world: World) -> None:
    app = world.deploy("dump-env", "dump", env=("GREETING=hello", "IEXEC_OUT=/elsewhere"))
    dataset = world.small_data()
    world.grant(dataset, app, "requester")
    document, dump = run_and_dump(world, app, "--data", dataset)
    name = dataset.lower()
    more = {"IEXEC_DATASET_ADDRESS": name, "IEXEC_DATASET_FILENAME": name, "GREETING": "hello"}
    equal(dump.env, wanted_env(document["task"], document["deal"], **more), "environment")
    equal(list(dump.files), [name], "files")


@case("two datasets run in bulk: one task, each named by its position")
def bulk(world: World) -> None:
    app = world.probe_app()
    data = [world.small_data("owner"), world.small_data("owner-2")]
    for dataset, owner in zip(data, ("owner", "owner-2")):
        world.grant(dataset, app, "requester", "--bulk", owner=owner)
    document, dump = run_and_dump(world, app, "--data", data[0], "--data", data[1])
    names = [dataset.lower() for dataset in data]
    more = {"IEXEC_BULK_SLICE_SIZE": "2", "IEXEC_DATASET_1_FILENAME": names[0], "IEXEC_DATASET_2_FILENAME": names[1]}
    equal(dump.env, wanted_env(document["task"], document["deal"], **more), "environment")
    equal(sorted(dump.files), sorted(names), "files")


@case("arguments are split as a shell would, and nothing is expanded")
def arguments(world: World) -> None:
    text = """--one  'two  words' "three \\"3\\"" fo\\ ur $HOME `id` *"""
    dump = world.dump(world.probe_app(), "--args", text)
    equal(dump.args, ["--one", "two  words", 'three "3"', "fo ur", "$HOME", "`id`", "*"], "arguments")


@case("input files arrive under the hash of their URL")
def input_files(world: World) -> None:
    with web_server({"/a.csv": b"a,b\n", "/b?x=1": bytes(range(256))}) as origin:
        urls = [origin + "/a.csv", origin + "/b?x=1"]
        dump = world.dump(world.probe_app(), "--input-file", urls[0], "--inputFile", urls[1])
    names = [input_name(url) for url in urls]
    equal(dump.files, {names[0]: b"a,b\n", names[1]: bytes(range(256))}, "files")
    for name, value in (("FILES_NUMBER", "2"), ("FILES_FOLDER", "/iexec_in"), ("FILE_NAME_1", names[0]), ("FILE_NAME_2", names[1])):
        equal(dump.env.get("IEXEC_INPUT_" + name), value, name)


@case("an input file that is not there fails the task by name")
def missing_input(world: World) -> None:
    with web_server({}) as origin:
        task = world.match(world.probe_app(), "--input-file", origin + "/none", "--category", "5")
        failure = world.wait_failed(task)
    equal(failure["id"], "agent.input_file", "failure")


@case("secrets: the developer's reaches the app, the requester's under the chosen numbers")
def secrets(world: World) -> None:
    app_secret = world.file("app.secret", "the developer's secret ✓")
    app = world.deploy("dump-secret", "dump", options=("--secret-file", str(app_secret)), env=("APP=1",))
    for name, value in (("api-key", "k-123"), ("token", "two\nlines")):
        world.cli.good("secret", "push", name, "--file", str(world.file(name, value)), "--wallet", "requester")
    dump = world.dump(app, "--requester-secret", "1=api-key", "--requesterSecret", "7=token")
    seen = {name: value for name, value in dump.env.items() if "SECRET" in name}
    developer = "the developer's secret ✓"
    equal(
        seen,
        {"IEXEC_APP_DEVELOPER_SECRET": developer, "IEXEC_APP_DEVELOPER_SECRET_1": developer, "IEXEC_REQUESTER_SECRET_1": "k-123", "IEXEC_REQUESTER_SECRET_7": "two\nlines"},
        "secrets",
    )


@case("a secret that was never stored refuses the run by name")
def missing_secret(world: World) -> None:
    task = world.match(world.probe_app(), "--requester-secret", "1=never-stored", "--category", "5")
    failure = world.wait_failed(task)
    equal(failure["id"], "policy.secret_missing", "failure")
    check("never-stored" in failure["message"], f"the message names the secret: {failure['message']}")


@case("a secret is stored once; a second value is refused, and its value is never read back")
def secret_once(world: World) -> None:
    file = str(world.file("value", "once"))
    world.cli.good("secret", "push", "once", "--file", file, "--wallet", "requester")
    world.cli.bad("secret", "push", "once", "--file", file, "--wallet", "requester", code=1, error="sms.exists")
    listed = world.cli.good("secret", "show", "once", "--wallet", "requester")
    equal((listed["name"], listed["stored"]), ("once", True), "secret show")
