"""A job's latest rows to a file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from qwen_batch.output.export.lines import write_lines
from qwen_batch.output.export.separated import write_csv
from qwen_batch.output.export.table import Exported, output_to_exported
from qwen_batch.output.export.target import PageOf, target_of
from qwen_batch.output.export.xlsx import write_xlsx

Write = Callable[[Exported, PageOf | None, BinaryIO], None]
_WRITERS: dict[str, Write] = {".xlsx": write_xlsx, ".csv": write_csv, ".jsonl": write_lines}


@dataclass(frozen=True, slots=True)
class Written:
    """An export that is there."""

    job: str
    documents: int
    place: str


def export_rows(output: str, job: str | None, place: str, page_of: PageOf | None = None) -> Written:
    """Writes the latest rows of a job, or of the only one, as the ending of `place` says.

    A file that is there is replaced, and stays if anything goes wrong. Raises UsageError for an unknown job or a place
    that cannot be meant, OutputError where it cannot be written.
    """
    target = target_of(place, output)
    exported = output_to_exported(output, job)
    target.store.put(target.name, partial(_WRITERS[target.kind], exported, page_of))
    return Written(exported.job, exported.rows.num_rows, target.store.uri(target.name))
