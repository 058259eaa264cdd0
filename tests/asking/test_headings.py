"""headings: what stands as a heading in any contract or report is found, and sentences, tables and notices are not."""

from __future__ import annotations

import pytest

from qwen_batch.asking.headings import heading_path, text_to_headings, with_headings
from qwen_batch.records import Chunk

BODY = "The parties agree that all of the following shall apply without any exception whatsoever."


def titles(text: str) -> list[str]:
    return [heading.title for heading in text_to_headings(text)]


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("ARTICLE VII TERM", "ARTICLE VII TERM"),
        ("Article 7. Term and Termination", "Article 7 Term and Termination"),
        ("SECTION ONE. DEFINITIONS", "SECTION ONE DEFINITIONS"),
        ("7.2 Renewal", "7.2 Renewal"),
        ("7.2 Renewal. This Agreement renews for a year unless a party objects.", "7.2 Renewal"),
        ("12. Governing Law. This Agreement is governed by the laws of Utah.", "12. Governing Law"),
        ("3 GENERAL PROVISIONS", "3 GENERAL PROVISIONS"),
        ("## Renewal ##", "Renewal"),
        ("CONFIDENTIALITY", "CONFIDENTIALITY"),
        ("EXHIBIT A", "EXHIBIT A"),
        ("Schedule 2 – Price List", "Schedule 2 Price List"),
        ("第三章 保密义务", "第三章 保密义务"),
        ("第五条 付款方式", "第五条 付款方式"),
        ("第五条 甲方应当在收到发票之后三十日以内付款，逾期应付违约金。", "第五条"),
        ("第5条 违约责任 乙方未按时交货的，应当支付违约金。", "第5条 违约责任"),
        ("一、合同标的", "一、合同标的"),
        ("（二）交货时间", "（二）交货时间"),
        ("附件一：价格表", "附件一：价格表"),
        ("1. はじめに", "1. はじめに"),
        ("1. 계약 기간", "1. 계약 기간"),
        ("1.1 市场概况", "1.1 市场概况"),
    ],
)
def test_a_heading_is_found_with_its_title(line: str, title: str) -> None:
    assert titles(f"{BODY}\n{line}\n{BODY}") == [title]


@pytest.mark.parametrize(
    "line",
    [
        "Section 5.2 of this Agreement shall survive.",
        "Exhibit A is attached to this Agreement.",
        "1.1 the parties agree to the following",
        "10 January 2020",
        "2.5 million dollars are due",
        "5.65 元",
        "| TOTAL | 12 |",
        "ARTICLE I DEFINITIONS ............ 5",
        "and the Seller",
        "1) Widgets shall be delivered to the place that the buyer names in its order",
        "甲方应当按时付款。",
        "本合同一式两份，双方各执一份",
        "1. 이 계약은 유효하다. 기간은 1년이다.",
    ],
)
def test_what_is_no_heading_is_left_alone(line: str) -> None:
    assert titles(f"{BODY}\n{line}\n{BODY}") == []


def test_a_label_takes_its_title_from_the_line_below_once() -> None:
    assert titles(f"ARTICLE 1\nDEFINITIONS\n{BODY}\n第一章\n总则\n{BODY}") == ["ARTICLE 1 DEFINITIONS", "第一章 总则"]


def test_a_title_alone_above_its_text_counts_and_a_name_in_a_signature_does_not() -> None:
    assert titles(f"{BODY}\n\nGoverning Law\n\n{BODY}\n\nJohn Smith\n\nDirector") == ["Governing Law"]


def test_a_notice_in_capitals_is_no_heading() -> None:
    notice = "THIS NOTICE IS LONG\nIT IS ALL IN CAPITALS\nAND NOTHING STANDS BELOW IT"
    assert titles(f"{BODY}\n{notice}\n{BODY}") == []


def test_a_table_of_contents_is_not_taken_for_the_sections() -> None:
    contents = "\n".join(f"Article {n}. Part of the Whole" for n in range(1, 9))
    assert titles(f"{contents}\n{BODY}\nARTICLE 1 SCOPE\n{BODY}") == ["ARTICLE 1 SCOPE"]


def test_the_path_is_what_a_place_stands_under() -> None:
    text = f"ARTICLE VI FEES\n6.1 Fees\n{BODY}\nARTICLE VII TERM\n{BODY}\n7.2 Renewal\n{BODY}\nARTICLE VIII LAW\n{BODY}"
    headings = text_to_headings(text)
    assert heading_path(headings, 0) == ()
    assert heading_path(headings, text.index("7.2") + 40) == ("ARTICLE VII TERM", "7.2 Renewal")
    assert heading_path(headings, text.index("7.2")) == ("ARTICLE VII TERM",)
    assert heading_path(headings, text.index("ARTICLE VIII")) == ()
    assert heading_path(headings, len(text)) == ("ARTICLE VIII LAW",)


def test_a_chunk_is_shown_under_its_headings() -> None:
    assert with_headings(Chunk("text", 0, 4)) == "text"
    assert with_headings(Chunk("text", 9, 13, 1, 2, ("A", "1. B"))) == "[A > 1. B]\ntext"


def test_a_million_characters_have_all_their_headings() -> None:
    text = "\n".join(f"{n % 30}.{n % 7} Renewal of Terms\n{BODY}\n{BODY}" for n in range(5_000))
    assert len(text_to_headings(text)) == 5_000


@pytest.mark.parametrize(
    "line", ["." * 100_000 + "x", ". " * 100_000 + "x", "…" * 100_000 + " x", "." * 100_000 + "12"]
)
def test_a_line_of_dots_took_minutes(line: str) -> None:
    assert text_to_headings(line) == []


@pytest.mark.parametrize("line", ["ARTICLE V TERM ........ 12", "ARTICLE V TERM . . . . 12", "Of The Term ……… 3"])
def test_a_line_of_a_table_of_contents_is_no_heading(line: str) -> None:
    assert text_to_headings(line) == []
