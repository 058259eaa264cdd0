"""Quotes for measuring `locate`: true ones with errors put in, and ones of other documents."""

from __future__ import annotations

import json
import random
import re
import string
from pathlib import Path

_EN_LETTERS = string.ascii_lowercase
_ZH_LETTERS = "的是在有和同方按交货付款期限本条第日月年甲乙合约"
QUOTE_CHARS = {"en": (25, 120), "zh": (8, 40)}


def english_texts(shared_data: Path) -> list[str]:
    """The contracts of cuad as text."""
    return [
        path.read_text("utf-8", "replace")
        for path in sorted((shared_data / "cuad" / "full_contract_txt").glob("*.txt"))
    ]


def chinese_texts(shared_data: Path, samples: Path) -> list[str]:
    """Chinese texts: pages of the OCR labels, and the project's own."""
    texts = []
    for place in sorted((shared_data / "derived_scans").glob("dev_zh_*.gt.jsonl")):
        pages = [json.loads(line)["text"] for line in place.read_text("utf-8").splitlines()]
        half = len(pages) // 2 or 1
        texts += ["\n".join(pages[:half]), "\n".join(pages[half:])]
    texts += [path.read_text("utf-8") for path in sorted(samples.glob("reports/*zh*.md"))]
    for place in sorted((shared_data / "zh").glob("**/*.md")):
        texts.append(place.read_text("utf-8"))
    return [text for text in texts if sum("\u4e00" <= c <= "\u9fff" for c in text) > 500]


def quotes_of(text: str, language: str, count: int, chance: random.Random) -> list[str]:
    """Runs of whole words (Chinese: of characters) of the lengths that models quote."""
    low, high = QUOTE_CHARS[language]
    found: list[str] = []
    for _ in range(count * 20):
        start = chance.randrange(max(1, len(text) - high))
        size = chance.randint(low, high)
        if language == "en":
            words = text[start : start + size].split()[1:-1]
            quote = " ".join(words)
        else:
            quote = re.sub(r"\s+", "", text[start : start + size])
        quote = quote.strip("0123456789.一二三四五六七八九十") if language == "zh" else quote
        if sum(c.isalpha() for c in quote) >= low * 0.7:
            found.append(quote)
        if len(found) == count:
            break
    return found


def with_errors(quote: str, share: float, language: str, chance: random.Random) -> str:
    """A quote with so many of its letters lost, exchanged or added; digits stay: another number is another fact."""
    letters = _EN_LETTERS if language == "en" else _ZH_LETTERS
    out: list[str] = []
    for character in quote:
        if not character.isalpha() or chance.random() >= share:
            out.append(character)
            continue
        out.append(chance.choice(["", chance.choice(letters), character + chance.choice(letters)]))
    return "".join(out)


def hyphenated(quote: str, chance: random.Random) -> str:
    """A quote broken inside of a word, as at the end of a line."""
    places = [m.start() for m in re.finditer(r"(?<=[a-z]{3})(?=[a-z]{3})", quote)] or [len(quote) // 2]
    at = chance.choice(places)
    return f"{quote[:at]}-\n{quote[at:]}"


def joined(quote: str) -> str:
    """A quote whose spaces are gone at every third place."""
    words = quote.split(" ")
    return "".join(word + ("" if number % 3 == 2 else " ") for number, word in enumerate(words)).strip()
