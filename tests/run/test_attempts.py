"""attempts: a document is poison after two deaths; its neighbours are acquitted; a broken engine ends a run."""

from __future__ import annotations

import asyncio
import math

import pytest

from qwen_batch.run.attempts import MAX_DEATHS_WITHOUT_ANSWER, Attempts
from qwen_batch.run.on_ray.turns import Turns

ENGINE = "actor-1"


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def engine_with(*documents: str) -> Attempts:
    attempts = Attempts(math.inf)
    assert attempts.engine_starts(ENGINE) is None
    for document in documents:
        assert attempts.ask(ENGINE, [document]) == {document: "go"}
    return attempts


def die(attempts: Attempts, *documents: str) -> list[str]:
    """The engine comes back after a death and is asked again what was in it: the verdicts."""
    assert attempts.engine_starts(ENGINE) is None
    return list(attempts.ask(ENGINE, documents).values())


def test_the_third_beginning_without_an_end_is_not_a_go() -> None:
    attempts = Attempts(math.inf)
    assert [attempts.begin("merge", "a") for _ in range(4)] == ["go", "go", "poison", "poison"]


def test_an_end_clears_a_document_and_stages_are_counted_apart() -> None:
    attempts = Attempts(math.inf)
    for _ in range(5):
        assert attempts.begin_reading("a") == "go"
        attempts.end("read", "a")
    assert [attempts.begin("read", "a"), attempts.begin("merge", "a"), attempts.begin("read", "a")] == ["go"] * 3


def test_out_of_time_only_what_was_begun_goes_on_and_a_later_limit_opens_nothing() -> None:
    clock = Clock()
    attempts = Attempts(10.0, clock)
    assert attempts.begin_reading("a") == "go"
    clock.now_s = 10.0
    assert (attempts.begin_reading("b"), attempts.begin_reading("a"), attempts.taken()) == ("stopped", "go", 1)
    attempts.take_until(math.inf)
    assert attempts.begin_reading("b") == "stopped"


def test_a_preempted_engine_costs_nobody_anything() -> None:
    attempts = engine_with("a", "b")
    assert die(attempts, "a", "b") == ["go", "go"]
    attempts.answered("a")
    attempts.answered("b")
    assert attempts.ask(ENGINE, ["a"]) == {"a": "go"}


def test_a_poison_prompt_is_found_alone_and_its_neighbours_are_acquitted() -> None:
    attempts = engine_with("good", "bad", "other")
    die(attempts, "good", "bad", "other")
    assert die(attempts, "good", "bad", "other") == ["alone"] * 3
    attempts.is_alone("good")
    attempts.answered("good")
    attempts.is_alone("bad")
    assert die(attempts, "bad", "other", "new") == ["poison", "go", "go"]


def test_two_poison_prompts_among_nothing_else_are_both_found_before_the_engine_counts_as_broken() -> None:
    attempts = engine_with("bad", "worse")
    die(attempts, "bad", "worse")
    die(attempts, "bad", "worse")
    attempts.is_alone("bad")
    assert die(attempts, "bad", "worse") == ["poison", "alone"]
    attempts.is_alone("worse")
    assert die(attempts, "worse") == ["poison"]


def test_who_waits_to_be_alone_is_not_accused_of_what_others_did() -> None:
    attempts = engine_with("a")
    die(attempts, "a")
    assert die(attempts, "a", "b") == ["alone", "go"]
    assert die(attempts, "a", "b") == ["alone", "go"]  # b has one death, a still two: it was not inside
    assert attempts.ask(ENGINE, ["b"]) == {"b": "go"}


def test_an_engine_that_answers_nothing_between_its_deaths_ends_the_run_with_its_last_words() -> None:
    attempts = engine_with("a")
    for _ in range(MAX_DEATHS_WITHOUT_ANSWER):
        assert attempts.engine_starts(ENGINE) is None
    attempts.engine_fails(ENGINE, "no memory left")
    error = attempts.engine_starts(ENGINE)
    assert error is not None
    assert "died 5 times" in error.message
    assert "no memory left" in error.message
    assert attempts.last_error() is error


def test_an_engine_that_answers_between_its_deaths_may_die_as_often_as_it_likes() -> None:
    attempts = engine_with()
    for number in range(3 * MAX_DEATHS_WITHOUT_ANSWER):
        attempts.ask(ENGINE, [str(number)])
        attempts.answered(str(number))
        assert attempts.engine_starts(ENGINE) is None


def test_one_engine_that_dies_does_not_hide_behind_the_answers_of_another() -> None:
    attempts = engine_with()
    attempts.engine_starts("actor-2")
    errors = []
    for number in range(MAX_DEATHS_WITHOUT_ANSWER + 1):
        attempts.ask("actor-2", [str(number)])
        attempts.answered(str(number))
        errors.append(attempts.engine_starts(ENGINE))
    assert [error is None for error in errors] == [True] * MAX_DEATHS_WITHOUT_ANSWER + [False]


@pytest.mark.parametrize("alone_first", [True, False])
def test_turns_let_many_in_together_and_one_alone(alone_first: bool) -> None:
    inside: list[str] = []
    seen: list[tuple[str, ...]] = []

    async def work(turns: Turns, name: str) -> None:
        async with turns.alone() if name.isupper() else turns.together():
            inside.append(name)
            seen.append(tuple(inside))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            inside.remove(name)

    async def everybody() -> None:
        turns = Turns()
        await asyncio.gather(*(work(turns, name) for name in ("AbcDef" if alone_first else "bcAefD")))

    asyncio.run(everybody())
    assert sorted(names[-1] for names in seen) == sorted("AbcDef")
    assert all(len(names) == 1 for names in seen if names[-1].isupper() or names[0].isupper())
    assert any({"b", "c"} <= set(names) for names in seen)
