"""Changes to the text of a job file: a field's description, words to look for, the order of fields, the job's name.

Works on places that the syntax tree tells, so that all else of the file stays as its author wrote it. What a file does
not write plainly is not changed: None.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class _Place:
    """Characters [start, end) of a text."""

    start: int
    end: int


class JobText:
    """The text of a job file with its tree. Raises SyntaxError for what is no Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tree = ast.parse(text)
        self._lines = [0]
        for line in text.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def fields(self, model: str) -> dict[str, ast.AnnAssign]:
        """The fields that a class of the file writes, by name."""
        owner = next((one for one in self._tree.body if isinstance(one, ast.ClassDef) and one.name == model), None)
        return {
            one.target.id: one
            for one in (owner.body if owner else ())
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }

    def with_description(self, model: str, field: str, description: str) -> str | None:
        """The text where a field has another description; None where it has none that is written out."""
        found = self._keyword(self.fields(model).get(field), "description")
        return None if found is None else self._replaced(self._place(found), _quoted(description))

    def with_phrases(self, model: str, field: str, phrases: Sequence[str]) -> str | None:
        """The text where a field is looked for by more words; None where it is not marked with LooksFor."""
        node = self.fields(model).get(field)
        calls = (one for one in ast.walk(node.annotation) if isinstance(one, ast.Call)) if node else ()
        call = next((one for one in calls if isinstance(one.func, ast.Name) and one.func.id == "LooksFor"), None)
        if call is None or not call.args:
            return None
        end = self._place(call.args[-1]).end
        return self._replaced(_Place(end, end), "".join(f", {_quoted(one)}" for one in phrases))

    def with_order(self, model: str, order: Sequence[str]) -> str | None:
        """The text with a class's fields in another order; None where they do not stand one below the other."""
        fields = self.fields(model)
        nodes = list(fields.values())
        if set(order) != set(fields) or any(
            after.lineno != (before.end_lineno or 0) + 1 for before, after in pairwise(nodes)
        ):
            return None
        places = {name: self._statement(node) for name, node in fields.items()}
        first, last = self._statement(nodes[0]), self._statement(nodes[-1])
        return self._replaced(_Place(first.start, last.end), "".join(self._said(places[name]) for name in order))

    def with_name(self, name: str) -> str | None:
        """The text where the job has another name; None where its name is not written out."""
        for node in self._tree.body:
            if isinstance(node, ast.Assign) and any(
                isinstance(one, ast.Name) and one.id == "JOB" for one in node.targets
            ):
                found = self._keyword(node, "name")
                return None if found is None else self._replaced(self._place(found), _quoted(name))
        return None

    def _keyword(self, node: ast.AST | None, name: str) -> ast.Constant | None:
        """The first text that is given by this keyword within a node."""
        for one in ast.walk(node) if node is not None else ():
            for keyword in one.keywords if isinstance(one, ast.Call) else ():
                if (
                    keyword.arg == name
                    and isinstance(keyword.value, ast.Constant)
                    and isinstance(keyword.value.value, str)
                ):
                    return keyword.value
        return None

    def _statement(self, node: ast.stmt) -> _Place:
        """Whole lines, with a comment behind the last one."""
        return _Place(self._lines[node.lineno - 1], self._lines[node.end_lineno or node.lineno])

    def _place(self, node: ast.expr) -> _Place:
        return _Place(
            self._at(node.lineno, node.col_offset), self._at(node.end_lineno or node.lineno, node.end_col_offset or 0)
        )

    def _at(self, line: int, byte: int) -> int:
        """The tree counts the bytes of a line."""
        start = self._lines[line - 1]
        words = self.text[start : self._lines[line]].encode()
        return start + len(words[:byte].decode())

    def _said(self, place: _Place) -> str:
        said = self.text[place.start : place.end]
        return said if said.endswith("\n") else f"{said}\n"

    def _replaced(self, place: _Place, words: str) -> str:
        return self.text[: place.start] + words + self.text[place.end :]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
