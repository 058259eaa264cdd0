"""The languages that a job may have its values written in, by the names that a prompt gives them."""

from __future__ import annotations

from typing import Literal

from qwen_batch.errors import JobError

Script = Literal["latin", "han", "kana", "hangul", "other"]

TARGETS: dict[str, str] = {
    "en": "English",
    "zh": "Simplified Chinese (简体中文)",
    "zh-hant": "Traditional Chinese (繁體中文)",
    "yue": "spoken Cantonese of Hong Kong (粵語口語，用繁體字)",
    "ja": "Japanese",
    "ko": "Korean",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "nl": "Dutch",
    "ru": "Russian",
    "ar": "Arabic",
}
_SCRIPTS: dict[str, Script] = {
    "zh": "han",
    "zh-hant": "han",
    "yue": "han",
    "ja": "kana",
    "ko": "hangul",
    "ru": "other",
    "ar": "other",
}


def check_language(job: str, language: str) -> None:
    """Raises JobError for a language that no prompt can name."""
    if language and language not in TARGETS:
        raise JobError(f"job {job}: language={language!r} is not known", f"one of {', '.join(TARGETS)}")


def script_of(language: str) -> Script:
    """The script that a language is written in, as far as it tells languages apart."""
    return _SCRIPTS.get(language, "latin")
