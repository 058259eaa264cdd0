"""What the tries of a scenario share: documents, and an undisturbed run over them to compare with.

Work done again is counted where documents are read: a fake in the reading processes writes down each one, and what is
more than in the undisturbed run was done again. The cache of texts is off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.faults.tables import Published, published, say
from benchmarks.letters import write_documents
from benchmarks.workplace import Command, Ended, Run, Workplace, workplace

MANY_MOMENTS = ("--set", "sink.flush_seconds=0.2", "--set", "sink.rows_per_file=40", "--set", "resources.read_tasks=1")
"""Options that stage rows often and publish several files, so that a kill has much to hit."""
FINISHED = (0, 3)
EXIT_FATAL = 1
READS = "reads"


@dataclass(frozen=True, slots=True)
class Setting:
    """`reads` is how many documents the undisturbed run read, the same content under two names once."""

    place: Workplace
    command: Command
    outputs: str
    reference: Published
    undisturbed: Ended
    reads: int

    def output(self, name: str) -> str:
        """An output of its own."""
        return f"{self.outputs}/{name}"

    def run(self, output: str, *options: str) -> Ended:
        """The command into that output, to its end."""
        return self.place.start(self.into(output, *options)).wait()

    def into(self, output: str, *options: str) -> Command:
        """The command with that output and more options."""
        return replace(self.command, output=output, options=(*self.command.options, *options))

    def reads_so_far(self) -> int:
        """Documents read since reads were last taken."""
        return count_lines(self.place.root / READS)

    def take_reads(self) -> int:
        """Documents read since the last call."""
        count = self.reads_so_far()
        (self.place.root / READS).unlink(missing_ok=True)
        return count

    def share(self, again: int, tries: int) -> str:
        """Documents done again, as a share of what the tries had to do."""
        return f"{again} ({again / (self.reads * tries):.1%})" if self.reads else "not counted"


@contextmanager
def local_setting(
    name: str,
    documents: int,
    seed: int,
    options: tuple[str, ...] = MANY_MOMENTS,
    write: Callable[[Path, int, int], None] = write_documents,
) -> Iterator[Setting]:
    """Documents and an undisturbed run over them in a folder that goes with the block."""
    with workplace(name) as place:
        folder = place.root / "in"
        write(folder, documents, seed)
        yield undisturbed(place, Command(str(folder), "", options), str(place.root / "out"))


def undisturbed(place: Workplace, command: Command, outputs: str, wait: Callable[[Run], Ended] = Run.wait) -> Setting:
    """Runs the command once for the reference. Raises RuntimeError if even that does not work."""
    output = f"{outputs}/reference"
    env = {"QWEN_BATCH_READS": str(place.root / READS)}
    command = replace(command, env={**command.env, **env}, fakes=(*command.fakes, "reads_are_counted"))
    ended = wait(place.start(replace(command, output=output)))
    if ended.code not in FINISHED:
        raise RuntimeError(f"the undisturbed run ended with {ended.code}: {ended.last_words}")
    table = published(output)
    place.tidy()
    reads = count_lines(place.root / READS)
    (place.root / READS).unlink(missing_ok=True)
    say("undisturbed", f"{ended.seconds:.1f} s, {table.keys.total()} rows, {reads} documents read")
    return Setting(place, command, outputs, table, ended, reads)


def count_lines(path: Path) -> int:
    """Lines of a file, none if it is not there."""
    return path.read_bytes().count(b"\n") if path.exists() else 0
