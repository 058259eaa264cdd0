"""Which passages of a document a job is shown: for each field the best few, the first and the last.

Measured on contracts: the best passages in one prompt give better answers than the whole document, most of all in long
ones, for a quarter of the tokens. What is chosen depends on the document, the job and the settings
alone. Evidence is still located in all of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from qwen_batch.asking.headings import Heading
from qwen_batch.asking.selecting.bm25 import Bm25
from qwen_batch.asking.selecting.passages import Passage, text_to_passages
from qwen_batch.job.looking import FieldLook
from qwen_batch.job.terms import is_cjk_term, terms_of
from qwen_batch.records import Chunk, CleanDocument, Shown

LIST_FACTOR = 2
"""A field that is a list is shown so many times the passages of another."""
_TITLE_LINES = re.compile(r"([^\n]*)\s*[^\n]*")
"""The line of a heading and the next with text, on which its title may go on."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passage with its score for each field that it was chosen for; none for the first and the last."""

    passage: Passage
    fields: Mapping[str, float]


class Searched:
    """A document to be searched; its passages and their words are made once for all jobs, when first asked for."""

    def __init__(self, clean: CleanDocument) -> None:
        self.clean = clean

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """All of the document in order."""
        return text_to_passages(self.clean)

    @cached_property
    def index(self) -> Bm25:
        """The words of the passages, each with those of the heading that it stands under."""
        text = self.clean.text
        return Bm25([[*_heading_terms(one), *terms_of(text[one.start : one.end])] for one in self.passages])

    def share_known(self, looks: Sequence[FieldLook]) -> float:
        """The share of the fields' words that stand in the document; of a Chinese one, of their Chinese words."""
        asked = {term for look in looks for term in terms_of(look.query)}
        in_cjk = self.index.share_of(is_cjk_term) > 1 / 2
        asked = {term for term in asked if is_cjk_term(term) == in_cjk}
        return sum(map(self.index.knows, asked)) / len(asked) if asked else 0.0


def select(searched: Searched, looks: Sequence[FieldLook], count: int) -> tuple[Chosen, ...]:
    """The chosen passages in document order; `count` passages a field, none that has no word of it."""
    passages = searched.passages
    ends = searched.clean.facts_at
    last = max((place for place, one in enumerate(passages) if ends is None or one.start < ends), default=0)
    chosen: dict[int, dict[str, float]] = {place: {} for place in (0, last) if passages}
    for look in looks:
        scores = searched.index.scores(terms_of(look.query))
        ranked = sorted(range(len(passages)), key=scores.__getitem__, reverse=True)
        for place in ranked[: count * (LIST_FACTOR if look.is_list else 1)]:
            if scores[place] > 0:
                chosen.setdefault(place, {})[look.field] = scores[place]
    return tuple(Chosen(passages[place], chosen[place]) for place in sorted(chosen))


def selected_chunk(clean: CleanDocument, chosen: Sequence[Chosen], withheld: tuple[tuple[int, int], ...] = ()) -> Chunk:
    """The document as one chunk of which a prompt shows the chosen passages."""
    shown = tuple(
        Shown(
            one.passage.start,
            one.passage.end,
            label(clean.text, one.passage, withheld),
            one.passage.lead,
            tuple(one.fields),
        )
        for one in chosen
    )
    return Chunk(clean.text, 0, len(clean.text), withheld=withheld, passages=shown)


def label(text: str, passage: Passage, withheld: Sequence[tuple[int, int]] = ()) -> str:
    """The titles above a passage as a prompt shows them, without those in which something is withheld."""
    return " > ".join(one.title for one in passage.headings if not _touches(text, one, withheld))


def _touches(text: str, heading: Heading, withheld: Sequence[tuple[int, int]]) -> bool:
    found = _TITLE_LINES.match(text, heading.start)
    if found is None:
        return False
    goes_on = len(" ".join(found[1].split())) < len(heading.title)
    end = found.end() if goes_on else found.end(1)
    return any(first < end and last > heading.start for first, last in withheld)


def _heading_terms(passage: Passage) -> Iterable[str]:
    return terms_of(passage.headings[-1].title) if passage.headings else ()
