"""drafts: what is made is the same each time and breaks its limits, and scores count what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from helpers.runs import request_for, run
from helpers.told import FakeTold, told_machinery

from benchmarks.drafts.ask import JOB_FILES, job_into, write_documents
from benchmarks.drafts.made import drafts
from benchmarks.drafts.made_documents import Parallel, documents
from benchmarks.drafts.score_copy import has_fact, is_over
from benchmarks.drafts.score_translation import (
    Translated,
    TranslationScore,
    blocks,
    score_of,
    sentences_of,
    table_of,
    translated,
)
from qwen_batch.asking.drafting.kept import differences
from qwen_batch.asking.drafting.shape import shape_problems
from qwen_batch.config import Config
from qwen_batch.job.files import find_job, load_job
from qwen_batch.records import Completion, Prompt


def test_drafts_are_the_same_each_time_and_break_their_limits() -> None:
    made = list(drafts(200))
    assert made == list(drafts(200))
    assert len({one.text for one in made}) == 200
    assert all(is_over(one.text) for one in made)


def test_a_draft_states_each_of_its_facts() -> None:
    for one in drafts(200):
        assert all(has_fact(one.text, fact.says) for fact in one.facts), one


def test_a_fact_is_no_part_of_a_longer_number() -> None:
    assert has_fact("now 49 euro", ["49"])
    assert has_fact("3,500 in all", ["3500"])
    assert not has_fact("now 149 euro", ["49"])
    assert not has_fact("now 490 euro", ["49"])


@pytest.mark.parametrize(
    ("text", "over"),
    [("a" * 120, False), ("a" * 121, True), ("👨‍👩‍👧🇨", False), ("🎉🎉🎉", True), ("e\u0301" * 120, False)],
)
def test_what_is_seen_is_counted(text: str, over: bool) -> None:
    assert is_over(text) is over


def test_references_say_what_their_documents_say_by_the_jobs_own_checks() -> None:
    for one in documents(20):
        assert differences(one.text, one.reference, ("numbers", "dates")) == differences("", "", ("numbers",)), one.name
        assert list(shape_problems(one.text, one.reference)) == []


def test_a_reference_is_whole_and_its_tables_are_the_same() -> None:
    for one in documents(20):
        gold = json.loads(json.dumps(asdict(one) | {"target": one.target}))
        assert Translated(gold, one.reference).is_whole
        assert not Translated(gold, one.reference.rpartition("##")[0]).is_whole
        assert table_of(one.text) == table_of(one.reference)
        assert len(blocks(one.text)) == len(blocks(one.reference))
        assert len(list(sentences_of(one.text))) == len(list(sentences_of(one.reference)))


@pytest.mark.parametrize("name", ["translate_document", "translate_whole"])
@pytest.mark.parametrize("target", ["en", "zh"])
def test_a_job_is_turned_to_either_language(name: str, target: str, tmp_path: Path) -> None:
    assert JOB_FILES[name].exists()
    assert load_job(find_job(str(job_into(tmp_path, name, target)), tmp_path)).language == target


class FakeInterpreter(FakeTold):
    """Knows the references of the made documents line by line, and calls each term by its own name."""

    def __init__(self, made: Sequence[Parallel], lost: str = "") -> None:
        pairs = [zip(one.text.splitlines(), one.reference.splitlines(), strict=True) for one in made]
        self._lines = {source: said for pair in pairs for source, said in pair}
        self._lost = lost
        super().__init__({})

    def _answer(self, prompt: Prompt) -> Completion:
        fields = json.loads(prompt.json_schema or "")["properties"]
        shown = prompt.messages[1][1].partition("</document>")[0].partition("\n")[2].rstrip("\n")
        said = "\n".join(self._lines.get(line, line) for line in shown.splitlines())
        text = json.dumps(dict.fromkeys(fields, said.replace(self._lost, "") if self._lost else said))
        return Completion(text if "text" in fields else "{}", "stop", 100, len(text))


def translated_by(engine: FakeInterpreter, made: Sequence[Parallel], out: Path, config: Config) -> TranslationScore:
    write_documents(out, made)
    for target in ("en", "zh"):
        folder = out / "translation" / target
        jobs = job_into(folder / "jobs", "translate_document", target).parent
        request = request_for(folder / "documents", folder / "table", config, jobs, "translate_document")
        run(request, told_machinery(engine))
    return score_of("translate_document", list(translated(out, "translate_document")))


@pytest.mark.subprocess
def test_what_a_fake_engine_translates_like_the_references_is_all_right(null_config: Config, tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    pytest.importorskip("py3langid")
    made = list(documents(4))
    score = translated_by(FakeInterpreter(made), made, tmp_path, null_config)
    assert (score.rows, score.whole, score.again) == (4, 4, 0)
    for kept, every in (score.numbers, score.dates, score.names, score.tables):
        assert kept == every > 0
    assert score.sentences[0] >= 0.95 * score.sentences[1]
    assert score.chrf > 99


@pytest.mark.subprocess
def test_what_a_fake_engine_leaves_out_is_seen_and_counted(null_config: Config, tmp_path: Path) -> None:
    pytest.importorskip("sacrebleu")
    pytest.importorskip("py3langid")
    made = list(documents(4))
    day = made[0].dates[0][1]  # in Chinese, the language of the first translation
    score = translated_by(FakeInterpreter(made, lost=day), made, tmp_path, null_config)
    assert (score.rows, score.whole) == (4, 3)
    assert score.dates[0] < score.dates[1]
