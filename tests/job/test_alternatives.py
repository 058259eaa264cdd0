from __future__ import annotations

import pytest

from qwen_batch import Alternatives
from qwen_batch.errors import JobError


def test_alternatives_without_words_are_refused() -> None:
    assert Alternatives("one", "two").descriptions == ("one", "two")
    for wrong in ((), ("",), ("one", 2)):
        with pytest.raises(JobError, match="give one description or more"):
            Alternatives(*wrong)  # type: ignore[arg-type]
