"""Which names mean the same: Contoso Ltd. and CONTOSO Limited, "USB-C port" and "USB-C ports"."""

from __future__ import annotations

import re
import unicodedata

MIN_RATIO = 92.0  # of 100: one letter in thirteen
MIN_FUZZY_CHARS = 6
MAX_COMPARED = 1_000
"""Beyond so many different names only what is written alike counts as the same: comparing all pairs takes seconds."""
_LEGAL = frozenset(
    [
        "ltd",
        "limited",
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "sas",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "kg",
        "lda",
        "pty",
    ]
)
_LEGAL_ZH = re.compile("(?:股份)?有限(?:责任)?公司$")
_ARTICLE = frozenset(("the", "a", "an"))


def folded_name(name: str) -> str:
    """A name without case, punctuation, articles and the form of a company."""
    text = _LEGAL_ZH.sub("", unicodedata.normalize("NFKC", name).casefold().strip())
    words = ["".join(filter(str.isalnum, word)) for word in re.split(r"[\s\-–_/]+", text.replace(".", ""))]
    kept = [word for word in words if word and word not in _ARTICLE]
    while len(kept) > 1 and kept[-1] in _LEGAL:
        kept.pop()
    return " ".join(kept)


class Names:
    """Names by what they mean; what comes first gives its spelling to all that mean the same."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._first: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The first name that means the same, in its own spelling; the name itself where none came before."""
        folded = folded_name(name)
        if folded not in self._known:
            self._known[folded] = self._like(folded) or folded
            self._first.setdefault(self._known[folded], name)
        return self._first[self._known[folded]]

    def _like(self, folded: str) -> str | None:
        if len(folded) < MIN_FUZZY_CHARS or len(self._first) > MAX_COMPARED:
            return None
        from rapidfuzz import fuzz

        signs = _signs(folded)
        for other in self._first:
            alike = _signs(other) == signs and len(other) >= MIN_FUZZY_CHARS
            if alike and fuzz.token_sort_ratio(folded, other, score_cutoff=MIN_RATIO):
                return other
        return None


def _signs(folded: str) -> tuple[str, ...]:
    """What tells names apart that are nearly the same: words with digits, and those of one or two letters."""
    return tuple(sorted(word for word in folded.split() if len(word) <= 2 or any(map(str.isdigit, word))))  # noqa: PLR2004
