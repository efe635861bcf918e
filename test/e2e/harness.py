"""What every case needs: named cases, checks that say what they saw, and `iapp` run as a user would run it."""
from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Failure(Exception):
    """A case saw something else than it must."""


def check(condition: object, what: str) -> None:
    if not condition:
        raise Failure(what)


def equal(seen: object, wanted: object, what: str) -> None:
    check(seen == wanted, f"{what}: saw {seen!r}, wanted {wanted!r}")


def contains(text: str, part: str, what: str) -> None:
    check(part in text, f"{what}: {part!r} is not in {text!r}")


@dataclass(frozen=True)
class Case:
    """`run` may be a generator: it is left at each `yield` and taken up again when the other cases are through."""

    group: str
    name: str
    run: Callable[[Any], Iterator[None] | None]


CASES: list[Case] = []


def case(name: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Registers a function as a case; its group is its module's name without `cases_`."""

    def register(run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        CASES.append(Case(run.__module__.removeprefix("cases_"), name, run))
        return run

    return register


@dataclass(frozen=True)
class Answer:
    """How one run of `iapp` ended."""

    argv: list[str]
    code: int
    out: str
    err: str

    def json(self) -> Json:
        """The one document on standard output; anything else there is a failure."""
        try:
            document = json.loads(self.out)
        except ValueError:
            raise Failure(f"{self.command}: standard output is not one JSON document: {self.out!r}") from None
        equal(document.get("schema"), "iapp-cli/1", f"{self.command}: schema")
        return document

    @property
    def command(self) -> str:
        return " ".join(["iapp", *self.argv])

    @property
    def error_id(self) -> str:
        """The id of `error[id]: ...`, or "" when the program did not complain."""
        for line in self.err.splitlines():
            if line.startswith("error["):
                return line[len("error[") : line.index("]")]
        return ""


@dataclass
class Cli:
    """The program and the machine it believes to be on: folders of its own, no variables of ours."""

    program: Path
    home: Path
    network: Path | None = None
    password_file: Path | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data"), "XDG_STATE_HOME": str(self.home / "state")}
        if self.network:
            env["IAPP_NETWORK"] = str(self.network)
        if self.password_file:
            env["IAPP_PASSWORD_FILE"] = str(self.password_file)
        return env | self.extra

    def __call__(self, *argv: str, stdin: str = "", timeout: float = 60, through: Iterable[str] = ()) -> Answer:
        """Runs `iapp ARGV`; `through` is a program that runs it, such as `unshare`."""
        try:
            done = subprocess.run(
                [*through, str(self.program), *argv],
                input=stdin, env=self.environment(), capture_output=True, text=True, timeout=timeout, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Failure(f"iapp {' '.join(argv)}: no answer after {timeout:.0f} s") from None
        return Answer(list(argv), done.returncode, done.stdout, done.stderr)

    def good(self, *argv: str, **options: Any) -> Json:
        """The answer of a command that must succeed."""
        answer = self(*argv, "--json", **options)
        check(answer.code == 0, f"{answer.command}: exit {answer.code}: {answer.err.strip()}")
        return answer.json()

    def bad(self, *argv: str, code: int, error: str, **options: Any) -> Answer:
        """A command that must fail with this exit code and this error id."""
        answer = self(*argv, **options)
        equal((answer.code, answer.error_id), (code, error), f"{answer.command} ({answer.err.strip()})")
        return answer


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 20, pause: float = 0.05) -> Any:
    """The first answer of `condition` that is not false."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        check(time.monotonic() < deadline, f"still waiting after {seconds:.0f} s: {what}")
        time.sleep(pause)
    return found
