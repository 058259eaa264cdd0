from __future__ import annotations

import pytest

from qwen_batch.report import queue
from qwen_batch.report.content import Answer, Fact, Field, Shown, Value
from qwen_batch.report.queue import documents_to_queue


def shown(name: str, *errors: float) -> Shown:
    values = tuple(Value(f"{name}{at}", f"f{at}", "", "text", "x", 1 - one, one, ()) for at, one in enumerate(errors))
    rest = ("f", "r", "m", "", 0.5, 0, 1, 0, "en", "", 0, "present", (), (Field("f", 0.5, (Fact("f", values, ()),)),))
    return Shown(name, name, name, name, (Answer("job", name, name, *rest),))


def test_the_worst_comes_first_whatever_document_it_stands_in() -> None:
    found = documents_to_queue([shown("a", 0.1, 0.9), shown("b", 0.5)], calibrated=True)
    assert [(one.shown.name, one.value.error) for one in found.items] == [("a", 0.9), ("b", 0.5), ("a", 0.1)]


def test_what_the_browser_does_not_keep_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_QUEUED", 1)
    found = documents_to_queue([shown("a", 0.1, 0.9), shown("b", 0.5)], calibrated=False)
    assert (len(found.items), found.rest, round(found.rest_error, 6)) == (1, 2, 0.6)
