"""Which passages a query fits: Okapi BM25 over the terms of one document's passages.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf of Lucene, which
is never negative. A few hundred passages a document: dictionaries are faster here than an index of a library.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

K1 = 1.2
B = 0.5
"""Less than the usual 0.75: passages are of about the same length, and a long clause is no worse for it."""


class Bm25:
    """The passages of one document, ready to be asked."""

    def __init__(self, passages: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(terms) for terms in passages]
        self._lengths = [len(terms) for terms in passages]
        self._mean = max(1.0, sum(self._lengths) / max(1, len(self._lengths)))
        within = Counter(term for counts in self._counts for term in counts)
        number = len(passages)
        self._idf = {term: math.log(1 + (number - count + 0.5) / (count + 0.5)) for term, count in within.items()}

    def knows(self, term: str) -> bool:
        """Whether a term stands in any passage."""
        return term in self._idf

    def share_of(self, kind: Callable[[str], bool]) -> float:
        """The share of the different terms that are of a kind."""
        return sum(map(kind, self._idf)) / max(1, len(self._idf))

    def scores(self, query: Iterable[str]) -> list[float]:
        """A score a passage, 0 where no term of the query stands; a term that is asked twice weighs double."""
        asked = Counter(term for term in query if term in self._idf)
        return [self._score(place, asked) for place in range(len(self._counts))]

    def _score(self, place: int, asked: Counter[str]) -> float:
        counts, length = self._counts[place], self._lengths[place]
        norm = K1 * (1 - B + B * length / self._mean)
        return sum(
            weight * self._idf[term] * counts[term] * (K1 + 1) / (counts[term] + norm)
            for term, weight in asked.items()
            if term in counts
        )
