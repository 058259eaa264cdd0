"""runner over data/library: each job answers its documents, and gold says what they say in the job's own fields."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from helpers.children import warm
from helpers.documents import documents_at
from helpers.places import ROOT
from helpers.runs import request_for, run, sources

from qwen_batch.config import Config
from qwen_batch.evaluate.evaluation import evaluate_output
from qwen_batch.evaluate.gold import GoldDocument, read_gold
from qwen_batch.evaluate.kinds import field_kind
from qwen_batch.evidence.locate import locate_quote, text_to_index
from qwen_batch.job.definition import job_schema
from qwen_batch.job.files import find_job, load_job
from qwen_batch.reading.document_to_text import make_tools
from qwen_batch.run.document.spec import load_jobs, make_tokenizer
from qwen_batch.run.document.stages import document_to_prompts
from qwen_batch.run.document.work import Work
from qwen_batch.schema_walk import Schema, definitions_of, resolved

LIBRARY = ROOT / "data" / "library"
JOBS = sorted(file.stem for file in (LIBRARY / "gold").glob("*.jsonl"))
FEWEST_A_LANGUAGE = 5

pytestmark = pytest.mark.parametrize("name", JOBS)


def gold_of(name: str) -> tuple[GoldDocument, ...]:
    return read_gold(LIBRARY / "gold" / f"{name}.jsonl")


def leaf(path: str, schema: Schema) -> Schema:
    """The schema that a field's path leads to; a KeyError where it leads nowhere."""
    node = schema
    for part in path.split("."):
        key = part.removesuffix("[]")
        node = resolved(node["properties"][key], definitions_of(schema))
        node = resolved(node["items"], definitions_of(schema)) if key != part else node
    return node


def test_each_library_job_has_documents_in_both_languages_and_several_formats(name: str) -> None:
    files = sorted(path.name for path in (LIBRARY / "samples" / name).iterdir())
    assert [one.source for one in gold_of(name)] == [f"{name}/{file}" for file in files]
    languages = Counter(Path(file).stem.rpartition("_")[2] for file in files)
    assert min(languages["en"], languages["zh"]) >= FEWEST_A_LANGUAGE
    assert {Path(file).suffix for file in files} == {".docx", ".html", ".md", ".pdf", ".txt"}


def test_gold_of_the_library_names_plain_values_of_its_job(name: str, jobs_dir: Path) -> None:
    schema = job_schema(load_job(find_job(name, jobs_dir)))
    for one in gold_of(name):
        for path, values in one.fields.items():
            assert "properties" not in leaf(path, schema), path
            accepted = [value for choice in values for value in choice.accepted]
            assert one.normalisers.get(path) or field_kind(path, accepted, schema), path


@pytest.mark.subprocess
def test_a_library_job_answers_all_of_its_documents_with_the_null_engine(
    name: str, null_config: Config, jobs_dir: Path, tmp_path: Path
) -> None:
    samples, output = LIBRARY / "samples" / name, tmp_path / "out"
    summary = run(request_for(samples, output, null_config, jobs_dir, name))
    assert summary.rows == {name: len(gold_of(name)), "failures": 0}
    assert sources(output, name) == sorted(path.name for path in samples.iterdir())
    scores = evaluate_output(LIBRARY / "gold" / f"{name}.jsonl", str(output), name, jobs_dir).scores
    assert (scores.missing, scores.unjudged, scores.counts.right) == ((), 0, 0)


@pytest.mark.subprocess
def test_gold_quotes_of_the_library_stand_in_the_documents_as_they_are_read(
    name: str, null_config: Config, jobs_dir: Path, tmp_path: Path
) -> None:
    gold = {one.source.rpartition("/")[2]: one for one in gold_of(name)}
    request = request_for(LIBRARY / "samples" / name, tmp_path / "out", null_config, jobs_dir, name)
    tools, tokenizer, jobs = warm(make_tools(null_config)), make_tokenizer(request.spec), load_jobs(request.spec)
    missing = []
    for document in documents_at(LIBRARY / "samples" / name):
        clean = document_to_prompts(Work(document, (name,)), request.spec, tools, tokenizer, jobs).clean
        assert clean is not None, document.uri
        index = text_to_index(clean.text)
        quotes = {place.quote for places in gold[Path(document.uri).name].evidence.values() for place in places}
        missing += [(document.uri, one) for one in quotes if len(one) > 1 and locate_quote(one, index).kind == "none"]
    assert missing == []
