"""The text of charts and diagrams in Office files: they are parts of their own, beside the page that shows them."""

from __future__ import annotations

from collections.abc import Iterator

from qwen_batch.reading.parts.charts import chart_to_writer
from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.inline.symbols import is_symbol_font, symbols_to_text
from qwen_batch.reading.parts.marks import Height, Run, runs_to_text
from qwen_batch.reading.parts.ooxml import Package, attribute, child, descendants, local
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import Element

NOT_STRUCK = {"", "noStrike"}
FONTS = ("latin", "sym")


def graphic_to_writer(package: Package, part: str, relation: str, writer: PageWriter) -> None:
    """Writes a chart as its title and the table behind it, a diagram as the text of its shapes."""
    target = next((item.target for item in package.relations(part) if item.id == relation), None)
    root = package.tree(target) if target else None
    if root is None:
        return
    if local(root) == "chartSpace":
        for title in descendants(root, "title"):
            writer.paragraph(" ".join(drawn_paragraphs(title)))
        chart_to_writer(root, writer)
    else:
        for point in descendants(root, "pt"):
            writer.paragraph(" ".join(drawn_paragraphs(point)))


def drawn_paragraphs(element: Element) -> Iterator[str]:
    """The paragraphs of DrawingML text below an element, without empty ones."""
    for paragraph in descendants(element, "p"):
        if text := drawn_text(paragraph).strip():
            yield text


def drawn_text(paragraph: Element) -> str:
    """One paragraph of DrawingML text; a line break in it stays, raised and struck-out characters are set off."""
    runs = []
    for item in paragraph:
        if local(item) == "br":
            runs.append(Run("\n"))
        elif local(item) in {"r", "fld"}:
            text = child(item, "t")
            runs.append(_run((text.text or "") if text is not None else "", child(item, "rPr")))
        elif local(item) not in {"pPr", "endParaRPr"}:
            found = [item] if local(item) == "oMath" else descendants(item, "oMath")
            formulas = [formula_to_text(formula) for formula in found]
            runs.extend(map(Run, formulas or [text.text or "" for text in descendants(item, "t")]))
    return runs_to_text(runs)


def _run(text: str, look: Element | None) -> Run:
    if look is None:
        return Run(symbols_to_text(text, None))
    letters, signs = (
        attribute(font, "typeface") if (font := child(look, name)) is not None else None for name in FONTS
    )
    in_letters = is_symbol_font(letters)
    text = symbols_to_text(text, letters if in_letters else signs, letters=in_letters)
    baseline = (attribute(look, "baseline") or "0").rstrip("%")
    lowered = baseline.startswith("-")
    height: Height = "level" if not baseline.strip("-0.") else "lowered" if lowered else "raised"
    return Run(text, height, (attribute(look, "strike") or "") not in NOT_STRUCK)
