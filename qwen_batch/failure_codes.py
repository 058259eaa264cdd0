"""Every code that a failure can have: what it means, what to do about it, and whether another try may succeed.

Rows of `failures`, `status` and `retry --code` speak in these. docs/failures.md is made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FailureCode = Literal[
    "broken_limit",
    "changed",
    "crashed",
    "damaged",
    "empty_file",
    "encrypted",
    "engine_error",
    "internal",
    "invalid_answer",
    "invalid_json",
    "lost",
    "no_members",
    "no_room",
    "no_text",
    "ocr_failed",
    "out_of_memory",
    "poison",
    "timeout",
    "too_large",
    "too_long",
    "too_many_pages",
    "truncated",
    "unreadable",
    "unsupported",
]


@dataclass(frozen=True, slots=True)
class FailureFacts:
    """A sentence each on what happened and what helps; `retryable` if the same document may pass another time."""

    meaning: str
    remedy: str
    retryable: bool = False


FAILURE_CODES: Mapping[FailureCode, FailureFacts] = {
    "broken_limit": FailureFacts(
        "Each text that the model wrote broke a limit of its job (length, emoji, terms, numbers), also when told so.",
        "Loosen the limit that the message names, shorten the document, or take a larger model.",
        retryable=True,
    ),
    "changed": FailureFacts(
        "The file was written or removed while the run worked on it.",
        "Run the same command again when nothing writes to it any more.",
        retryable=True,
    ),
    "crashed": FailureFacts(
        "A library crashed on the document.", "Open the document in its program and save it anew.", retryable=True
    ),
    "damaged": FailureFacts(
        "The content is not what its kind of file should hold.",
        "Open the document in its program and save it anew; a text, save as UTF-8.",
    ),
    "empty_file": FailureFacts("The file holds no bytes.", "Copy it again from where it came from."),
    "encrypted": FailureFacts("The document is protected with a password.", "Save a copy without the password."),
    "engine_error": FailureFacts(
        "The engine or its server refused or lost the question.",
        "Read the message in the row, then use `qwen-batch retry`.",
        retryable=True,
    ),
    "internal": FailureFacts(
        "An error in qwen-batch that nobody foresaw.", "Report it with the message and, if possible, the document."
    ),
    "invalid_answer": FailureFacts(
        "No answer of the model passed the job's own checks, also after repairs.",
        "Loosen the schema where the message says, or take a larger model.",
        retryable=True,
    ),
    "invalid_json": FailureFacts(
        "No answer of the model was JSON, also after repairs.",
        "See that the engine binds its answers to a schema (`qwen-batch doctor`), or take a larger model.",
        retryable=True,
    ),
    "lost": FailureFacts(
        "No result came back for the document.", "Use `qwen-batch retry`; report it if it comes again.", retryable=True
    ),
    "no_members": FailureFacts(
        "None of a group's members has a row: all of them failed.",
        "See what the members failed with; the group is asked again when one of them has a row.",
    ),
    "no_room": FailureFacts(
        "The context has no room for a piece of the document beside the job's prompt and answer.",
        "Raise engine.max_model_len, or shorten the job's schema or instruction.",
    ),
    "no_text": FailureFacts(
        "There is no text on the pages, also after OCR.", "See that the document is not blank or too faint to read."
    ),
    "ocr_failed": FailureFacts(
        "No page could be recognised, and the document has no other text.",
        "Raise ocr.timeout_s or lower ocr.dpi, then use `qwen-batch retry`.",
        retryable=True,
    ),
    "out_of_memory": FailureFacts(
        "Reading or recognising the document took more memory than it may.",
        "Raise read.memory_mb, or split the document.",
        retryable=True,
    ),
    "poison": FailureFacts(
        "The document ended the process that worked on it twice and was not tried again.",
        "Look at the document, then use `qwen-batch retry --code poison`.",
        retryable=True,
    ),
    "timeout": FailureFacts(
        "Reading or recognising the document took longer than it may.",
        "Raise read.timeout_s (for scans ocr.timeout_s), then use `qwen-batch retry`.",
        retryable=True,
    ),
    "too_large": FailureFacts(
        "The file, what it expands to, or a picture or sheet in it is larger than a limit allows.",
        "Split it, or raise the limit that the message names.",
    ),
    "too_long": FailureFacts(
        "The text does not fit into one prompt, and long.mode is single.",
        "Set long.mode to auto, or raise engine.max_model_len.",
    ),
    "too_many_pages": FailureFacts("The document has more pages than it may.", "Split it, or raise read.max_pages."),
    "truncated": FailureFacts(
        "The answer was cut off at its longest, also when it was asked in parts.",
        "Bound the lists and texts of the schema, raise the job's max_output_tokens or engine.max_model_len.",
        retryable=True,
    ),
    "unreadable": FailureFacts(
        "The file cannot be opened or fetched.", "See that it is there and that you may read it.", retryable=True
    ),
    "unsupported": FailureFacts(
        "No reader knows this kind of file, or it is no regular file.", "Convert it to PDF, an image or text."
    ),
}
