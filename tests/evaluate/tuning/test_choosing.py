from __future__ import annotations

from qwen_batch.evaluate.measures import Counts
from qwen_batch.evaluate.tuning.choosing import Tried, edited, helping, settings_of
from qwen_batch.evaluate.tuning.variants import Variant

BASE = Counts(right=50, wrong=10, missed=10)


def tried(factor: str, words: str, right: int) -> Tried:
    return Tried(Variant(factor, words), Counts(right=right, wrong=60 - right, missed=10))


def test_of_each_factor_the_best_change_that_gains_enough_is_kept_the_best_factor_first() -> None:
    found = helping(BASE, [tried("a", "1", 52), tried("a", "2", 54), tried("b", "1", 55), tried("c", "1", 49)], 0.01)
    assert [(one.variant.factor, one.variant.words) for one in found] == [("b", "1"), ("a", "2")]


def test_what_gains_less_than_asked_is_not_kept() -> None:
    assert helping(BASE, [tried("a", "1", 51)], 0.05) == ()
    assert helping(BASE, [tried("a", "1", 50)], 0.0) == ()


def test_changes_are_made_one_after_the_other_and_one_that_no_longer_fits_is_left_out() -> None:
    first = Variant("a", "", edit=lambda text: text.replace("x", "y"))
    lost = Variant("b", "", edit=lambda _: None)
    setting = Variant("c", "", settings=("prompt.select=3",))
    assert edited("x z", [first, lost, setting]) == "y z"
    assert settings_of([first, setting]) == ("prompt.select=3",)
