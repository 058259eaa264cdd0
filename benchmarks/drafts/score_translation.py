"""Translations against their documents: figures, names, tables, languages, and chrF beside that of one plain prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import json_lines
from benchmarks.drafts.ask import PLAIN, TARGETS, TRANSLATE
from qwen_batch.output.views.reading import latest_records

NOT_DONE = "<!-- passage"
MIN_SENTENCE_CHARS = 8
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:\.(?=\d)[^.!?。！？\n]+)*[.!?。！？]")
_MARKS = re.compile(r"^[#\s*|-]+")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Translated:
    """What came of one document; `text` is empty where it failed."""

    gold: Row
    text: str
    again: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no block and no sentence of the document is missing, and none was left as it was."""
        source = self.gold["text"]
        as_many = all(len(list(parts(self.text))) >= len(list(parts(source))) for parts in (blocks, sentences_of))
        return bool(self.text) and NOT_DONE not in self.text and as_many


@dataclass(frozen=True, slots=True)
class TranslationScore:
    """Of one way to translate: counts over all of its documents."""

    job: str
    documents: int
    rows: int
    numbers: tuple[int, int]
    dates: tuple[int, int]
    names: tuple[int, int]
    tables: tuple[int, int]
    sentences: tuple[int, int]
    whole: int
    again: int
    chrf: float


def translation_scores(out: Path) -> list[TranslationScore]:
    """Passage by passage, then in one prompt."""
    return [score_of(job, list(translated(out, job))) for job in (TRANSLATE, PLAIN)]


def translated(out: Path, job: str) -> Iterator[Translated]:
    """What came of each document by a job."""
    gold = list(json_lines(out / "translation" / "gold.jsonl"))
    for target in TARGETS:
        mine = [one for one in gold if one["target"] == target]
        records = latest_records(str(out / "translation" / target / "table"), job) if mine else []
        rows = {Path(row["source_uri"]).stem: row for row in records}
        for one in mine:
            row = rows.get(one["name"])
            yield Translated(one, row["result"]["text"], row["attempts"] > 1) if row else Translated(one, "")


def score_of(job: str, found: Sequence[Translated]) -> TranslationScore:
    """The counts over all documents of a job."""
    return TranslationScore(
        job,
        documents=len(found),
        rows=sum(bool(one.text) for one in found),
        numbers=_share(_has_number(one.text, number) for one in found for number in one.gold["numbers"]),
        dates=_share(
            date[TARGETS.index(one.gold["target"])] in _flat(one.text) for one in found for date in one.gold["dates"]
        ),
        names=_share(name in one.text for one in found for name in one.gold["names"]),
        tables=_share(table_of(one.text) == table_of(one.gold["text"]) for one in found),
        sentences=in_target(found),
        whole=sum(one.is_whole for one in found),
        again=sum(one.again for one in found),
        chrf=chrf(found),
    )


def blocks(text: str) -> list[str]:
    """The parts of a Markdown text with blank lines between them, each list item and row one."""
    return [line for line in text.splitlines() if line.strip()]


def table_of(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """The rows of the tables in a text: how many cells, and the figures in them."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.strip().startswith("|")]
    return [(len(row), tuple(_NUMBER.findall("|".join(row)))) for row in rows if "---" not in row[0]]


def in_target(found: Sequence[Translated]) -> tuple[int, int]:
    """How many sentences a detector takes for the target language, of how many; of a failure all are missed."""
    detect = _detector()
    right = every = 0
    for one in found:
        sentences = list(sentences_of(one.text or one.gold["text"]))
        every += len(sentences)
        right += sum(detect(sentence) == one.gold["target"] for sentence in sentences) if one.text else 0
    return right, every


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text, with an end mark and long enough to have a language; no headings, no rows of tables."""
    for line in text.splitlines():
        if line.lstrip().startswith(("|", "<!--")):
            continue
        for found in _SENTENCE.finditer(_MARKS.sub("", line)):
            if len(found[0].strip()) >= MIN_SENTENCE_CHARS:
                yield found[0].strip()


def chrf(found: Sequence[Translated]) -> float:
    """The mean of chrF over documents; nothing for one that failed."""
    try:
        from sacrebleu.metrics import CHRF
    except ImportError:
        raise SystemExit("scoring needs: uv pip install -r benchmarks/drafts/requirements.txt") from None
    metric = CHRF()
    scores = [metric.sentence_score(one.text, [one.gold["reference"]]).score if one.text else 0.0 for one in found]
    return sum(scores) / max(1, len(scores))


def _detector() -> Any:
    try:
        import py3langid
    except ImportError:
        raise SystemExit("scoring needs: uv pip install -r benchmarks/drafts/requirements.txt") from None
    py3langid.set_languages(list(TARGETS))
    return lambda sentence: py3langid.classify(sentence)[0]


def _share(kept: Iterator[bool]) -> tuple[int, int]:
    each = list(kept)
    return sum(each), len(each)


def _has_number(text: str, number: str) -> bool:
    return number.replace(",", "") in {one.replace(",", "") for one in _NUMBER.findall(text)}


def _flat(text: str) -> str:
    """Without spaces within Chinese dates; English months before the day as after it."""
    text = re.sub(r"(?<=\d)\s+(?=[年月日])|(?<=[年月])\s+(?=\d)", "", text)
    return re.sub(r"\b([A-Z][a-z]+) (\d{1,2})(?:st|nd|rd|th)?, (\d{4})", r"\2 \1 \3", text)


def translation_table(scores: Sequence[TranslationScore]) -> str:
    """The scores as Markdown."""
    head = (
        "| job | documents | rows | numbers | dates | names | tables | sentences in the language | whole | asked again "
        "| chrF |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *map(_line, scores)])


def _line(one: TranslationScore) -> str:
    shares = (one.numbers, one.dates, one.names, one.tables, one.sentences)
    said = " | ".join(f"{kept} of {every}, {kept / max(1, every):.1%}" for kept, every in shares)
    return f"| {one.job} | {one.documents} | {one.rows} | {said} | {one.whole} | {one.again} | {one.chrf:.1f} |"
