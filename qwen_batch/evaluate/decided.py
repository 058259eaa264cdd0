"""Gold of what people decided about an output's values, as `apply` has put it there. Knows nothing of answers.

A value that was accepted or corrected is right, what it took the place of and what was rejected is wrong. Nothing is
said of the values that nobody looked at, so a list is known in part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from qwen_batch.errors import UsageError
from qwen_batch.evaluate.gold import GoldDocument, GoldEvidence, GoldValue
from qwen_batch.evaluate.paths import Scalar
from qwen_batch.output.corrections.kept import Kept, read_kept, standing
from qwen_batch.output.corrections.orphans import orphaned
from qwen_batch.output.layout import open_output
from qwen_batch.output.views.reading import read_sources
from qwen_batch.value_paths import EACH, of_each_item

REMEDY = "review its values with `qwen-batch report`, and apply what the page saves with `qwen-batch apply`"


def decisions_to_gold(output: str, job: str, names: Mapping[str, str]) -> tuple[GoldDocument, ...]:
    """What stands of people's decisions about a job, one document a content.

    `names` are those of documents in the rows to be judged, by doc_id; another document is named by its doc_id. What
    an output cannot have any more is left out: other bytes, a field that is gone. Raises UsageError if nothing is left.
    """
    store = open_output(output)
    lost = {(one.source_uri, one.path) for one in orphaned(store, read_sources(store)) if one.job == job}
    mine = {question.doc_id: kept for question, kept in standing(read_kept(store)).items() if question.job == job}
    documents = []
    for doc_id, kept in mine.items():
        left = [one for one in kept if (one.source_uri, one.path) not in lost]
        if left:
            documents.append(_document(names.get(doc_id, doc_id), left))
    if not documents:
        raise UsageError(f"{store.root}: nobody decided about a value of {job!r} that is still there", REMEDY)
    return tuple(documents)


def _document(source: str, decisions: Iterable[Kept]) -> GoldDocument:
    fields: dict[str, list[GoldValue]] = {}
    denied: dict[str, list[Scalar]] = defaultdict(list)
    places: dict[str, list[GoldEvidence]] = defaultdict(list)
    for one in decisions:
        path = of_each_item(one.path)
        values = fields.setdefault(path, [])
        if one.value is not None:
            values.append(GoldValue((one.value,)))
        denied[path] += [value for value in (one.old_value, *one.former) if value is not None]
        if one.decision == "correct" and one.place.quote:
            places[path].append(GoldEvidence(one.place.page, one.place.quote))
    return GoldDocument(
        source,
        {path: tuple(values) for path, values in fields.items()},
        {path: tuple(found) for path, found in places.items()},
        denied={path: _without(denied[path], values) for path, values in fields.items()},
        partial=frozenset(path for path in fields if EACH in path),
    )


def _without(denied: Iterable[Scalar], right: Iterable[GoldValue]) -> tuple[Scalar, ...]:
    """Those that are not right in another place of the list."""
    there = {value for one in right for value in one.accepted}
    return tuple(value for value in denied if value not in there)
