"""passages: a text is cut where its clauses, paragraphs and rows end, and every character is in one passage."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from helpers.texts import LINES_A_PAGE, text_to_clean

from qwen_batch.asking.selecting.passages import (
    MAX_LEAD_CHARS,
    MAX_PASSAGE_CHARS,
    MIN_PASSAGE_CHARS,
    Passage,
    text_to_passages,
)

SENTENCE = "The tenant keeps the premises in good order and pays what is due. "
HEAD = "| Item | Price |\n| --- | --- |\n"


def table(rows: int, head: str = HEAD) -> str:
    return head + "".join(f"| article number {row} | {row * 10} EUR |\n" for row in range(rows))


def random_text(seed: int) -> str:
    """A text of pieces in any order: prose, headings, tables, Chinese, gaps, a long word, and none of these."""
    choose = random.Random(seed)
    pieces = (
        "\n",
        "\n\n",
        "  \n \t\n\n",
        "7.2 Renewal\n",
        "ARTICLE V\n\nTERM\n",
        "# Title\n",
        SENTENCE * 7,
        SENTENCE * 30,
        "本合同自二零二四年三月一日起生效，有效期为五年。" * 60,
        "第三条 期限\n",
        table(80),
        "| --- |\n",
        "x" * 3000,
        "هذا العقد ساري المفعول لمدة خمس سنوات. " * 40,
        "- one\n- two\n",
        "\u2028",
        "",
    )
    return "".join(choose.choice(pieces) for _ in range(choose.randrange(40)))


TEXTS = {
    "empty": "",
    "blank": " \n\n \n",
    "one letter": "x",
    "one line of many sentences": SENTENCE * 500,
    "no spaces": "x" * 100_000,
    "dots": "." * 100_000 + "x",
    "headings alone": "".join(f"{number % 90}. Title Of It\n\n" for number in range(20_000)),
    "Chinese": "本合同自二零二四年三月一日起生效，有效期为五年。" * 1000,
    "Chinese without a stop": "本合同自二零二四年三月一日起生效" * 1000,
    "Arabic": "هذا العقد ساري المفعول لمدة خمس سنوات من تاريخ التوقيع. " * 500,
    "a table of 5,000 rows": table(5000),
    "a line that is nearly a rule": ("|" + "-" * 1198 + "x\n") * 300,
    "blanks": "a" + " " * 100_000 + "b",
    "blank lines": "a" + "\n \t" * 50_000 + "b",
} | {f"random {seed}": random_text(seed) for seed in range(40)}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_passages_hold_every_character_once_and_in_order(text: str) -> None:
    passages = text_to_passages(text_to_clean(text))
    assert "".join(text[one.start : one.end] for one in passages) == text
    assert all(before.end == after.start for before, after in pairwise(passages))
    assert all(0 < one.end - one.start <= MAX_PASSAGE_CHARS for one in passages)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_lead_stands_above_its_passage_and_is_short(text: str) -> None:
    for one in text_to_passages(text_to_clean(text)):
        start, end = one.lead
        assert end - start <= MAX_LEAD_CHARS
        assert end <= one.start
        assert not text[start:end] or text[start] == "|"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_headings_above_a_passage_stand_before_it(text: str) -> None:
    for one in text_to_passages(text_to_clean(text)):
        starts = [heading.start for heading in one.headings]
        assert starts == sorted(starts)
        assert all(start < one.start for start in starts)


def passages(text: str) -> list[str]:
    return [text[one.start : one.end] for one in text_to_passages(text_to_clean(text))]


def passage_with(text: str, words: str) -> Passage:
    at = text.index(words)
    (found,) = (one for one in text_to_passages(text_to_clean(text)) if one.start <= at < one.end)
    return found


def test_a_clause_begins_a_passage_of_its_own() -> None:
    text = "".join(f"{number}. Matter Number\n{SENTENCE * 6}\n\n" for number in range(1, 9))
    assert [one.split(".")[0] for one in passages(text)] == [str(number) for number in range(1, 9)]


def test_short_clauses_share_a_passage() -> None:
    text = "".join(f"{number}. Matter Number\nIt is so.\n\n" for number in range(1, 9))
    assert len(passages(text)) == 1


def test_a_long_paragraph_is_cut_behind_a_sentence() -> None:
    assert all(one.endswith(". ") for one in passages(SENTENCE * 100)[:-1])


def test_a_chinese_paragraph_is_cut_behind_a_sentence() -> None:
    cut = passages("本合同自二零二四年三月一日起生效，有效期为五年。" * 200)
    assert len(cut) > 1
    assert all(one.endswith("。") and len(one) >= MIN_PASSAGE_CHARS for one in cut)


def test_a_table_is_cut_between_its_rows_and_its_head_goes_with_each_part() -> None:
    text = table(5000)
    cut = text_to_passages(text_to_clean(text))
    assert len(cut) > 50
    assert all(text[one.start - 1] == "\n" for one in cut[1:])
    assert {text[slice(*one.lead)] for one in cut[1:]} == {HEAD.rstrip("\n")}


def test_what_follows_a_table_has_no_lead() -> None:
    text = f"{table(100)}\n7. Governing Law\n{SENTENCE * 20}"
    assert passage_with(text, "7. Governing").lead == (0, 0)


def test_a_second_table_has_no_lead_of_the_first() -> None:
    text = table(300) + "\n" + table(300, "| Name | Day |\n| --- | --- |\n")
    second = text.index("| Name")
    last = text_to_passages(text_to_clean(text))[-1]
    assert last.lead[0] >= second
    assert passage_with(text, "| Name").lead == (0, 0)


def test_a_row_of_dashes_that_are_empty_cells_was_the_head_of_what_followed() -> None:
    rows = "".join(f"| article number {row} | {row * 10} EUR |\n| - | - |\n" for row in range(200))
    text = HEAD + rows
    leads = {text[slice(*one.lead)] for one in text_to_passages(text_to_clean(text))[1:]}
    assert leads == {HEAD.rstrip("\n")}


def test_a_wide_head_is_not_repeated() -> None:
    head = f"| {'very wide ' * MAX_LEAD_CHARS} | b |\n| --- | --- |\n"
    assert {one.lead for one in text_to_passages(text_to_clean(table(200, head)))} == {(0, 0)}


def test_a_passage_keeps_the_page_of_its_first_line() -> None:
    text = "\n".join(f"{SENTENCE}{number}" for number in range(LINES_A_PAGE * 5))
    clean = text_to_clean(text)
    for one in text_to_passages(clean):
        assert one.page == next(line.page for line in clean.lines if line.end > one.start)


def test_a_document_without_lines_is_one_page() -> None:
    assert {one.page for one in text_to_passages(text_to_clean(""))} <= {1}


def test_a_passage_knows_the_headings_that_it_stands_under() -> None:
    text = f"ARTICLE VII TERM\n\n7.2 Renewal\n{SENTENCE * 60}"
    titles = [one.title for one in text_to_passages(text_to_clean(text))[-1].headings]
    assert titles == ["ARTICLE VII TERM", "7.2 Renewal"]
