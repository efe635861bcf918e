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
from collections.abc import Iterator
from pathlib import Path

from harness import CASES, Case, Failure
from world import World

# In this order: a case of `deadlines` keeps the worker of the first network stopped while `devnet` uses the second.
GROUPS = ("data", "contract", "results", "grants", "verify", "attest", "cli", "documents", "deadlines", "devnet", "attach")
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


class Going:
    """A case under way: begun by the first step, gone on with by the next until it is over."""

    def __init__(self, case: Case, world: World, report: Report) -> None:
        self.case, self.world, self.report = case, world, report
        self.rest: Iterator[None] | None = None
        self.seconds = 0.0

    def step(self) -> bool:
        """True when it wants to be taken up again later."""
        began = time.monotonic()
        problem = ""
        try:
            if self.rest is None:
                self.rest = self.case.run(self.world) or iter(())
            next(self.rest)
            return True
        except StopIteration:
            pass
        except Failure as failure:
            problem = str(failure)
        except Exception:
            problem = traceback.format_exc()
        finally:
            self.seconds += time.monotonic() - began
        self.report.say(self.case, self.seconds, problem)
        return False


def run_all(cases: list[Case], world: World, report: Report) -> None:
    going = [Going(case, world, report) for case in cases]
    while going:
        going = [one for one in going if one.step()]


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
