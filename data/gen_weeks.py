"""Folders of notes and mails of one week, and their gold: ``python data/gen_weeks.py``, without a package.

Owns how a text of ``weeks/texts`` becomes a file. Gold of a folder's report is that of its documents; what a document
says again, marked ``(again)``, is one line of the report.
"""

from __future__ import annotations

import json
import tomllib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "weeks"
AGAIN = " (again)"
LISTS = ("done[].text", "decisions[].text", "problems[].text", "next_steps[].text", "next_steps[].due")


def document_to_bytes(document: dict[str, str]) -> bytes:
    """A note as it stands, a mail with its head."""
    text = document["text"].strip("\n") + "\n"
    if not document["file"].endswith(".eml"):
        return text.encode()
    mail = EmailMessage(policy=SMTP)
    for name, key in (("From", "sender"), ("To", "to"), ("Date", "date"), ("Subject", "subject")):
        mail[name] = document[key]
    mail.set_content(text, cte="base64" if not text.isascii() else "7bit")
    return mail.as_bytes()


def document_to_gold(source: str, document: dict[str, str]) -> dict[str, Any]:
    """The gold line of a document. Raises ValueError where a quote does not stand in it once."""
    fields: dict[str, Any] = {path: [] for path in LISTS}
    evidence: dict[str, list[dict[str, Any]]] = {}
    for line in document["gold"].strip().splitlines():
        path, _, rest = line.partition(" = ")
        value, _, quote = rest.removesuffix(AGAIN).partition(" | ")
        if (document["text"] + document.get("date", "")).count(quote) != 1:
            raise ValueError(f"{source}: does not stand there once: {quote}")
        if path in fields:
            fields[path].append(value)
        else:
            fields[path] = value
        evidence.setdefault(path, []).append({"page": 1, "quote": quote})
    return {"source": source, "fields": fields, "evidence": evidence}


def folder_to_gold(source: str, documents: list[dict[str, str]]) -> dict[str, Any]:
    """The gold line of a folder's report."""
    days, fields = [], {path: [] for path in LISTS}
    for document in documents:
        for line in document["gold"].strip().splitlines():
            path, _, rest = line.partition(" = ")
            value = rest.partition(" | ")[0]
            if path == "date.date":
                days.append(value)
            elif not line.endswith(AGAIN):
                fields[path].append(value)
    return {"source": source, "fields": {"first_day": min(days), "last_day": max(days), **fields}}


def main() -> None:
    """Write all files, then the gold of both jobs."""
    notes, reports = [], []
    for path in sorted((FOLDER / "texts").glob("*.toml")):
        documents = tomllib.loads(path.read_text(encoding="utf-8"))["document"]
        for document in documents:
            file = FOLDER / "samples" / path.stem / document["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(document_to_bytes(document))
            notes.append(document_to_gold(f"{path.stem}/{document['file']}", document))
        reports.append(folder_to_gold(path.stem, documents))
    (FOLDER / "gold").mkdir(exist_ok=True)
    for job, records in (("week_notes", notes), ("weekly_report", reports)):
        lines = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        (FOLDER / "gold" / f"{job}.jsonl").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
