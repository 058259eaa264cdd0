"""What happens in fourteen nights, and in five that rehearse them. Each night is a function of the stage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from benchmarks.faults.analyst.leases import Lease
from benchmarks.faults.analyst.night import AFTER_DECIDED, BEFORE_DECIDED, IN_THE_MIDDLE
from benchmarks.faults.analyst.stage import ODD, Stage
from qwen_batch.errors import EXIT_FATAL, EXIT_LOCKED, EXIT_OK, EXIT_SOME_FAILED, EXIT_USAGE

Night = Callable[[Stage], None]
GAINED, RENAMED, WIDER, OBJECT_TO_TEXT = 2, 3, 4, 5


def first(stage: Stage) -> None:
    """A folder for the first time: good, broken and oddly named documents."""
    stage.job(1)
    for number, name in enumerate(("a.txt", "b.txt", "below/c.txt", "d.txt", "合同 [1] *'s.txt"), 1):
        stage.put(name, Lease(number))
    stage.put("e.txt", Lease(5, begin=None, months=None, parties=(), place=None))
    for number, name in enumerate(ODD if stage.is_local else (), 6):
        stage.put(name, Lease(number, place="Utah"))
    stage.put("empty.txt", "empty_file")
    stage.put("broken.pdf", "damaged")
    stage.run(EXIT_SOME_FAILED)


def nothing_new(stage: Stage) -> None:
    """The same again."""
    stage.run(EXIT_OK)


def changes(stage: Stage) -> None:
    """Added, changed, deleted, renamed, copied, linked; one that the engine refuses."""
    stage.put("new.txt", Lease(10, months=6))
    stage.put("a.txt", Lease(1, place="Quebec"))
    stage.delete("b.txt")
    stage.rename("d.txt", "renamed.txt")
    stage.copy("below/c.txt", "copy.txt")
    stage.link("link.txt", "e.txt")
    stage.put("refused.txt", Lease(11, refused=True))
    stage.run(EXIT_SOME_FAILED, trouble=True)


def failed(stage: Stage) -> None:
    """Wrong settings, a held lock, another format, while the folder changes; then a night without Ray."""
    stage.put("while refused.txt", Lease(14))
    stage.refused(EXIT_USAGE, "--set", "read.max_pages=none")
    stage.held(EXIT_LOCKED)
    stage.refused(EXIT_USAGE, form="jsonl" if stage.form == "parquet" else "parquet")
    without_ray(stage)


def without_ray(stage: Stage) -> None:
    """Ray does not start, while the folder changes; the next command does it all."""
    stage.put("while failed.txt", Lease(12))
    stage.delete("copy.txt")
    stage.without_ray(EXIT_FATAL)
    stage.run(EXIT_OK)


def gains(stage: Stage) -> None:
    """The job gains a field; a document becomes empty; the engine still refuses one."""
    stage.job(GAINED)
    stage.put("new.txt", "empty_file")
    stage.put("noted.txt", Lease(13, note="No pets"))
    stage.run(EXIT_SOME_FAILED, trouble=True)


def retried(stage: Stage) -> None:
    """A retry while there is trouble, and one that cures."""
    stage.retry(EXIT_SOME_FAILED, trouble=True)
    stage.retry(EXIT_SOME_FAILED)


def killed_in_the_middle(stage: Stage) -> None:
    """A kill -9 when some documents are done; then the same command."""
    for number in range(20, 24):
        stage.put(f"more {number}.txt", Lease(number, begin=date(2023, 1, number), months=24))
    stage.put("a.txt", Lease(1, place="Nevada", note="Pets are welcome"))
    stage.killed(IN_THE_MIDDLE)
    stage.run(EXIT_OK)


def renames(stage: Stage) -> None:
    """The job renames a field, and there is an output in the middle of the documents."""
    stage.extract_into_the_input()
    stage.job(RENAMED)
    stage.run(EXIT_SOME_FAILED)


def killed_when_decided(stage: Stage) -> None:
    """A kill -9 in a publication that is decided; then a night with more documents."""
    stage.put("late.txt", Lease(30))
    stage.killed(AFTER_DECIDED)
    stage.put("later.txt", Lease(31, months=3))
    stage.run(EXIT_OK)


def changed(stage: Stage) -> None:
    """A document changes."""
    stage.put("late.txt", Lease(30, place="Texas"))
    stage.run(EXIT_OK)


def changed_back(stage: Stage) -> None:
    """It changes back, which is nothing new; and so does a file that was empty."""
    stage.put("late.txt", Lease(30))
    stage.run(EXIT_OK)
    stage.put("new.txt", Lease(10, months=6))
    stage.run(EXIT_OK)


def widens(stage: Stage) -> None:
    """Whole numbers get fractions, and the run is killed before its publication is decided; then the same command."""
    stage.job(WIDER)
    stage.put("half.txt", Lease(40, months=2.5))
    stage.killed(BEFORE_DECIDED)
    stage.run(EXIT_SOME_FAILED)


def back_again(stage: Stage) -> None:
    """Deleted ones come back; a failure and a link go."""
    stage.put("b.txt", Lease(2))
    stage.delete("empty.txt")
    stage.unlink("link.txt")
    stage.run(EXIT_OK)


def another_type(stage: Stage) -> None:
    """An object becomes a text, which is refused; the job as it was goes on."""
    stage.job(OBJECT_TO_TEXT)
    stage.put("last.txt", Lease(50))
    stage.book.versions["lease"] = WIDER  # nothing is asked with it
    stage.refused(EXIT_USAGE)
    stage.job(WIDER)
    stage.run(EXIT_OK)


FOURTEEN: tuple[Night, ...] = (
    first,
    nothing_new,
    changes,
    failed,
    gains,
    retried,
    killed_in_the_middle,
    renames,
    killed_when_decided,
    changed,
    changed_back,
    widens,
    back_again,
    another_type,
)
FIVE: tuple[Night, ...] = (first, changes, without_ray, gains, killed_when_decided)
"""Of all kinds one."""
