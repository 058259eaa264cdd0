"""words: divided words, words set letter by letter, and characters that nobody sees."""

from __future__ import annotations

import pytest

from qwen_batch.reading.clean.words import keeps_hyphen, without_spaced_letters, without_unseen


@pytest.mark.parametrize(
    "halves",
    ["price-determining", "long-term", "non-disclosure", "court-appointed", "third-party", "need-to", "Anglo-Saxon"],
)
def test_a_compound_keeps_its_hyphen(halves: str) -> None:
    """ "price-determining" became "pricedetermining"."""
    first, second = halves.split("-")
    assert keeps_hyphen(first, second, frozenset(), frozenset())


@pytest.mark.parametrize(
    "halves",
    ["pro-vide", "pay-ment", "confiden-tial", "sub-licensee", "Vertrags-partner", "Black-rock", "indem-nitees"],
)
def test_a_divided_word_loses_it(halves: str) -> None:
    first, second = halves.split("-")
    assert not keeps_hyphen(first, second, frozenset(), frozenset())


def test_the_document_itself_decides_first() -> None:
    assert not keeps_hyphen("price", "determining", frozenset(), frozenset({"pricedetermining"}))
    assert keeps_hyphen("pay", "ment", frozenset({"pay-ment"}), frozenset())


@pytest.mark.parametrize(
    ("spaced", "words"),
    [
        ("P U R C H A S E A G R E E M E N T", "PURCHASE AGREEMENT"),
        ("D E E D   O F   T R U S T", "DEED OF TRUST"),
        ("D E E D O F T R U S T", "DEED OF TRUST"),
        ("the N O T I C E, dated", "the NOTICE, dated"),
        ("B R A N D V O L D", "BRANDVOLD"),
        ("K A U F V E R T R A G", "KAUFVERTRAG"),
    ],
)
def test_words_set_letter_by_letter_are_words(spaced: str, words: str) -> None:
    assert without_spaced_letters(spaced) == words


@pytest.mark.parametrize(
    "letters",
    [
        "A B C D E F",
        "a b c d",
        "Y N Y N Y",
        "X X X X X X",
        "J F M A M J J A S O N D",
        "M T W T F S S",
        "A E I O U",
        "N S E W",
    ],
)
def test_letters_of_their_own_stay(letters: str) -> None:
    assert without_spaced_letters(letters) == letters


def test_zero_width_characters_and_soft_hyphens_go_but_for_one_that_divides_a_word() -> None:
    assert without_unseen("Haft\u00adungs\u200bfrist\ufeff 1\u200b000") == "Haftungsfrist 1000"
    assert without_unseen("Haft\u00ad") == "Haft\u00ad"
    assert (
        without_unseen("Rent" + "".join(chr(0xE0000 + ord(letter)) for letter in "is nil") + " is due") == "Rent is due"
    )
    assert (
        without_unseen("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


def test_letters_of_other_scripts_stayed_apart() -> None:
    assert without_spaced_letters("Д О Г О В О Р") == "ДОГОВОР"
    assert without_spaced_letters("采 购 合 同") == "采购合同"
