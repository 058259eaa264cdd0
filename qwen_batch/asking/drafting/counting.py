"""Characters and emoji as a reader counts them: grapheme clusters of Unicode (UAX 29), not code points."""

from __future__ import annotations

import regex

_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3"
    r"|[\p{Extended_Pictographic}&&[\u2600-\u27bf\U0001f000-\U0001faff]]",
    flags=regex.VERSION1,
)


def characters_in(text: str) -> int:
    """How many characters a reader sees, spaces among them."""
    return len(_CLUSTER.findall(text))


def emoji_in(text: str) -> int:
    """How many emoji a reader sees: a family of four, a flag and a keycap are one each."""
    return sum(_EMOJI.search(cluster) is not None for cluster in _CLUSTER.findall(text))
