"""Many small documents: the driver's memory, a rerun with nothing to do, and what a kill at half costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

import psutil

from benchmarks.faults.kills import kill_driver
from benchmarks.faults.setting import FINISHED, READS, Setting, count_lines, undisturbed
from benchmarks.faults.tables import Result, difference, published, say
from benchmarks.letters import write_documents
from benchmarks.workplace import Command, Ended, Run, workplace

SAMPLE_EVERY_S = 2.0
LOOK_EVERY_S = 0.2
WARM_SHARE = 0.1
"""Memory counts from so much of the work on: before it, the run is still starting."""
MAX_IDLE_RERUN_S = 15.0
MAX_RESUME_OVERHEAD = 0.05
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """The driver's resident memory in bytes when so many documents had been read."""

    documents: int
    rss: int


def measure(documents: int, seed: int) -> Iterator[Result]:
    """One undisturbed run, one with nothing to do, one that is killed at half and resumed."""
    with workplace("many") as place:
        folder = place.root / "in"
        write_documents(folder, documents, seed)
        samples: list[Sample] = []
        reads = place.root / READS
        command = Command(str(folder), "")
        setting = undisturbed(place, command, str(place.root / "out"), lambda run: _sampled(run, reads, samples))
        yield _memory(setting, samples, documents)
        yield _nothing_to_do(setting)
        yield _half(setting)


def _sampled(run: Run, reads: Path, samples: list[Sample]) -> Ended:
    driver = psutil.Process(run.process.pid)
    while run.running():
        samples.append(Sample(count_lines(reads), driver.memory_info().rss))
        say("many", f"{run.seconds():.0f} s, {samples[-1].documents} read, {samples[-1].rss / MIB:.0f} MiB")
        time.sleep(SAMPLE_EVERY_S)
    return run.wait()


def _memory(setting: Setting, samples: list[Sample], documents: int) -> Result:
    result = Result(f"{documents} documents, undisturbed", tries=1)
    warm = [one for one in samples if WARM_SHARE * setting.reads <= one.documents < setting.reads]
    seconds = setting.undisturbed.seconds
    result.remarks.append(f"{seconds:.0f} s, {documents / seconds:.1f} documents/s")
    result.must(len({one.documents for one in warm}) > 1, "too few samples for a slope: take more documents")
    if not result.bad:
        line = linear_regression([one.documents for one in warm], [one.rss for one in warm])
        result.remarks.append(f"driver {line.slope:.0f} bytes a document over {len(warm)} samples")
        result.remarks.append(f"{warm[0].rss / MIB:.0f} MiB at {WARM_SHARE:.0%}, {warm[-1].rss / MIB:.0f} at the end")
    return result


def _nothing_to_do(setting: Setting) -> Result:
    result = Result("the same command again, nothing to do")
    output = setting.output("reference")
    ended = setting.run(output)
    result.must(ended.code in FINISHED, f"exit {ended.code}: {ended.last_words}")
    result.must(ended.seconds <= MAX_IDLE_RERUN_S, f"{ended.seconds:.1f} s, more than {MAX_IDLE_RERUN_S:g}")
    result.add(difference(published(output), setting.reference))
    result.again = setting.share(setting.take_reads(), 1)
    result.remarks.append(f"{ended.seconds:.1f} s")
    say(result.fault, result.remarks[-1])
    return result


def _half(setting: Setting) -> Result:
    """Ray's processes of the killed run are left to end by themselves beside the one that resumes."""
    result = Result("driver killed at half, resumed")
    output = setting.output("half")
    run = setting.place.start(setting.into(output))
    while run.running() and setting.reads_so_far() < setting.reads / 2:
        time.sleep(LOOK_EVERY_S)
    killed_s = run.seconds()
    kill_driver(setting.place, run)
    ended = setting.run(output)
    result.must(ended.code in FINISHED, f"exit {ended.code}: {ended.last_words}")
    result.add(difference(published(output), setting.reference))
    overhead = (killed_s + ended.seconds) / setting.undisturbed.seconds - 1
    result.must(overhead <= MAX_RESUME_OVERHEAD, f"resuming cost {overhead:.1%}, more than {MAX_RESUME_OVERHEAD:.0%}")
    result.again = setting.share(setting.take_reads() - setting.reads, 1)
    result.remarks.append(
        f"killed at {killed_s:.0f} s, resumed {ended.seconds:.0f} s, undisturbed {setting.undisturbed.seconds:.0f} s: "
        f"overhead {overhead:+.1%}"
    )
    say(result.fault, result.remarks[-1])
    return result
