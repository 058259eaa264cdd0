"""passages: jobs whose answers are put together in order, and what would not go together."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field, create_model

from qwen_batch.errors import JobError
from qwen_batch.job.definition import Job, job_fingerprint
from qwen_batch.job.drafting.limits import Limits
from qwen_batch.job.drafting.passages import Passages
from qwen_batch.job.rules import Reduce

IN_ORDER = (Annotated[str, Reduce("in_order")], Field(max_length=900))
LIMITED = (Annotated[str, Reduce("in_order"), Limits(emoji=1)], Field(max_length=900))
PLAIN = (str, Field(max_length=90))


def job(passages: Passages | None, language: str = "zh", of: str = "", **fields: Any) -> Job:
    return Job("said", create_model("Said", **fields), "Say it.", language=language, passages=passages, of=of)


def test_passages_shape_the_answers() -> None:
    short, long = (job_fingerprint(job(Passages(tokens=size), text=IN_ORDER)) for size in (100, 200))
    assert short != long


@pytest.mark.parametrize(
    ("passages", "language", "of", "fields", "words"),
    [
        (None, "zh", "", {"text": IN_ORDER}, "but of no passages"),
        (Passages(), "zh", "", {"text": IN_ORDER, "title": PLAIN}, "nothing says how title is made"),
        (Passages(), "zh", "", {"text": LIMITED}, "text has Limits"),
        (Passages(terms=4), "", "", {"text": IN_ORDER}, "it has no language for them"),
        (Passages(), "zh", "other", {"text": IN_ORDER}, "rows of other have no passages"),
    ],
)
def test_what_would_not_go_together_is_refused(
    passages: Passages | None, language: str, of: str, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(JobError, match=words):
        job(passages, language, of, **fields)


@pytest.mark.parametrize("wrong", [{"tokens": 2}, {"tokens": 99_999}, {"terms": -1}, {"terms": 999}])
def test_a_passage_has_a_size(wrong: dict[str, int]) -> None:
    with pytest.raises(JobError):
        Passages(**wrong)
