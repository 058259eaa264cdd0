"""Polished drafts against what was made: limits, facts, failures. Counts with code of its own, none of the jobs'."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import json_lines
from benchmarks.drafts.ask import POLISH
from benchmarks.drafts.made import MOST_CHARACTERS, MOST_EMOJI
from qwen_batch.output.views.reading import latest_records, read_failures

JOINER = "\u200d"
SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CopyScore:
    """What came of the drafts of one language."""

    language: str
    drafts: int
    rows: int
    failures: Counter[str]
    over: int
    unchanged: int
    facts: int
    kept: int
    again: int


def copy_scores(out: Path) -> list[CopyScore]:
    """A score a language, then of all."""
    gold = list(json_lines(out / "copy" / "gold.jsonl"))
    table = str(out / "copy" / "table")
    rows = {Path(row["source_uri"]).stem: row for row in latest_records(table, POLISH)}
    failed = {Path(row["source_uri"]).stem: row["code"] for row in read_failures(table).to_pylist()}
    lost = [one["name"] for one in gold if one["name"] not in rows and one["name"] not in failed]
    if lost:
        raise SystemExit(f"{len(lost)} drafts have neither row nor failure: {', '.join(lost[:5])}")
    languages = {language: [one for one in gold if one["language"] == language] for language in ("en", "zh")}
    return [_score(name, some, rows, failed) for name, some in (*languages.items(), ("all", gold)) if some]


def _score(language: str, gold: Sequence[Row], rows: Mapping[str, Row], failed: Mapping[str, str]) -> CopyScore:
    mine = [(one, rows[one["name"]]) for one in gold if one["name"] in rows]
    texts = [(one, row["result"]["text"]) for one, row in mine]
    facts = [has_fact(text, fact["says"]) for one, text in texts for fact in one["facts"]]
    return CopyScore(
        language,
        len(gold),
        len(mine),
        Counter(failed[one["name"]] for one in gold if one["name"] in failed),
        over=sum(is_over(text) for _, text in texts),
        unchanged=sum(_letters(text) == _letters(one["text"]) for one, text in texts),
        facts=len(facts),
        kept=sum(facts),
        again=sum(row["attempts"] > 1 for _, row in mine),
    )


def is_over(text: str) -> bool:
    """Whether a text has more characters or emoji than allowed, as they are seen."""
    return len(list(_seen(text))) > MOST_CHARACTERS or sum(map(_is_emoji, _seen(text))) > MOST_EMOJI


def has_fact(text: str, says: Sequence[str]) -> bool:
    """Whether a text states a fact in one of the ways that count; a number not as a part of a longer one."""
    flat = text.casefold().replace(",", "")
    for one in says:
        at = flat.find(one.casefold())
        while at >= 0:
            around = flat[max(0, at - 1) : at], flat[at + len(one) : at + len(one) + 1]
            if not (one[0].isdigit() and around[0].isdigit()) and not (one[-1].isdigit() and around[1].isdigit()):
                return True
            at = flat.find(one.casefold(), at + 1)
    return False


def _seen(text: str) -> Iterator[str]:
    """Characters without those that only change the one before, and joined ones as one."""
    joined = False
    for character in text:
        changes = unicodedata.category(character) in {"Mn", "Me", "Cf"} or SKIN_TONES[0] <= character <= SKIN_TONES[1]
        if not changes and not joined:
            yield character
        joined = character == JOINER


def _is_emoji(character: str) -> bool:
    return "\U0001f000" <= character <= "\U0001faff" or "\u2600" <= character <= "\u27bf" or character in "⌚⏰⏳⭐"


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def copy_table(scores: Sequence[CopyScore]) -> str:
    """The scores as Markdown."""
    head = (
        "| drafts | rows | failures | over a limit | unchanged | facts kept | asked again |\n"
        "|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *map(_line, scores)])


def _line(one: CopyScore) -> str:
    failures = sum(one.failures.values())
    named = f" ({', '.join(f'{code} {count}' for code, count in one.failures.items())})" if failures else ""
    kept = f"{one.kept} of {one.facts}, {one.kept / max(1, one.facts):.1%}"
    return (
        f"| {one.language}: {one.drafts} | {one.rows} | {failures}, {failures / one.drafts:.1%}{named} "
        f"| {one.over} | {one.unchanged} | {kept} | {one.again} |"
    )
