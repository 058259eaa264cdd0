"""kill -9 of the driver, or of all processes of a run, at random moments; then the same command until it ends.

Every third kill waits for the publication to begin and falls into it. Rows are staged often and published in small
files, so that there are many moments to hit.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from benchmarks.faults.reader import Reader, reader
from benchmarks.faults.setting import FINISHED, Setting
from benchmarks.faults.tables import Result, difference, phase, published, publishing, say, unaccounted
from benchmarks.workplace import Ended, Run, Workplace
from qwen_batch.storage.places import is_s3

KILL_AGAIN = 0.1
PUBLISHING_EVERY = 3
BEYOND_END = 1.1
INTO_PUBLISHING_S = 0.06
LOOK_EVERY_S = 0.002
ASK_EVERY_S = 0.05
"""The same on S3, where looking is a request."""
MAX_RUNS = 10

Kill = Callable[[Workplace, Run], None]


@dataclass(slots=True)
class Try:
    """One try as it goes on: where it was killed, what a rerun said that did not go through, and its end."""

    runs: int = 0
    kills: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    ended: Ended | None = None


def kill_driver(_place: Workplace, run: Run) -> None:
    """Only the process that was started: Ray's are left behind, and find out by themselves."""
    run.process.kill()
    run.process.wait()


def kill_tree(place: Workplace, run: Run) -> None:
    """Everything at one moment."""
    place.kill_all()
    run.process.wait()


def measure(setting: Setting, fault: str, tries: int, kill: Kill, chance: random.Random) -> Result:
    """All tries of one way to kill."""
    result = Result(fault)
    phases: Counter[str] = Counter()
    reads = listings = 0
    with reader() as watcher:
        for number in range(tries):
            output = setting.output(f"{fault}-{number}")
            watcher.watch(output)
            one = _try(setting, output, kill, number, chance)
            listings += _judge(result, setting, output, one, watcher)
            setting.place.tidy()
            read_again = setting.take_reads() - setting.reads
            reads += read_again
            phases.update(one.kills)
            say(fault, f"{number + 1}/{tries}: {one.runs} runs, killed at: {', '.join(one.kills)}; {read_again} again")
    result.again = setting.share(reads, tries)
    hit = ", ".join(f"{count} x {name}" for name, count in phases.most_common())
    result.remarks.append(f"{phases.total()} kills: {hit}")
    result.remarks.append(f"{listings} listings by a reader")
    return result


def _judge(result: Result, setting: Setting, output: str, one: Try, watcher: Reader) -> int:
    """Compares what a try left with the reference; gives the number of the reader's listings."""
    table = published(output)
    seen = watcher.seen()
    result.add(difference(table, setting.reference))
    torn = seen.torn(table.runs)
    result.must(not torn, f"{output}: a reader saw {torn[:3]}")
    result.must(one.ended is not None and one.ended.code in FINISHED, f"{output}: it did not come to an end")
    result.must(not one.refused, f"{output}: a rerun ended with {one.refused[:1]}")
    stray = unaccounted(output)
    result.must(not stray, f"{output}: files that no run counts: {stray[:3]}")
    return seen.listings


def _try(setting: Setting, output: str, kill: Kill, number: int, chance: random.Random) -> Try:
    one = Try()
    killing, into_publishing = True, number % PUBLISHING_EVERY == PUBLISHING_EVERY - 1
    while one.ended is None and one.runs < MAX_RUNS:
        one.runs += 1
        run = setting.place.start(replace(setting.command, output=output))
        if killing and _reached(run, output, setting.undisturbed.seconds, chance, into_publishing=into_publishing):
            kill(setting.place, run)
            one.kills.append(phase(output))
            killing = chance.random() < KILL_AGAIN
            continue
        ended = run.wait()
        if ended.code in FINISHED:
            one.ended = ended
        else:
            one.refused.append(f"{ended.code}: {ended.last_words}")
        killing = False
    return one


def _reached(run: Run, output: str, seconds: float, chance: random.Random, *, into_publishing: bool) -> bool:
    """Waits for a random moment; whether the run was still alive at it."""
    if into_publishing:
        while run.running() and not publishing(output):
            time.sleep(ASK_EVERY_S if is_s3(output) else LOOK_EVERY_S)
        time.sleep(chance.uniform(0, INTO_PUBLISHING_S))
        return run.running()
    moment = chance.uniform(0, BEYOND_END * seconds)
    while run.running() and run.seconds() < moment:
        time.sleep(LOOK_EVERY_S)
    return run.running()
