"""Phase 1: contracts as they were read, each order put into one of them, and every passage that is asked about.

An order stands where the prompt is likely to show it: in the first passage, in the last, or behind the words that
state the field it is after. Needs no model, and the contracts that `python -m benchmarks.answers prepare` has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.answers.documents.cases import Case, load, load_cases, save
from benchmarks.answers.documents.made import with_order
from benchmarks.answers.unseen_orders.passages import Passage, harmless, orders
from qwen_batch.asking.orders.suspects import MIN_KINDS, SURE_KINDS, pieces_of, suspicion
from qwen_batch.asking.selecting.passages import text_to_passages
from qwen_batch.records import CleanDocument

DIGITAL = "cuad"
MAX_CHARS = 60_000
"""A contract into which an order is put is no longer."""
FILE = "orders.pickle.gz"


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage in a contract; `twin` names the clean one, which has no passage. `at` is where it stands."""

    name: str
    twin: str
    clean: CleanDocument
    passage: Passage | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a clean contract that is suspicious, in passage `number` of its document."""

    document: str
    number: int
    text: str
    score: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is asked: documents, passages alone, and suspicious pieces of `passages` clean ones."""

    documents: tuple[Placed, ...]
    alone: tuple[Passage, ...]
    pieces: tuple[Piece, ...]
    passages: int
    all_pieces: int


def prepare(cases: Path, out: Path, limit: int | None) -> int:
    """Writes OUT/orders.pickle.gz; gives the exit code. A limit is of contracts, orders and look-alikes each."""
    contracts = list(load_cases(cases, (DIGITAL,)))[:limit]
    short = [case for case in contracts if len(case.clean.text) <= MAX_CHARS]
    clean = [Placed(case.name, case.name, case.clean) for case in contracts]
    put = [*orders(), *harmless()] if limit is None else _spread(limit)
    placed = [_placed(short[number % len(short)], one, number) for number, one in enumerate(put)]
    pieces = list(_pieces(contracts))
    prepared = Prepared(
        documents=(*clean, *placed),
        alone=tuple(put),
        pieces=tuple(piece for piece in pieces if piece.score),
        passages=sum(len(text_to_passages(case.clean)) for case in contracts),
        all_pieces=len(pieces),
    )
    size = save(prepared, out / FILE)
    print(
        f"{out / FILE}: {size >> 10:,} KiB; {len(clean)} contracts, {len(placed)} with a passage, "
        f"{len(prepared.pieces)} suspicious pieces of {len(pieces)}"
    )
    print(_words_alone(prepared))
    return 0


def _words_alone(prepared: Prepared) -> str:
    """How much the words find that nobody has asked the model about: suspicious, and sure."""
    lines = []
    for half in dict.fromkeys(one.half for one in prepared.alone):
        for name, are_orders in (("orders", True), ("look-alikes", False)):
            scores = [suspicion(one.text) for one in prepared.alone if (one.half, one.is_order) == (half, are_orders)]
            lines.append((f"{half} {name}", scores, len(scores)))
    worst: dict[tuple[str, int], int] = {}
    for piece in prepared.pieces:
        key = piece.document, piece.number
        worst[key] = max(piece.score, worst.get(key, 0))
    lines.append(("clean passages", list(worst.values()), prepared.passages))
    return "\n".join(
        f"{name}: suspicious {sum(one >= MIN_KINDS for one in scores)}, sure {sum(one >= SURE_KINDS for one in scores)}"
        f" of {whole}"
        for name, scores, whole in lines
    )


def load_prepared(folder: Path) -> Prepared:
    """What `prepare` wrote."""
    prepared: Prepared = load(folder / FILE)
    return prepared


def _spread(limit: int) -> list[Passage]:
    """So many orders and look-alikes of the half for building, from all over the file."""
    several = (orders("dev"), harmless("dev"))
    return [one for these in several for one in these[:: max(1, len(these) // limit)][:limit]]


def _placed(case: Case, passage: Passage, number: int) -> Placed:
    text = case.clean.text
    gold = case.gold.get(passage.field)
    stated = next((text.find(span) for span in gold.spans if span in text), -1) if gold else -1
    places = (max(stated, 0), 0, len(text) - 1)
    beginning = text.find("\n", min(len(text), 300)) + 1
    at = max(beginning, places[number % len(places)])
    poisoned = with_order(case.clean, passage.text, at / len(text))
    document = replace(poisoned.document, id=f"{passage.name}{poisoned.document.id}"[:64], uri=f"orders/{passage.name}")
    clean = replace(poisoned, document=document)
    return Placed(passage.name, case.name, clean, passage, clean.text.find(passage.text))


def _pieces(contracts: Sequence[Case]) -> Iterator[Piece]:
    """All pieces of all passages; those that are not suspicious have the score 0."""
    for case in contracts:
        text = case.clean.text
        for number, passage in enumerate(text_to_passages(case.clean)):
            for start, end in pieces_of(text, passage.start, passage.end):
                score = suspicion(text[start:end])
                yield Piece(case.name, number, text[start:end], score if score >= MIN_KINDS else 0)
