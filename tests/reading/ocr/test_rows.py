"""rows: what stands level is read together, columns of prose are not mixed."""

from __future__ import annotations

from qwen_batch.reading.ocr.rows import Block, blocks_to_rows, join_words, lines_to_rows
from qwen_batch.records import Box, Word

Piece = tuple[Word, ...]


def piece(text: str, x: float, y: float) -> Piece:
    words, at = [], x
    for word in text.split():
        words.append(Word(word, Box(at, y, at + 10 * len(word), y + 20), 0.9))
        at += 10 * len(word) + 10
    return tuple(words)


def texts(rows: tuple[Piece, ...]) -> list[str]:
    return [join_words([word.text for word in row]) for row in rows]


PROSE = "the parties agree to what follows here"


def test_section_numbers_in_a_block_of_their_own_go_before_their_lines() -> None:
    numbers = Block((piece("2.2", 0, 0), piece("2.4", 0, 62)))
    body = Block(tuple(piece(f"{PROSE} {row}", 100, 30 * row) for row in range(3)))
    assert texts(blocks_to_rows([numbers, body])) == [f"2.2 {PROSE} 0", f"{PROSE} 1", f"2.4 {PROSE} 2"]


def test_columns_of_prose_stay_apart() -> None:
    left = Block(tuple(piece(f"{PROSE} left {row}", 0, 30 * row) for row in range(4)))
    right = Block(tuple(piece(f"{PROSE} right {row}", 600, 30 * row) for row in range(4)))
    assert texts(blocks_to_rows([left, right])) == [
        f"{PROSE} {side} {row}" for side in ("left", "right") for row in range(4)
    ]
    mixed = [line for pair in zip(left.lines, right.lines, strict=True) for line in pair]
    title = piece(
        "Agreement on the delivery of goods between the parties named in the schedule to this document", 0, -40
    )
    assert texts(lines_to_rows([title, *mixed]))[1:] == texts(blocks_to_rows([left, right]))


def test_label_block_beside_nothing_stays_in_its_place() -> None:
    title, body = Block((piece("Annex A", 0, 0),)), Block((piece(PROSE, 0, 60),))
    assert texts(blocks_to_rows([title, body])) == ["Annex A", PROSE]


def test_receipt_lines_get_their_prices() -> None:
    lines = [piece("TOTAL", 0, 30), piece("86.00", 300, 32), piece("VISA", 0, 0), piece("12.50", 300, 1)]
    assert texts(lines_to_rows(lines)) == ["VISA 12.50", "TOTAL 86.00"]


def test_chinese_words_are_joined_without_spaces() -> None:
    assert join_words(["本", "合同", "，", "编号", "ABC", "123", "。"]) == "本合同，编号 ABC 123。"
