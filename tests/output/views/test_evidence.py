"""evidence: one row a value, with where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.published import evidence, publish_run, record
from helpers.views import both, connected
from pydantic import BaseModel, Field

from qwen_batch import EXTRACTION, Job, Party, read_evidence


class Deal(BaseModel):
    parties: list[Party] = Field(max_length=20)


DEAL = Job(name="deal", schema=Deal, instruction="Read.", sampling=EXTRACTION)
NAMES = [f"Party {number}" for number in range(11)]


@pytest.fixture(params=["parquet", "jsonl"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    parties = [{"name": name, "quote": name, "role": None} for name in NAMES]
    found = tuple(evidence(f"parties[{number}].name", name, name, number + 1) for number, name in enumerate(NAMES))
    nested = evidence("parties[0].aliases[9]", "P", "P", None, "none")
    one = record(DEAL, "a.txt", {"parties": parties}, evidence=(*found, nested), confidence={"parties": 0.5})
    other = record(DEAL, "b.txt", {"parties": []})
    publish_run(tmp_path / "out", DEAL, [one, other], form=request.param)
    return tmp_path / "out"


def test_paths_counted_from_0_where_sql_counts_from_1(output: Path) -> None:
    found = both(output, "deal_evidence", "path", "value", "page")
    assert ("parties[1].name", "Party 0", 1) in found
    assert ("parties[11].name", "Party 10", 11) in found
    assert ("parties[1].aliases[10]", "P", None) in found
    assert len(found) == len(NAMES) + 1
    query = "select e.value = r.result.parties[e.i].name from (select *, regexp_extract(path, '[0-9]+')::int as i"
    query += " from deal_evidence where match = 'exact') as e join deal_latest as r using (source_uri)"
    assert set(connected(output).sql(query).fetchall()) == {(True,)}


def test_a_value_s_field_could_not_be_joined_with_its_confidence(output: Path) -> None:
    assert set(both(output, "deal_evidence", "document", "field", "confidence")) == {("a.txt", "parties", 0.5)}


def test_no_column_s_name_wants_quoting_in_sql(output: Path) -> None:
    assert read_evidence(output, "deal").column_names == [
        *("document", "source_uri", "field", "path", "value", "quote", "page", "match", "score"),
        *("char_start", "char_end", "standing", "who", "decided_at", "cell", "confidence", "run_id"),
    ]
    columns = "document, source_uri, field, path, value, quote, page, match, score, char_start, char_end, confidence"
    assert len(connected(output, "deal").sql(f"select {columns}, run_id from deal_evidence").fetchall()) == 12
