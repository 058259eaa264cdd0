"""An output that fills up, or that becomes read-only, in the middle of a run; then the same command when it is mended.

The full disk is a small tmpfs with a ballast file; the read-only folder has the immutable flag on all its folders
(ext4, xfs, btrfs). Both need root.
"""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.faults.setting import EXIT_FATAL, FINISHED, Setting, local_setting
from benchmarks.faults.tables import Result, difference, published, say, staged_rows
from benchmarks.workplace import Ended

DISK_BYTES = 64 << 20
LOOK_EVERY_S = 0.01
BREAK_WITHIN_S = 1.0
ROOM_LEFT = (0.5, 1.5)
"""Share of the published bytes for which there is room; a run needs twice as much and more, for it stages first."""

Break = Callable[[Setting, str, random.Random], Ended]
"""Runs the command into an output that breaks meanwhile."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How an output breaks; `outputs` is the folder where it can."""

    name: str
    outputs: str
    breaks: Break
    mend: Callable[[str], None]


def measure(documents: int, tries: int, seed: int) -> Iterator[Result]:
    """Both faults, all tries."""
    chance = random.Random(seed)  # noqa: S311  chance that can be repeated
    with local_setting("disk", documents, seed) as setting, _small_disk(setting) as disk:
        yield _tries(Fault("disk full", str(disk), _full, _make_room), setting, tries, chance)
        locked = Fault("output read-only", setting.outputs, _read_only, partial(_set_flag, flag="-i"))
        yield _tries(locked, setting, tries, chance)


def _tries(fault: Fault, setting: Setting, tries: int, chance: random.Random) -> Result:
    result = Result(fault.name)
    reads = 0
    for number in range(tries):
        output = f"{fault.outputs}/broken-{number}"
        try:
            ended = fault.breaks(setting, output, chance)
        finally:
            fault.mend(output)
        setting.place.tidy()
        result.must(ended.code == EXIT_FATAL, f"exit {ended.code}, not {EXIT_FATAL}: {ended.last_words}")
        result.must("Traceback" not in ended.stderr, f"a traceback: {ended.last_words}")
        result.must(output in ended.stderr and "remedy:" in ended.stderr, f"an unclear message: {ended.last_words}")
        kept = staged_rows(output)
        again = setting.run(output)
        result.must(again.code in FINISHED, f"when mended, exit {again.code}: {again.last_words}")
        result.add(difference(published(output), setting.reference))
        setting.place.tidy()
        reads += setting.take_reads() - setting.reads
        said = f"exit {ended.code}, {kept} rows staged, then {again.code}: {ended.last_words}"
        say(fault.name, f"{number + 1}/{tries}: {said}")
        subprocess.run(["rm", "-rf", output], check=True)
    result.again = setting.share(reads, tries)
    return result


@contextmanager
def _small_disk(setting: Setting) -> Iterator[Path]:
    disk = setting.place.root / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        setting.place.tidy()
        subprocess.run(["umount", str(disk)], check=True)


def _full(setting: Setting, output: str, chance: random.Random) -> Ended:
    reference = Path(setting.output("reference"))
    room = round(chance.uniform(*ROOM_LEFT) * sum(file.stat().st_size for file in reference.rglob("*.parquet")))
    _ballast(output).write_bytes(bytes(DISK_BYTES - room))
    return setting.run(output)


def _make_room(output: str) -> None:
    _ballast(output).unlink(missing_ok=True)


def _ballast(output: str) -> Path:
    return Path(output).with_name("ballast")


def _read_only(setting: Setting, output: str, chance: random.Random) -> Ended:
    run = setting.place.start(setting.into(output))
    while run.running() and not staged_rows(output):
        time.sleep(LOOK_EVERY_S)
    time.sleep(chance.uniform(0, BREAK_WITHIN_S))
    _set_flag(output, "+i")
    return run.wait()


def _set_flag(output: str, flag: str) -> None:
    folders = [str(path) for path in Path(output).rglob("*") if path.is_dir()]
    subprocess.run(["chattr", flag, output, *folders], check=True)
