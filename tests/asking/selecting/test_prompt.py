"""prompt: when a job is shown passages, when all of the document and why, and fewer passages where they do not fit."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from helpers.texts import text_to_clean
from pydantic import BaseModel, Field

from qwen_batch import WHOLE_DOCUMENT, Job, LooksFor, Quoted
from qwen_batch.asking.prompts import shown
from qwen_batch.asking.selecting.prompt import (
    AUTO_PASSAGES,
    MAX_CHARS_A_TOKEN,
    Limits,
    Whole,
    is_short,
    job_to_passages,
    passages_a_field,
)
from qwen_batch.asking.selecting.select import Chosen, Searched, selected_chunk
from qwen_batch.config import PromptSettings
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.records import CleanDocument

TOKENIZER = ApproximateTokenizer()
ROOM = 30_000


class Law(Quoted):
    place: str = Field(max_length=40)


class Terms(BaseModel):
    law: Annotated[Law | None, LooksFor("governed by the laws of", "适用法律")] = Field(description="whose law")
    renewal: Annotated[Law | None, LooksFor("renewed", "successive terms")] = Field(description="how it goes on")


class Digest(Terms):
    gist: Annotated[str | None, Field(max_length=100), WHOLE_DOCUMENT]


TERMS = Job("terms", Terms, "Extract the terms.")
DIGEST = Job("digest", Digest, "Sum it up.")
FILLER = "The tenant keeps the premises in good order and pays what is due. "
CLAUSES = {3: "It is renewed for successive terms. ", 20: "It is governed by the laws of Ontario. "}
ASIDES = {number: f"Laws and terms, {number}. " for number in (5, 8, 11, 14, 17)}
LEASE = text_to_clean(
    "\n\n".join(
        f"{number}. Matter Number\n{(CLAUSES | ASIDES).get(number, '')}{FILLER * 10}" for number in range(1, 30)
    )
)
FRENCH = text_to_clean(
    "\n\n".join(
        f"{number}. Objet\n{'Le preneur entretient les lieux et paie le loyer. ' * 12}" for number in range(30)
    ),
    "fr",
)


def settings(**values: Any) -> PromptSettings:
    return PromptSettings.model_validate(values)


def passages(clean: CleanDocument, job: Job = TERMS, room: int = ROOM, **values: Any) -> tuple[Chosen, ...] | Whole:
    return job_to_passages(Searched(clean), job, Limits(settings(**values), room), TOKENIZER)


def chosen(clean: CleanDocument, room: int = ROOM, **values: Any) -> tuple[Chosen, ...]:
    found = passages(clean, room=room, **values)
    assert not isinstance(found, Whole), found.why
    return found


def why(clean: CleanDocument, job: Job = TERMS, room: int = ROOM, **values: Any) -> str:
    found = passages(clean, job, room, **values)
    assert isinstance(found, Whole)
    return found.why


def test_a_long_document_is_shown_by_passages_that_say_each_field() -> None:
    text = " ".join(LEASE.text[one.passage.start : one.passage.end] for one in chosen(LEASE))
    assert all(clause in text for clause in CLAUSES.values())
    assert len(text) < len(LEASE.text) / 2


def test_a_short_document_is_shown_whole() -> None:
    assert "at most 1,500 tokens" in why(text_to_clean("Signed by both."))
    assert "at most 1,500 tokens" in why(text_to_clean(""))
    assert "at most 100,000 tokens" in why(LEASE, whole_tokens=100_000)


def test_a_document_is_short_up_to_the_very_token() -> None:
    tokens = len(TOKENIZER.token_ends(LEASE.text))
    assert is_short(LEASE, settings(whole_tokens=tokens), TOKENIZER)
    assert not is_short(LEASE, settings(whole_tokens=tokens - 1), TOKENIZER)
    assert not is_short(LEASE, settings(whole_tokens=0), TOKENIZER)


class Blanks(ApproximateTokenizer):
    """Takes a row of blanks for one token, however long."""

    def token_ends(self, text: str) -> Any:
        return super().token_ends(" ".join(text.split()))


def test_a_long_document_behind_many_blanks_was_short() -> None:
    text = " " * (1500 * MAX_CHARS_A_TOKEN + 1) + LEASE.text
    assert not is_short(text_to_clean(text), settings(), Blanks())


def test_a_job_about_the_whole_document_is_shown_its_headings_for_the_fields_that_are_marked() -> None:
    chosen = passages(LEASE, DIGEST)
    assert not isinstance(chosen, Whole)
    assert any("gist" in one.fields for one in chosen)
    assert "about the whole document: gist" in why(text_to_clean("The laws and the terms are governed. " * 400), DIGEST)
    assert passages_a_field(TERMS, settings()) == AUTO_PASSAGES


def test_a_number_of_passages_holds_for_every_job_and_language() -> None:
    assert passages_a_field(DIGEST, settings(select=3)) == 3
    assert not isinstance(passages(LEASE, DIGEST, select=3), Whole)
    assert not isinstance(passages(FRENCH, select=1), Whole)


def test_all_of_it_is_shown_where_the_settings_say_so() -> None:
    assert why(LEASE, select="whole") == "prompt.select is whole"


def test_a_document_in_a_language_that_the_job_has_no_words_of_is_shown_whole() -> None:
    assert "LooksFor" in why(FRENCH)


def test_a_job_with_words_of_the_documents_language_is_shown_passages() -> None:
    class Bail(BaseModel):
        loyer: Annotated[Law | None, LooksFor("le preneur paie le loyer", "les lieux")]

    assert not isinstance(passages(FRENCH, Job("bail", Bail, "Lis.")), Whole)


def test_more_passages_a_field_show_what_fewer_show_and_more() -> None:
    few, more = ({one.passage for one in chosen(LEASE, select=count)} for count in (1, 4))
    assert few < more


def test_passages_that_do_not_fit_are_fewer() -> None:
    wanted = chosen(LEASE, select=9)
    tokens = len(TOKENIZER.token_ends(shown(selected_chunk(LEASE, wanted))))
    assert chosen(LEASE, room=tokens, select=9) == wanted
    fewer = chosen(LEASE, room=tokens - 1, select=9)
    assert len(fewer) < len(wanted)
    assert len(TOKENIZER.token_ends(shown(selected_chunk(LEASE, fewer)))) < tokens


@pytest.mark.parametrize("room", [10, 0, -5])
def test_where_not_one_passage_a_field_fits_all_of_it_is_shown_in_chunks(room: int) -> None:
    assert "not even one passage" in why(LEASE, room=room)


def test_a_job_is_shown_the_same_whichever_jobs_came_before_it() -> None:
    searched = Searched(LEASE)
    limits = Limits(settings(select=2), ROOM)
    job_to_passages(searched, DIGEST, limits, TOKENIZER)
    assert job_to_passages(searched, TERMS, limits, TOKENIZER) == passages(LEASE, select=2)
