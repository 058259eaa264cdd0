"""must_say: what a text has to keep of its document, as short phrases in their order."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_batch.asking.drafting.must_say import MAX_PHRASES, must_say
from qwen_batch.job.drafting.limits import FieldLimits


def limits(**marks: Any) -> list[FieldLimits]:
    return [FieldLimits("text", 400, **marks)]


ALL = limits(keeps=("numbers", "dates", "names"), terms=(("Early Bird", "Early Bird"),))


@pytest.mark.parametrize(
    ("source", "phrases"),
    [
        (
            "Meet Anna Berg on 12 May 2025 at 3 pm, $5 each, 1,200 seats, 20% off",
            ("Anna Berg", "12 May 2025", "3 pm", "$5 each", "1,200 seats", "20%"),
        ),
        ("The new Lumo lamp until 3 February with the Early Bird offer", ("Lumo", "3 February", "Early Bird")),
        ("全新Velano车灯原价735元，12月2日前150名", ("Velano", "735元", "12月2日", "150名")),
        ("nothing to keep", ()),
    ],
)
def test_phrases_stand_in_their_order_with_units_and_whole_names(source: str, phrases: tuple[str, ...]) -> None:
    assert must_say(source, ALL) == phrases


def test_only_what_is_kept_is_said_and_nothing_of_a_text_that_keeps_its_shape() -> None:
    source = "3 lamps with Anna"
    assert must_say("Ask for 3 lamps with Anna", limits(keeps=("numbers",))) == ("3 lamps",)
    assert must_say(source, limits(keeps=("numbers",), shape=True)) == must_say(source, limits()) == ()


def test_a_prompt_is_not_filled_with_phrases() -> None:
    assert len(must_say(" ".join(f"{number} euro" for number in range(90)), ALL)) == MAX_PHRASES
