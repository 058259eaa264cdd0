"""Runs that must not begin or go on: a second one on the same output, one out of time, one that is told to stop."""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Callable, Iterator

from benchmarks.faults.setting import FINISHED, Setting, local_setting
from benchmarks.faults.tables import Result, difference, published, say
from benchmarks.workplace import Ended
from qwen_batch.errors import EXIT_DEADLINE, EXIT_LOCKED
from qwen_batch.storage.lock import holder_of
from qwen_batch.storage.places import open_store

LOOK_EVERY_S = 0.05
LIMITS = (0.6, 0.9)
"""Shares of the undisturbed time."""
WORKING = (0.0, 0.4)
"""The same, from the first document read."""
GRACE_S = 25
START_S = 1.0
"""A process can't know of the time before it knows of anything."""


def measure_two(documents: int, tries: int, seed: int) -> Result:
    """A second run while the first one works."""
    result = Result("two runs at once")
    with local_setting("two", documents, seed) as setting:
        for number in range(tries):
            output = setting.output(f"two-{number}")
            first = setting.place.start(setting.into(output))
            holder = None
            while first.running() and holder is None:
                time.sleep(LOOK_EVERY_S)
                holder = holder_of(open_store(output))
            second = setting.run(output)
            result.must(first.running(), "the first run ended before the second: take more documents")
            ended = first.wait()
            found = re.search(r"^run (\S+):", ended.stdout)
            result.must(second.code == EXIT_LOCKED, f"the second run ended with {second.code}: {second.last_words}")
            result.must(found and found[1] in second.stderr, f"the first one's name is missing: {second.last_words}")
            result.must(ended.code in FINISHED, f"the first run ended with {ended.code}: {ended.last_words}")
            result.add(difference(published(output), setting.reference))
            result.remarks.append(f"refused after {second.seconds:.1f} s")
            say(result.fault, f"{number + 1}/{tries}: {second.seconds:.1f} s, exit {second.code}: {second.last_words}")
            setting.place.tidy()
    return result


def measure_deadline(documents: int, tries: int, seed: int) -> Iterator[Result]:
    """--time-limit in the middle of a run, and SIGTERM with --grace; the next run does the rest."""
    chance = random.Random(seed)  # noqa: S311  chance that can be repeated
    with local_setting("stop", documents, seed) as setting:
        for fault, stop in (("--time-limit", _out_of_time), ("SIGTERM with --grace", _told_to_stop)):
            result = Result(fault)
            reads = 0
            for number in range(tries):
                reads += _one_stop(result, setting, setting.output(f"{number}{fault[:3]}"), stop, chance)
                say(fault, f"{number + 1}/{tries}: {result.remarks[-1]}")
            result.again = setting.share(reads, tries)
            yield result


Stopped = tuple[Ended, float, float]
"""How a run ended, the seconds that it took of those allowed, and those."""


def _out_of_time(setting: Setting, output: str, chance: random.Random) -> Stopped:
    limit_s = round(chance.uniform(*LIMITS) * setting.undisturbed.seconds)
    ended = setting.run(output, "--time-limit", f"{limit_s}s")
    return ended, ended.seconds - START_S, limit_s


def _told_to_stop(setting: Setting, output: str, chance: random.Random) -> Stopped:
    run = setting.place.start(setting.into(output, "--grace", f"{GRACE_S}s"))
    while run.running() and not setting.reads_so_far():
        time.sleep(LOOK_EVERY_S)
    time.sleep(chance.uniform(*WORKING) * setting.undisturbed.seconds)
    told = time.monotonic()
    run.process.send_signal(signal.SIGTERM)
    ended = run.wait()
    return ended, time.monotonic() - told, GRACE_S


def _one_stop(
    result: Result,
    setting: Setting,
    output: str,
    stop: Callable[[Setting, str, random.Random], Stopped],
    chance: random.Random,
) -> int:
    """One run that is stopped, one that goes on; gives the number of documents done again."""
    ended, took_s, allowed_s = stop(setting, output, chance)
    setting.place.tidy()
    rows = published(output).keys.total() if open_store(output).exists("_runs") else 0
    result.must(ended.code == EXIT_DEADLINE, f"exit {ended.code}, not {EXIT_DEADLINE}: {ended.last_words}")
    result.must(took_s <= allowed_s, f"took {took_s:.1f} s of {allowed_s:.0f}")
    rest = setting.run(output)
    result.must(rest.code in FINISHED, f"the next run ended with {rest.code}: {rest.last_words}")
    result.add(difference(published(output), setting.reference))
    result.remarks.append(f"{took_s:.1f} of {allowed_s:.0f} s, {rows} rows published, the rest in {rest.seconds:.0f} s")
    setting.place.tidy()
    return setting.take_reads() - setting.reads
