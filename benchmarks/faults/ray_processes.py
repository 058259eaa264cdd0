"""kill -9 of one of Ray's processes: a worker that does OCR, the engine's actor, the raylet of a node of three.

The run must come to its end by itself, with the right table.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.faults.setting import FINISHED, Setting, local_setting
from benchmarks.faults.tables import Result, difference, published, say
from benchmarks.letters import NAMES, write_documents
from benchmarks.workplace import Command, Run, workplace

SCANS = 6
PAGES_PER_SCAN = 4
"""Enough for a document's pages to be spread over workers."""
PAGE_PIXELS = (1240, 700)
DPI = 150
FONT_PIXELS = 30
LINE_PIXELS = 48
OCR_WORKER = "ray::ocr_page"
ENGINE_ACTOR = "EngineStage"
LOOK_EVERY_S = 0.02
AFTER_S = 3.0
CLUSTER_PATIENCE_S = 180

Victims = Callable[[], list[int]]
"""The process ids of which one is to be killed, none as long as there are none."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster of its own: its address, and the raylets of the nodes that are not its head."""

    address: str
    raylets: list[int]


def measure(documents: int, tries: int, seed: int) -> Iterator[Result]:
    """All three victims, over letters and scans."""
    chance = random.Random(seed)  # noqa: S311  chance that can be repeated
    with local_setting("ray", documents, seed, (), write_with_scans) as setting:
        for fault, title in (("an OCR worker killed", OCR_WORKER), ("the engine's actor killed", ENGINE_ACTOR)):
            result = Result(fault)
            victims = partial(_named, setting, title)
            reads = sum(_one_kill(result, setting, f"{fault}-{number}", victims, chance) for number in range(tries))
            result.again = setting.share(reads, tries)
            yield result
        yield _raylets(setting, tries, chance)


def _named(setting: Setting, title: str) -> list[int]:
    return [process.pid for process in setting.place.named(title)]


def _raylets(setting: Setting, tries: int, chance: random.Random) -> Result:
    result = Result("a raylet of three killed")
    reads = 0
    for number in range(tries):
        with cluster_of_three(setting.command) as cluster:
            victims = partial(_when_reading, setting, cluster.raylets)
            reads += _one_kill(result, setting, f"raylet{number}", victims, chance, "--ray-address", cluster.address)
    result.again = setting.share(reads, tries)
    return result


def _when_reading(setting: Setting, raylets: list[int]) -> list[int]:
    return raylets if setting.reads_so_far() else []


def _one_kill(
    result: Result, setting: Setting, name: str, victims: Victims, chance: random.Random, *options: str
) -> int:
    """One run with one kill; gives the number of documents done again."""
    output = setting.output(name)
    run = setting.place.start(setting.into(output, *options))
    killed = _kill_one(run, victims, chance)
    ended = run.wait()
    result.must(killed is not None, "the run ended before there was anything to kill: take more documents")
    result.must(ended.code in FINISHED, f"exit {ended.code}: {ended.last_words}")
    result.add(difference(published(output), setting.reference))
    setting.place.tidy()
    seconds = f"{ended.seconds:.0f} s, undisturbed {setting.undisturbed.seconds:.0f} s"
    result.remarks.append(seconds)
    say(result.fault, f"killed at {killed or 0:.0f} s; exit {ended.code} after {seconds}")
    return setting.take_reads() - setting.reads


def _kill_one(run: Run, victims: Victims, chance: random.Random) -> float | None:
    """Kills one of the victims a random moment after there are any; when, in seconds of the run."""
    until: float | None = None
    while run.running():
        found = victims()
        if found and until is None:
            until = time.monotonic() + chance.uniform(0, AFTER_S)
        if found and until is not None and time.monotonic() >= until:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(found), signal.SIGKILL)
                return run.seconds()
        time.sleep(LOOK_EVERY_S)
    return None


@contextmanager
def cluster_of_three(command: Command) -> Iterator[Cluster]:
    """A head and two nodes on this machine, in processes of their own, with the fakes of the command."""
    with workplace("cluster") as place:
        program = [sys.executable, "-m", "benchmarks.faults.cluster"]
        run = place.start_program(program, command.env, command.fakes)
        yield _started(run)


def _started(run: Run) -> Cluster:
    deadline = time.monotonic() + CLUSTER_PATIENCE_S
    while run.running() and time.monotonic() < deadline:
        for line in run.stdout.read_text("utf-8").splitlines():
            if line.startswith('{"address"'):
                return Cluster(**json.loads(line))
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError(f"the cluster did not start: {run.stderr.read_text('utf-8')[-300:]}")


def write_with_scans(folder: Path, count: int, seed: int) -> None:
    """Letters, and scans of several pages without a text layer."""
    write_documents(folder, count, seed)
    chance = random.Random(seed)  # noqa: S311  chance that can be repeated
    font = ImageFont.load_default(FONT_PIXELS)
    for number in range(SCANS):
        pages = [_page(chance, font, f"Scan {number}, page {page + 1}") for page in range(PAGES_PER_SCAN)]
        pages[0].save(folder / f"scan-{number}.pdf", save_all=True, append_images=pages[1:], resolution=DPI)


def _page(chance: random.Random, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, title: str) -> Image.Image:
    page = Image.new("L", PAGE_PIXELS, 255)
    draw = ImageDraw.Draw(page)
    lines = [
        title,
        *(
            f"{chance.choice(NAMES)} pays {chance.randint(100, 999)} dollars to {chance.choice(NAMES)}."
            for _ in range(9)
        ),
    ]
    for row, line in enumerate(lines):
        draw.text((100, 60 + row * LINE_PIXELS), line, fill=0, font=font)
    return page
