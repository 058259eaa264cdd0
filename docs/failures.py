"""Writes docs/failures.md from the table of failure codes: python docs/failures.py > docs/failures.md."""

from __future__ import annotations

import sys

from qwen_batch.failure_codes import FAILURE_CODES

HEAD = """# Failures

A document that did not become a row of a job's table is a row of `failures`, with a `code`. Its `message` names the
limit, page or place. `qwen-batch status OUT` counts the failures that still stand. `qwen-batch retry OUT --code CODE`
tries them again, with `--set` under other limits. *Another try* says whether the document may pass as it is: the
column `retryable`.
This page is written by `docs/failures.py` from the code.

| code | what happened | what to do | another try |
|---|---|---|---|
"""


def main() -> None:
    """Prints the page."""
    sys.stdout.write(page())


def page() -> str:
    """The page as Markdown: one table."""
    rows = [
        f"| `{code}` | {facts.meaning} | {facts.remedy} | {'may help' if facts.retryable else 'no'} |\n"
        for code, facts in sorted(FAILURE_CODES.items())
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    main()
