"""What an owner allows, limits and takes back: at the match, and again when the key is asked for."""
from __future__ import annotations

import json
import time

from harness import case, check, contains, equal
from world import FAST, World

DENIED = 5


def denied(world: World, app: str, dataset: str, user: str = "requester") -> None:
    """No grant fits: refused before any money moves, by the dataset's name."""
    world.person(user)
    answer = world.cli.bad("run", app, "--data", dataset, "--wallet", user, code=DENIED, error="run.no_grant")
    contains(answer.err, '"Small data"', "message")


def check_refused(world: World, task: str, reason: str) -> None:
    """The key was refused by name: the scheduler, the waiting requester and the public ledger all say so."""
    equal(world.wait_failed(task)["id"], reason, "failure")
    decisions = world.cli.good("audit", "--task", task)["decisions"]
    equal([(d["released"], d["reason"]) for d in decisions], [(False, reason)], "ledger")
    world.cli.good("explain", reason)


@case("a grant of one use is consumed by one run, then refused")
def one_use(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    world.grant(dataset, app, "requester", "--uses", "1")
    equal([g["remaining"] for g in world.cli.good("data", "show", dataset)["grants"]], [1], "open grants")
    world.run(app, "--data", dataset)
    denied(world, app, dataset)
    equal(world.cli.good("data", "show", dataset)["grants"], [], "open grants")


@case("a grant is for its requester, its app and its workerpool only")
def restrictions(world: World) -> None:
    app, other_app, dataset = world.probe_app(), world.deploy("other", "dump", env=("OTHER=1",)), world.small_data()
    world.grant(dataset, app, "requester")
    denied(world, app, dataset, user="stranger")
    denied(world, other_app, dataset)
    elsewhere = world.small_data()
    world.grant(elsewhere, app, "requester", "--workerpool", world.person("owner"))
    denied(world, app, elsewhere)
    pool = world.cli.good("devnet", "env", "--dir", str(world.network.folder))["WORKERPOOL_ADDRESS"]
    world.grant(elsewhere, app, "requester", "--workerpool", pool)
    world.run(app, "--data", elsewhere)


@case("a grant for anyone is for anyone")
def anyone(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    world.cli.good("grant", dataset, "--app", app, "--user", "any", "--wallet", "owner")
    world.run(app, "--data", dataset, user="stranger")


@case("only the owner can grant and revoke")
def owner_only(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    order = world.grant(dataset, app, "requester")
    world.person("stranger")
    world.cli.bad("grant", dataset, "--app", app, "--user", "any", "--wallet", "stranger", code=4, error="grant.owner")
    world.cli.bad("revoke", dataset, "--wallet", "stranger", code=4, error="grant.owner")
    world.cli.bad("revoke", "--order", order, "--wallet", "stranger", code=4, error="grant.owner")
    world.run(app, "--data", dataset)


@case("a price is paid by the requester to the owner, and never without --max-price")
def price(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data("seller")
    world.grant(dataset, app, "requester", "--price", "250", owner="seller")
    before = {who: world.account(who) for who in ("seller", "requester")}
    for too_little in ((), ("--max-price", "249")):
        answer = world.cli.bad("run", app, "--data", dataset, *too_little, "--wallet", "requester", code=1, error="run.price")
        contains(answer.err, "250", "message")
    world.run(app, "--data", dataset, "--max-price", "250")
    after = {who: world.account(who) for who in ("seller", "requester")}
    paid = {who: after[who].stake - before[who].stake for who in after}
    equal(paid, {"seller": 250, "requester": -250}, "stakes moved")
    equal(after["requester"].locked, before["requester"].locked, "nothing stays locked")


@case("after --until no key leaves, though the match came in time")
def expired(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    with world.network.worker_stopped():
        world.grant(dataset, app, "requester", "--until", "2s")
        task = world.match(app, "--data", dataset, "--category", FAST)
        time.sleep(3.1)  # limits are whole seconds, and the last one counts
    check_refused(world, task, "policy.expired")


@case("--max-releases ends the releases of a grant that has uses left; the waiting requester gets exit 5")
def releases(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    world.grant(dataset, app, "requester", "--uses", "5", "--max-releases", "1")
    world.run(app, "--data", dataset)
    answer = world.cli.bad(
        "run", app, "--data", dataset, "--category", FAST, "--wallet", "requester", code=DENIED, error="policy.releases_exhausted"
    )
    check("task 0x" in answer.err, f"the message names the task: {answer.err}")


@case("revoking by list stops the next match, and the release of a deal already matched")
def revoke_list(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    order = world.grant(dataset, app, "requester", "--uses", "2")
    with world.network.worker_stopped():
        task = world.match(app, "--data", dataset, "--category", FAST)
        equal(world.cli.good("revoke", dataset, "--app", app, "--wallet", "owner")["revoked"], [order], "revoked")
    check_refused(world, task, "policy.revoked")
    denied(world, app, dataset)
    world.cli.bad("revoke", dataset, "--app", app, "--wallet", "owner", code=3, error="revoke.none")


@case("revoking by --order stops the release of a grant that is used up; doing it twice is no error")
def revoke_order(world: World) -> None:
    app, dataset = world.probe_app(), world.small_data()
    order = world.grant(dataset, app, "requester")
    with world.network.worker_stopped():
        task = world.match(app, "--data", dataset, "--category", FAST)
        world.cli.bad("revoke", dataset, "--app", app, "--wallet", "owner", code=3, error="revoke.none")
        for _ in range(2):
            equal(world.cli.good("revoke", "--order", order, "--wallet", "owner")["revoked"], [order], "revoked")
    check_refused(world, task, "policy.revoked")


@case("in bulk a refused dataset is left out, unless the app's manifest demands all")
def bulk_refusal(world: World) -> None:
    lenient = world.probe_app()
    strict = world.deploy("strict", "dump", manifest={"schema": "iapp-manifest/1", "datasets": {"require": "all"}})
    kept, dropped = world.small_data(), world.small_data()
    for app in (lenient, strict):
        world.grant(kept, app, "requester", "--bulk")
        order = world.grant(dropped, app, "requester", "--bulk")
        with world.network.worker_stopped():
            task = world.match(app, "--data", kept, "--data", dropped, "--category", "0" if app == lenient else FAST)
            world.cli.good("revoke", "--order", order, "--wallet", "owner")
        if app == strict:
            check_refused(world, task, "policy.revoked")
            continue
        world.wait_status(task, "COMPLETED")
        folder = world.new_path("result")
        world.cli.good("result", task, "--out", str(folder))
        text = world.cli("verify", str(folder / "receipt.json"), "--result", str(folder)).out
        contains(text, f"{dropped}  refused: policy.revoked", "receipt")
        contains(text, f"{kept}  released", "receipt")


@case("a callback makes data public: the app's manifest must say so, and the owner must name the app")
def callback_egress(world: World) -> None:
    words = ("computed", json.dumps({"callback-data": "0x01"}))
    silent = world.deploy("silent", *words)
    open_app = world.deploy("says-so", *words, manifest={"schema": "iapp-manifest/1", "callback": True})
    dataset = world.small_data()
    sink = "0x00000000000000000000000000000000000000C1"
    for app in (silent, open_app):
        world.grant(dataset, app, "requester")
    check_refused(world, world.match(silent, "--data", dataset, "--callback", sink), "policy.callback")
    document, _ = world.run(open_app, "--data", dataset, "--callback", sink)
    equal(document["callbackData"], "0x01", "callback data")
