"""The questions of a workbook as a job file, and a fake engine that answers them with the slots of the gold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workbooks.made import Slots, Workbook
from qwen_batch.records import Completion, Prompt

_JOB = '''"""The questions to one workbook of the benchmark."""

from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Aggregate, Job


class Answers(BaseModel):
{fields}


JOB = Job(
    name={name!r},
    schema=Answers,
    instruction="Say for each question which numbers answer it: the sheet, the column, which rows, how to count.",
    sampling=EXTRACTION,
    max_output_tokens=2000,
    workbook=True,
)
'''


def job_name(book: Workbook) -> str:
    """The name of the job with a workbook's questions."""
    return f"asked_{book.name}"


def write_job(book: Workbook, folder: Path) -> Path:
    """Writes the job file with a workbook's questions."""
    fields = "\n".join(
        f"    q{at}: Aggregate = Field(description={question.words!r})" for at, question in enumerate(book.questions, 1)
    )
    path = folder / f"{job_name(book)}.py"
    path.write_text(_JOB.format(fields=fields, name=job_name(book)), "utf-8")
    return path


def gold_answer(book: Workbook) -> dict[str, Any]:
    """What a model answers that chooses all slots as the gold does."""
    return {f"q{at}": _slots(question.sheet, question.slots) for at, question in enumerate(book.questions, 1)}


def _slots(sheet: str, slots: Slots) -> dict[str, Any]:
    where = [{"column": column, "sign": sign, "value": value} for column, sign, value in slots.where]
    return {
        "sheet": sheet,
        "function": slots.function,
        "column": slots.column,
        "where": where,
        "group_by": slots.group_by,
    }


@dataclass(frozen=True, slots=True)
class GoldSlotsEngine:
    """A fake: it chooses the slots of the gold, so that what is measured is all but the model's choice."""

    answers: Mapping[str, dict[str, Any]]

    async def generate(self, shard: Sequence[Prompt]) -> list[Completion]:
        """The gold of each prompt's job."""
        return [
            Completion(json.dumps(self.answers[one.job], ensure_ascii=False), "stop", len(one.token_ids), 1)
            for one in shard
        ]

    def close(self) -> None:
        """Nothing to end."""
