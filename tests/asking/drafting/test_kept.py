"""kept: numbers, dates and names that a text has of its document, in whatever words and language."""

from __future__ import annotations

import pytest

from qwen_batch.asking.drafting.kept import Differences, differences, names_in, numbers_lacking

SAME = Differences()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Costs 3,500 yuan until 12 May 2025.", "截至2025年5月12日，售价3500元。"),
        ("1.2 million readers in March", "三月有120万名读者"),
        ("20% off from 3 pm", "下午3点起8折"),
        ("open 15:00 to 18:30", "open 3 pm to 6.30 pm"),
        ("5 m long", "长5米"),
        ("two rooms, 4 beds", "2 rooms, four beds"),
        ("2024-05-12", "12 May 2024"),
        ("until 3 February", "截止2月3日"),
        ("on 22 September 2026", "在22 September 2026交付"),
        ("在22 September 2026交付", "on 22 September 2026"),
        ("until 3 February", "until Feb 3"),
        ("活动3月8日开始，满200减30", "From March 8: 30 off 200"),
    ],
)
def test_the_same_facts_in_other_words_are_kept(source: str, text: str) -> None:
    assert differences(source, text, ("numbers", "dates")) == SAME


@pytest.mark.parametrize(
    ("source", "text", "lacking", "made_up"),
    [
        ("25 euro, 3 days", "30 euro, 3 days", ("25",), ("30",)),
        ("1.2 million", "1.2万", ("1.2",), ("1.2",)),
        ("on 12 May 2025", "on 13 May 2025", ("12 May 2025",), ("13 May 2025",)),
        ("8 rooms", "rooms", ("8",), ()),
        ("until 3 February", "until the 3rd", ("February",), ()),
        ("rooms", "8 rooms", (), ("8",)),
    ],
)
def test_what_differs_is_named_once(source: str, text: str, lacking: tuple[str, ...], made_up: tuple[str, ...]) -> None:
    assert differences(source, text, ("numbers", "dates")) == Differences(lacking, made_up)


def test_names_are_words_with_a_capital_within_a_sentence() -> None:
    assert names_in("Come and meet Anna Berg. Tickets at Harbour Hall") == ["Anna", "Berg", "Harbour", "Hall"]
    assert names_in("Tickets until 3 February and in May") == []
    assert names_in("BIG SALE AT ACME TODAY") == []
    assert names_in("《夜航》在 Kino 影院首映，the end 不是名字") == ["夜航", "Kino"]


def test_a_name_in_other_capitals_is_kept() -> None:
    assert differences("Meet Anna Berg", "anna BERG is here", ("names",)) == SAME
    assert differences("Meet Anna Berg", "Anna is here", ("names",)).lacking == ("Berg",)


def test_only_what_is_named_is_compared() -> None:
    assert differences("3 days with Anna", "days", ("names",)).lacking == ("Anna",)
    assert numbers_lacking("3 days with 4", "three days") == ["4"]
