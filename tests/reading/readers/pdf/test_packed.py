"""What a PDF packs: portfolios, attached files and XFA forms, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.seen_pdfs import LINE, drawing, pdf, show, stream, text_of

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import Unreadable, reader_for
from qwen_batch.reading.readers.pdf.keys import holds_key
from qwen_batch.records import Page

PORTFOLIO = "/Collection << /View /D >>"


def packed(tmp_path: Path, *files: tuple[str, str], catalog: str = PORTFOLIO) -> Path:
    names = " ".join(f"({name}) {8 + 2 * at} 0 R" for at, (name, _) in enumerate(files))
    objects = []
    for at, (name, content) in enumerate(files):
        objects.append(f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {9 + 2 * at} 0 R >> >>")
        objects.append(stream(content, f"/Type /EmbeddedFile /Params << /Size {len(content)} >>"))
    tree = f"/Names << /EmbeddedFiles << /Names [{names}] >> >>"
    return pdf(tmp_path, show(72, 700, LINE), catalog=f"{catalog} {tree}", more=("null", "null", *objects))


def pages_of(path: Path, **settings: float) -> tuple[Page, ...]:
    return reader_for("application/pdf").read(path, ReadSettings(**settings))  # type: ignore[arg-type]


def test_files_of_a_portfolio_were_missing(tmp_path: Path) -> None:
    files = ("offer.csv", "item,price\nroof,4500\n"), ("note.txt", "The offer stands until May.\n")
    cover, table, note = pages_of(packed(tmp_path, *files))
    assert text_of(cover) == LINE
    assert text_of(table).startswith("Attached file: offer.csv\n")
    assert "4500" in text_of(table)
    assert text_of(note).strip() == "Attached file: note.txt\nThe offer stands until May."
    assert [page.number for page in (cover, table, note)] == [1, 2, 3]


def test_files_attached_to_a_document_were_left_out_without_a_word(tmp_path: Path) -> None:
    (page,) = pages_of(packed(tmp_path, ("note.txt", "The offer stands.\n"), catalog=""))
    assert page.warnings == ("1 attached files were not read: save them as files of their own",)


def test_attached_file_that_cannot_be_read_costs_itself_alone(tmp_path: Path) -> None:
    cover, note = pages_of(packed(tmp_path, ("a.pdf", "%PDF-1.4 broken"), ("note.txt", "The offer stands.\n")))
    assert "The offer stands." in text_of(note)
    assert [warning.split(":")[0] for warning in cover.warnings] == ["attached file 1 was left out"]


def test_attached_files_have_a_limit_of_size(tmp_path: Path) -> None:
    pages = pages_of(packed(tmp_path, ("big.txt", "word " * 300_000)), max_expanded_mb=1)
    assert len(pages) == 1
    assert pages[0].warnings == ("attached file 1 was left out: it is empty, damaged or too large",)


def test_attached_files_have_a_limit_of_pages(tmp_path: Path) -> None:
    files = [(f"{at}.txt", "The offer stands.\n") for at in range(4)]
    with pytest.raises(Unreadable) as caught:
        pages_of(packed(tmp_path, *files), max_pages=3)
    assert caught.value.code == "too_many_pages"


def test_portfolios_inside_of_portfolios_end(tmp_path: Path) -> None:
    inner = packed(tmp_path, ("note.txt", "The offer stands.\n")).read_bytes().decode("latin-1")
    for _ in range(4):
        inner = packed(tmp_path, ("inner.pdf", inner)).read_bytes().decode("latin-1")
    path = tmp_path / "nested.pdf"
    path.write_bytes(inner.encode("latin-1"))
    pages = pages_of(path)
    assert len(pages) == 4
    assert any("nested too deeply" in warning for page in pages for warning in page.warnings)


def test_page_of_an_attached_file_can_be_rendered(tmp_path: Path) -> None:
    inner = pdf(tmp_path, show(72, 700, "Inside")).read_bytes().decode("latin-1")
    path = packed(tmp_path, ("inner.pdf", inner))
    image = reader_for("application/pdf").render(path, 2, 72, ReadSettings())
    assert image.size == (612, 792)
    assert image.getextrema()[0] < 128


def test_name_of_an_attached_file_is_no_path(tmp_path: Path) -> None:
    pages = pages_of(packed(tmp_path, ("../../outside.txt", "The offer stands.\n")))
    assert "The offer stands." in text_of(pages[1])
    assert not (tmp_path.parent.parent / "outside.txt").exists()


def test_data_of_an_xfa_form_were_missing(tmp_path: Path) -> None:
    data = (
        '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form>'
        "<tenant_name>Ottilie Marsvold</tenant_name><rent>1,450</rent></form></xfa:data></xfa:datasets>"
    )
    path = pdf(
        tmp_path,
        show(72, 700, "Please wait..."),
        catalog="/NeedsRendering true /AcroForm << /Fields [] /XFA [(datasets) 8 0 R] >>",
        more=("null", drawing(""), stream(data)),
    )
    waiting, form = pages_of(path)
    assert text_of(form) == "tenant name: Ottilie Marsvold\nrent: 1,450"
    assert "XFA form" in waiting.warnings[0]


def test_xfa_form_with_broken_data_is_said(tmp_path: Path) -> None:
    path = pdf(
        tmp_path,
        show(72, 700, "Please wait..."),
        catalog="/NeedsRendering true /AcroForm << /Fields [] /XFA [(datasets) 8 0 R] >>",
        more=("null", drawing(""), stream("<a><b>")),
    )
    (page,) = pages_of(path)
    assert "cannot be read" in page.warnings[0]


def test_key_in_a_file_is_found(tmp_path: Path) -> None:
    path = packed(tmp_path, ("note.txt", "The offer stands.\n"))
    assert holds_key(path, b"/Collection")
    assert not holds_key(path, b"/OCGs")


def test_data_of_an_xfa_form_that_does_not_say_that_it_must_be_drawn_were_missing(tmp_path: Path) -> None:
    path = pdf(
        tmp_path,
        show(72, 700, "Please wait..."),
        catalog="/AcroForm << /Fields [] /XFA [(datasets) 8 0 R] >>",
        more=("null", drawing(""), stream("<data><rent>1,450</rent></data>")),
    )
    assert "rent: 1,450" in "".join(map(text_of, pages_of(path)))
