"""Tasks that nobody finishes: named, claimed by the scheduler after the final deadline, and refunded."""
from __future__ import annotations

import subprocess
from collections.abc import Iterator

from harness import Answer, case, check, equal
from world import FAST, FAST_FINAL_SECONDS, Account, World

PRICE = 70
TIMEOUT = 8


def paying(world: World, user: str) -> tuple[str, Account]:
    """An app that costs something and never ends, and the account of who pays."""
    app = world.deploy("never-ends", "sleep", options=("--price", str(PRICE)))
    world.person(user)
    return app, world.account(user)


def check_locked(world: World, user: str, before: Account) -> None:
    equal(world.account(user), Account(before.stake - PRICE, before.locked + PRICE), "the price is locked meanwhile")


def check_refunded(world: World, user: str, before: Account, task: str) -> None:
    world.wait_status(task, "FAILED", FAST_FINAL_SECONDS + 15)
    equal(world.account(user), before, "account after the claim")


def task_of(answer: Answer) -> str:
    at = answer.err.index("task 0x") + len("task ")
    return answer.err[at : at + 66]


@case("an app that outlives its category fails by name at once, is claimed, and is refunded")
def too_slow(world: World) -> Iterator[None]:
    app, before = paying(world, "patient")
    answer = world.cli.bad(
        "run", app, "--category", FAST, "--max-price", str(PRICE), "--wallet", "patient", code=TIMEOUT, error="app.timeout"
    )
    task = task_of(answer)
    check_locked(world, "patient", before)
    equal(world.task(task)["failure"]["id"], "app.timeout", "what `iapp task` says")
    world.cli.bad("result", task, "--out", str(world.new_path("none")), code=1, error="result.not_ready")
    yield
    check_refunded(world, "patient", before, task)


@case("a deal whose task no worker runs ends with a time-out for who waits, is claimed, and is refunded")
def abandoned(world: World) -> Iterator[None]:
    app, before = paying(world, "abandoned")
    argv = ["run", app, "--category", FAST, "--max-price", str(PRICE), "--wallet", "abandoned"]
    with world.network.worker_stopped():
        waiting = subprocess.Popen([world.cli.program, *argv], env=world.cli.environment(), stderr=subprocess.PIPE, text=True)
        yield  # the cases that follow use another network
        _, err = waiting.communicate(timeout=FAST_FINAL_SECONDS + 15)
        answer = Answer(argv, waiting.returncode, "", err)
        # Who comes first, the scheduler's claim or the one who waits, is a race; both say the same.
        check(answer.code == TIMEOUT and answer.error_id in ("task.timeout", "task.claimed"), f"the waiting run: exit {answer.code}: {err}")
        check_refunded(world, "abandoned", before, task_of(answer))
