"""A log as the lines that tell of it: plain values, without behaviour of their own."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.job.logs.stamps import Stamp
from qwen_batch.records import CleanDocument


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a log that a prompt shows.

    Characters [start, end) of the condensed text are those of the clean text from `origin` on; what is shown behind
    them is not in the document. `number` is the line's in its file. `times` counts the lines like it, the last of which
    is from `until`.
    """

    start: int
    end: int
    origin: int
    number: int
    stamp: Stamp | None
    component: str
    times: int = 1
    until: Stamp | None = None


@dataclass(frozen=True, slots=True)
class CondensedLog:
    """What is shown of a log in place of it: `clean` has the text of the `shown` lines, in their order in the file."""

    clean: CleanDocument
    shown: tuple[ShownLine, ...]
    warnings: tuple[str, ...] = ()
