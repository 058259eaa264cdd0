"""fingerprints: what a job is shown is part of its fingerprint, and what it is never shown is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.config_file import load_config
from qwen_batch.job.files import find_job, load_job
from qwen_batch.outcomes import Example, ExampleFact
from qwen_batch.run.fingerprints import job_fingerprints

JOB = """
from typing import Annotated
from pydantic import BaseModel, Field
from qwen_batch import {names}Job, Quoted

class Law(Quoted):
    place: str = Field(max_length=40)

class Terms(BaseModel):
    law: {law} = Field(description="whose law")

JOB = Job("terms", Terms, "Read.")
"""


def of_library(name: str, *settings: str) -> str:
    jobs = {name: load_job(find_job(name, ROOT / "jobs"))}
    return job_fingerprints(jobs, load_config(None, settings), "a model")[name]


def of_job(folder: Path, names: str, law: str) -> str:
    (folder / "terms.py").write_text(JOB.format(names=names, law=law))
    jobs = {"terms": load_job(find_job("terms", folder))}
    return job_fingerprints(jobs, load_config(None), "a model")["terms"]


def test_a_job_that_is_shown_passages_is_asked_again_when_what_is_shown_changes() -> None:
    settings = ("prompt.select=1", "prompt.select=3", "prompt.select=whole", "prompt.whole_tokens=0")
    assert len({of_library("contract_terms", *one) for one in ((), *((setting,) for setting in settings))}) == 5


def test_a_job_that_is_shown_whole_documents_is_not_asked_again_for_it() -> None:
    usual = of_library("contract_summary")
    assert of_library("contract_summary", "prompt.whole_tokens=0") == usual
    assert of_library("contract_summary", "prompt.select=whole", "prompt.whole_tokens=9") == usual
    assert of_library("contract_summary", "prompt.select=2") != usual


@pytest.mark.parametrize(
    ("names", "law"),
    [
        ("LooksFor, ", 'Annotated[Law | None, LooksFor("laws of")]'),
        ("LooksFor, ", 'Annotated[Law | None, LooksFor("governed by")]'),
        ("Mentions, ", 'Annotated[Law | None, Mentions(en=("law",))]'),
        ("WHOLE_DOCUMENT, ", "Annotated[Law | None, WHOLE_DOCUMENT]"),
    ],
)
def test_other_words_to_look_for_are_another_job(tmp_path: Path, names: str, law: str) -> None:
    (tmp_path / "plain").mkdir()
    plain = of_job(tmp_path / "plain", "", "Law | None")
    assert of_job(tmp_path, names, law) != plain


def test_a_bound_of_confidence_asks_documents_again() -> None:
    usual = of_library("contract_terms")
    assert of_library("contract_terms", "confidence.reject_below=auto") == usual
    assert len({usual, *(of_library("contract_terms", f"confidence.reject_below={bound}") for bound in (0, 0.3))}) == 3


def test_examples_are_part_of_what_a_job_is_shown_where_there_are_any() -> None:
    jobs = {"contract_terms": load_job(find_job("contract_terms", ROOT / "jobs"))}
    one, two = (Example("id", "a.txt", (ExampleFact("law", value),)) for value in ("Utah", "Ohio"))

    def with_these(*examples: Example, count: int = 2) -> str:
        config = load_config(None, (f"prompt.examples={count}",))
        return job_fingerprints(jobs, config, "a model", {"contract_terms": examples})["contract_terms"]

    usual = of_library("contract_terms")
    assert with_these() == of_library("contract_terms", "prompt.examples=2") == usual, "nobody has corrected anything"
    assert with_these(one, count=0) == usual
    assert len({usual, with_these(one), with_these(two), with_these(one, two), with_these(one, count=3)}) == 5
