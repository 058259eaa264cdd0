"""cited: a number of an answer is a cell, a fact or made up; how it is written does not decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from helpers.published import parts
from helpers.sheets import sheet

from qwen_batch.evidence.by_code.cited import known_numbers, with_cited
from qwen_batch.evidence.merge import Merged
from qwen_batch.job.workbook.profile import sheets_to_profile
from qwen_batch.outcomes import Evidence

SHEETS = [
    sheet(
        ("Month", "Channel", "Spend", "Used"),
        [
            ("2026-08", "Email", "1,210.50", "12.5%"),
            ("2026-08", "Video", "2,000,000.00", "40%"),
            ("2026-09", "Email", "30.25", "8%"),
        ],
    )
]
FACTS = sheets_to_profile(SHEETS).facts


def cited(result: Mapping[str, Any], skipped: frozenset[str] = frozenset()) -> Merged:
    merged = Merged(dict(result), (), tuple(parts(name) for name in result))
    return with_cited(merged, known_numbers(SHEETS, FACTS), "Campaign 360 of 2026", lambda _: None, skipped)


def matches(result: Mapping[str, Any]) -> dict[str, str]:
    return {one.value: one.match for one in cited(result).evidence}


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ("Email cost 1,210.50", "exact"),
        ("Email cost 1210.5", "exact"),
        ("Email cost 1,211", "exact"),
        ("Email cost 1,213", "none"),
        ("In all 2,001,240.75", "computed"),
        ("In all 2.0 million", "exact"),
        ("200万", "exact"),
        ("12.5 % of it", "exact"),
        ("13 % of it", "exact"),
        ("17 % of it", "none"),
        ("It fell by 2,001,180.25", "computed"),
        ("It rose by 55", "none"),
    ],
)
def test_a_number_of_prose_is_looked_up_as_it_is_written(words: str, match: str) -> None:
    assert [*matches({"note": words}).values()] == [match]


def test_a_number_of_a_field_is_not_rounded() -> None:
    assert matches({"spend": 1210.5}) == {"1210.5": "exact"}
    assert matches({"spend": 1211}) == {"1211": "none"}


def test_a_cell_is_cited_by_its_address() -> None:
    (one,) = cited({"spend": 30.25}).evidence
    assert (one.cell, one.quote, one.page) == ("S!C4", "30.25", 1)


def test_a_name_with_a_number_in_it_is_no_made_up_number() -> None:
    assert matches({"note": "Campaign 360"}) == {}


def test_a_made_up_number_is_told_and_takes_the_confidence() -> None:
    found = cited({"spend": 77.0, "note": "fine"})
    assert found.warnings == ("spend: 77.0 is neither a cell nor a computed fact",)
    assert [(one.field, one.match, one.score) for one in found.parts if one.field == "spend"] == [
        ("spend", "none", 0.0)
    ]


def test_what_code_filled_in_is_not_asked_for_its_cell() -> None:
    assert cited({"spend": 77.0}, frozenset({"spend"})).evidence == ()


def test_a_quote_of_a_fact_is_computed_and_cites_its_cells() -> None:
    fact = next(one for one in FACTS if one.kind == "column")
    quoted = Evidence("total.value", "2001240.75", "sum 2,001,240.75", 1, 500, 520, (), "exact", 1.0)
    merged = Merged({"total": {"quote": "sum 2,001,240.75", "value": 2001240.75}}, (quoted,), (parts("total"),))
    found = with_cited(merged, known_numbers(SHEETS, FACTS), "", lambda at: fact if at == 500 else None, frozenset())
    (one,) = found.evidence
    assert (one.match, one.cell, one.start) == ("computed", "S!C2:C4", None)
