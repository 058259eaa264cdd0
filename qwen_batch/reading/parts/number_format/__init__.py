"""What a cell or a chart shows of a number by its format (ECMA-376 part 1, 18.8.30 and 18.8.31).

The one door: `number_format` for a code, `BUILTIN` for the codes that files name by number. Where what is shown has
lost digits of the value, the value stands beside it: `4% (0.0425)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from qwen_batch.reading.parts.number_format.dates import NOT_SHOWN, date_shown
from qwen_batch.reading.parts.number_format.figures import general, number_shown
from qwen_batch.reading.parts.number_format.sections import Section, sections_of

GENERAL = "General"
BUILTIN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);[Red]("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    **dict.fromkeys([*range(27, 32), 36, *range(50, 59)], "yyyy-mm-dd"), **dict.fromkeys(range(32, 36), "h:mm:ss"),
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""18.8.30. Those that the standard leaves to the language of the program are dates and times."""
MAX_CODE_CHARS = 255
MAX_KEPT = 4096
SIGNIFICANT_DIGITS = 15
"""Excel keeps and shows no more."""
POSITIVE, NEGATIVE, ZERO, TEXT = range(4)


def number(raw: str) -> Decimal | None:
    """A number as a file writes it, to 15 digits; a longer whole number keeps all. None for what is none."""
    try:
        if raw.lstrip("-").isdigit():
            return Decimal(raw)
        value = Decimal(f"{float(raw):.{SIGNIFICANT_DIGITS}g}")
    except (ValueError, InvalidOperation):
        return None
    return value if value.is_finite() else None


@dataclass(slots=True)
class NumberFormat:
    """A format ready for use; it keeps what it has shown, for values repeat."""

    sections: tuple[Section, ...]
    date1904: bool
    plain: bool
    """Numbers and words pass as they are: the format General."""
    numeric: tuple[Section, ...]
    """The sections for numbers: the last of two or three may be for words."""
    conditional: bool
    _kept: dict[str, str] = field(default_factory=dict)

    def shown(self, raw: str) -> str:
        """What a cell shows of a number as the file writes it; "" if the format hides it."""
        if self.plain and raw.isdigit():
            return raw.lstrip("0") or "0"
        kept = self._kept.get(raw)
        if kept is None:
            value = number(raw)
            kept = raw if value is None else self._number(value)
            if len(self._kept) < MAX_KEPT:
                self._kept[raw] = kept
        return kept

    def words(self, text: str) -> str:
        """What a cell shows of words; "" if the format hides them."""
        if self.plain or not text:
            return text
        section = self.sections[TEXT] if len(self.sections) > TEXT else self.sections[-1]
        if len(self.sections) <= TEXT and not section.has("text"):
            return text
        return "".join(text if token.kind == "text" else token.text for token in section.tokens).strip()

    def _number(self, value: Decimal) -> str:
        section, signed = self._section(value)
        if section is None:
            return f"{NOT_SHOWN} ({general(value)})"
        if section.has("date", "elapsed"):
            text = date_shown(section, value, date1904=self.date1904)
            return f"{text} ({general(value)})" if text == NOT_SHOWN else text
        if section.has("text") and not section.has("digit"):
            return "".join(general(value) if token.kind == "text" else token.text for token in section.tokens).strip()
        if not section.tokens:
            return ""
        shown = number_shown(section, abs(value))
        text = " ".join(shown.text.split()) if " " in shown.text else shown.text
        if signed and value < 0:
            text = f"-{text}"
        told = shown.exact and (value >= 0 or any(sign in text for sign in "-(−"))
        return text if told else f"{text} ({general(value)})".lstrip()

    def _section(self, value: Decimal) -> tuple[Section | None, bool]:
        """The section for a value, and whether a minus sign is set before what it shows; None if no one is for it."""
        sections = self.numeric
        if not self.conditional:
            place = ZERO if value == 0 else NEGATIVE if value < 0 else POSITIVE
            if place >= len(sections):
                return sections[POSITIVE], True
            return sections[place], place != NEGATIVE
        for index, section in enumerate(sections):
            if section.condition is None:
                last = index == len(sections) - 1
                if last or (value < 0 if index == NEGATIVE else value > 0):
                    return section, last
            elif section.condition.holds(float(value)):
                return section, not section.condition.only_negative
        return None, False


@lru_cache(maxsize=MAX_KEPT)
def number_format(code: str, *, date1904: bool = False) -> NumberFormat:
    """A format by its code; an empty or endless one is General."""
    code = code.strip() if len(code) <= MAX_CODE_CHARS else GENERAL
    code = code or GENERAL
    sections = sections_of(code)
    numeric = sections[:TEXT]
    if len(numeric) > 1 and numeric[-1].has("text") and not numeric[-1].has("digit"):
        numeric = numeric[:-1]
    conditional = any(section.condition for section in numeric)
    return NumberFormat(sections, date1904, code.lower() == GENERAL.lower(), numeric, conditional)


def builtin_format(number_id: int, *, date1904: bool = False) -> NumberFormat:
    """The format that files name by a number alone; General for one that nobody defines."""
    return number_format(BUILTIN.get(number_id, GENERAL), date1904=date1904)
