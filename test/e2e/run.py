#!/usr/bin/env python3
"""Runs the end-to-end cases against one development network and tears it down. Usage: run.py BUILD_DIR [WORD ...]

Words select cases by group or by part of the name. KEEP=1 keeps the folder. Needs root: apps run in containers.
"""
from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from harness import CASES, Case, Failure
from world import World

GROUPS = ("data", "contract", "results", "grants", "deadlines", "verify", "cli", "devnet")
TIME_LIMIT_SECONDS = 540
SKIPPED = 77  # ctest knows it


class TimeLimit(BaseException):
    pass


def leave(*_: object) -> None:
    raise TimeLimit


def selected(words: list[str]) -> list[Case]:
    for group in GROUPS:
        importlib.import_module(f"cases_{group}")
    return [case for case in CASES if not words or any(word == case.group or word in case.name for word in words)]


class Report:
    def __init__(self) -> None:
        self.failed = 0

    def say(self, case: Case, seconds: float, problem: str = "") -> None:
        verdict = f"FAILED  {problem}" if problem else "ok"
        self.failed += bool(problem)
        print(f"{case.group:<10} {case.name:<72} {seconds:6.2f} s  {verdict}", flush=True)


def step(case: Case, world: World, going: object, report: Report) -> object:
    """Begins a case, or goes on with one; returns what to go on with later."""
    began = time.monotonic()
    try:
        going = case.run(world) if going is None else going
        if going is not None:
            next(going)  # type: ignore[call-overload]
            return going
        report.say(case, time.monotonic() - began)
    except StopIteration:
        report.say(case, time.monotonic() - began)
    except Failure as failure:
        report.say(case, time.monotonic() - began, str(failure))
    except Exception:
        report.say(case, time.monotonic() - began, traceback.format_exc())
    return None


def run_all(cases: list[Case], world: World, report: Report) -> None:
    waiting = [(case, step(case, world, None, report)) for case in cases]
    while waiting := [(case, going) for case, going in waiting if going is not None]:
        waiting = [(case, step(case, world, going, report)) for case, going in waiting]


def main(build: Path, words: list[str]) -> int:
    if os.geteuid() != 0:
        print("skipped: apps run in containers, which needs root")
        return SKIPPED
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, leave)
    signal.alarm(TIME_LIMIT_SECONDS)
    cases, report = selected(words), Report()
    folder = Path(tempfile.mkdtemp(prefix="iapp-e2e-"))
    world = World(build / "apps/iapp/iapp", build / "test/support/sandbox_probe", folder)
    try:
        print(f"network up in {world.start():.1f} s, {len(cases)} cases", flush=True)
        run_all(cases, world, report)
    except TimeLimit:
        print(f"FAILED  stopped before the end (limit {TIME_LIMIT_SECONDS} s)")
        report.failed += 1
    finally:
        signal.alarm(0)
        world.stop()
        if os.environ.get("KEEP") == "1":
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)
    print(f"{len(cases) - report.failed} ok, {report.failed} FAILED")
    return 1 if report.failed or not cases else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
