"""What a field of a Word file shows by its code alone, where no result is kept beside it (ECMA-376 part 1, 17.16.5).

Formulas and readings above characters of older files are such fields (EQ), signs too (SYMBOL).
"""

from __future__ import annotations

import re

from qwen_batch.reading.parts.inline.formulas import fraction, root, scripts
from qwen_batch.reading.parts.inline.symbols import symbol

MAX_DEPTH = 30
MAX_CODE_CHARS = 4000
SIGNS_OF_SUMS = {"su": "∑", "pr": "∏"}
_FORMAT = re.compile(r"\\\*\s*(?:\"[^\"]*\"|“[^”]*”|\S+)")
_SWITCHES = re.compile(r"\s*\\[#*@].*$", re.DOTALL)
_COMMAND = re.compile(r"\\([A-Za-z])")
_OPTION = re.compile(r"\s*\\([A-Za-z]{2})\s*(-?\d+|\\.)?")
_NUMBER = re.compile(r"(?:0x([0-9A-Fa-f]{1,6})|(\d{1,6}))$")
_FONT = re.compile(r"\\f\s*(?:\"([^\"]*)\"|(\S+))")


def field_code_to_text(code: str) -> str:
    """What a field shows that has a code and no result; "" for those that show nothing by themselves."""
    code = code.strip()[:MAX_CODE_CHARS]
    name, _, rest = code.partition(" ")
    kind = name.upper()
    if kind == "EQ":
        return " ".join(_Equation(_FORMAT.sub("", rest)).text().split())
    if kind == "SYMBOL":
        return _symbol(rest.strip())
    if kind in {"MACROBUTTON", "GOTOBUTTON"}:
        return rest.strip().partition(" ")[2].strip()
    return _SWITCHES.sub("", code) if code.startswith("=") else ""


def _symbol(rest: str) -> str:
    found = _NUMBER.match(rest.split(maxsplit=1)[0]) if rest else None
    if found is None:
        return ""
    font = _FONT.search(rest)
    return symbol(int(found[1], 16) if found[1] else int(found[2]), (font[1] or font[2]) if font else None)


class _Equation:
    """The code of an EQ field, read from left to right."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._at = 0
        self._apart = ";" if ";" in code else ","

    def text(self) -> str:
        """The whole of it."""
        shown = ""
        while self._at < len(self._code):
            shown += self._sequence(0)
            self._at += 1  # over a bracket that closes nothing
        return shown

    def _sequence(self, depth: int) -> str:
        shown = ""
        while self._at < len(self._code):
            sign = self._code[self._at]
            if depth and sign in {self._apart, ")"}:
                break
            command = _COMMAND.match(self._code, self._at)
            if command is not None and depth < MAX_DEPTH:
                self._at = command.end()
                shown += self._command(command[1].lower(), depth)
            elif sign == "(" and depth < MAX_DEPTH:
                shown += f"({self._apart.join(self._arguments(depth))})"
            else:
                self._at += 2 if sign == "\\" else 1
                shown += self._code[self._at - 1 : self._at]
        return shown

    def _arguments(self, depth: int) -> list[str]:
        """What stands in the brackets that open here."""
        found = []
        while self._at < len(self._code):
            self._at += 1
            found.append(self._sequence(depth + 1))
            if self._code[self._at : self._at + 1] == ")":
                break
        self._at += 1
        return found

    def _command(self, name: str, depth: int) -> str:
        options = set()
        while (option := _OPTION.match(self._code, self._at)) is not None:
            options.add(option[1].lower())
            self._at = option.end()
        rest = self._code[self._at :]
        self._at += len(rest) - len(rest.lstrip())
        if self._code[self._at : self._at + 1] != "(":
            return ""
        parts = self._arguments(depth)
        first, second, third, *_ = [*(part.strip() for part in parts), "", "", ""]
        if name == "f":
            return fraction(first, second)
        if name == "r":
            return root(second, first) if len(parts) > 1 else root(first, "")
        if name == "s":
            return ("_" if "do" in options else "^") + first
        if name == "i":
            sign = next((SIGNS_OF_SUMS[one] for one in options if one in SIGNS_OF_SUMS), "∫")
            return f"{scripts(sign, first, second)} {third}"
        return _joined(name, parts)


def _joined(name: str, parts: list[str]) -> str:
    """Parts beside or over each other; a raised one over a base is its reading."""
    if name == "o" and len(parts) == 2:  # noqa: PLR2004 - a reading and its base
        raised = [part.strip()[1:] for part in parts if part.strip().startswith("^")]
        level = [part.strip() for part in parts if not part.strip().startswith("^")]
        if len(raised) == len(level) == 1:
            return f"{level[0]}({raised[0]})"
    if name == "b":
        return f"({''.join(parts)})"
    return {"a": "; ", "l": ", "}.get(name, "").join(parts) if name != "d" else ""
