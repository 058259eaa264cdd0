"""Other descriptions of a field that `qwen-batch tune` may try: no part of the question, nor of its fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

from qwen_batch.errors import JobError


@dataclass(frozen=True, init=False)
class Alternatives:
    """Descriptions to try in place of a field's own: `Annotated[Law | None, Alternatives("…", "…")]`."""

    descriptions: tuple[str, ...]

    def __init__(self, *descriptions: str) -> None:
        if not descriptions or not all(isinstance(one, str) and one.strip() for one in descriptions):
            raise JobError("Alternatives: give one description or more", 'Alternatives("words", "words")')
        object.__setattr__(self, "descriptions", descriptions)
