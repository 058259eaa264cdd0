"""What a reader of a page sees: each test draws its own small page. Named after what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.seen_pdfs import LINE, drawing, form, page_of, pdf, show, text_of, widget

from qwen_batch.records import HiddenText


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("white", show(72, 600, "secret words", "1 g")),
        ("tiny", show(72, 600, "secret words", size=0.8)),
        ("transparent", show(72, 600, "secret words", "3 Tr")),
        ("covered", show(72, 600, "secret words") + "1 g 60 590 300 30 re f\n"),
        ("clipped", show(72, 600, "secret words", "400 100 50 50 re W n")),
    ],
)
def test_text_that_nobody_sees_was_read(tmp_path: Path, kind: str, drawn: str) -> None:
    page = page_of(pdf(tmp_path, show(72, 700, LINE) + drawn))
    assert text_of(page) == LINE
    assert page.hidden == (HiddenText(kind, "secret words"),)  # type: ignore[arg-type]


def test_white_letters_on_a_dark_box_are_seen(tmp_path: Path) -> None:
    page = page_of(
        pdf(tmp_path, show(72, 700, LINE) + "0 0 .4 rg 60 590 300 30 re f\n" + show(72, 600, "Title", "1 g"))
    )
    assert text_of(page) == f"{LINE}\nTitle"
    assert page.hidden == ()


@pytest.mark.parametrize("box_first", [False, True])
def test_words_under_a_black_box_were_kept(tmp_path: Path, box_first: bool) -> None:
    box, words = "0 g 132 596 62 14 re f\n", show(72, 600, "Account no. 7741-889-20 at the bank")
    page = page_of(pdf(tmp_path, show(72, 700, LINE) + (box + words if box_first else words + box)))
    assert "889" not in text_of(page) + "".join(piece.text for piece in page.hidden)
    assert text_of(page).endswith("at the bank")
    assert page.hidden == (HiddenText("covered", ""),)


@pytest.mark.parametrize("how", ["/OC /L0 BDC {} EMC\n", "/X0 Do\n"])
def test_layer_that_is_switched_off_was_read(tmp_path: Path, how: str) -> None:
    secret = show(72, 600, "secret words")
    fonts = "/Resources << /Font << /F1 3 0 R >> >>"
    inner = f"<< /Subtype /Form /BBox [0 0 612 792] /OC 6 0 R {fonts} /Length {len(secret)} >>"
    layer = "<< /Type /OCG /Name (old) >>"
    catalog = "/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"
    content = show(72, 700, LINE) + how.format(secret)
    page = page_of(pdf(tmp_path, content, catalog=catalog, more=(layer, f"{inner}\nstream\n{secret}\nendstream")))
    assert text_of(page) == LINE
    assert page.hidden == (HiddenText("layer", "secret words"),)


def test_values_of_a_form_were_missing(tmp_path: Path) -> None:
    content = show(72, 700, "Tenant:") + show(72, 660, "State:") + show(72, 620, "Regions:")
    page = form(
        tmp_path,
        content,
        widget("160 695 400 713", "/FT /Tx /T (a) /V (Ottilie Marsvold)"),
        widget("160 655 400 673", "/FT /Ch /Ff 131072 /T (b) /Opt [[(OR) (Oregon)] [(NV) (Nevada)]] /V (OR)"),
        widget(
            "160 600 400 640", "/FT /Ch /Ff 2097152 /T (c) /Opt [(Highland) (Lowland) (Coast)] /V [(Highland) (Coast)]"
        ),
        "<< /Type /Annot /Subtype /Widget /Rect [160 555 400 573] /F 2 /FT /Tx /T (d) /V (not shown) >>",
    )
    assert text_of(page) == "Tenant: Ottilie Marsvold\nState: Oregon\nRegions: Highland, Coast"
    assert page.hidden == (HiddenText("field", "not shown"),)


def test_ticked_boxes_were_missing(tmp_path: Path) -> None:
    content = show(90, 700, "Monthly") + show(90, 680, "Quarterly") + show(72, 640, "Renewal:    Yes      No")
    look = "/FT /Btn /AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    page = form(
        tmp_path,
        content,
        widget("72 698 84 710", f"{look} /T (a) /V /Off /AS /Off"),
        widget("72 678 84 690", f"{look} /T (b) /V /Yes /AS /Yes"),
    )
    assert text_of(page).split("\n")[:2] == ["☐ Monthly", "☒ Quarterly"]


@pytest.mark.parametrize(
    "keys", ["/Subtype /FreeText /Contents (Amended in May)", "/Subtype /Stamp /AP << /N 7 0 R >>"]
)
def test_words_typed_or_stamped_on_a_page_were_missing(tmp_path: Path, keys: str) -> None:
    look = "BT /F1 10 Tf 2 4 Td (Amended in May) Tj ET"
    annotation = f"<< /Type /Annot {keys} /Rect [300 600 500 620] /F 4 /DA (/Helv 10 Tf) >>"
    path = pdf(
        tmp_path,
        show(72, 700, LINE),
        page="/Annots [8 0 R]",
        more=("null", drawing(look), annotation),
    )
    assert text_of(page_of(path)) == f"{LINE}\nAmended in May"


def test_struck_amount_read_as_valid(tmp_path: Path) -> None:
    content = show(72, 700, "The deposit is EUR 5,000 EUR 3,500 payable at once.") + "1 w 143 704 m 196 704 l S\n"
    assert text_of(page_of(pdf(tmp_path, content))) == "The deposit is ~~EUR 5,000~~ EUR 3,500 payable at once."


def test_an_underline_is_no_strike(tmp_path: Path) -> None:
    content = show(72, 700, "The deposit is EUR 5,000 EUR 3,500 payable at once.") + "1 w 143 698 m 196 698 l S\n"
    assert "~~" not in text_of(page_of(pdf(tmp_path, content)))


def test_words_struck_by_an_annotation_read_as_valid(tmp_path: Path) -> None:
    quads = "143 710 196 710 143 698 196 698"
    strike = f"<< /Type /Annot /Subtype /StrikeOut /Rect [143 698 196 710] /QuadPoints [{quads}] /F 4 >>"
    path = pdf(
        tmp_path,
        show(72, 700, "The deposit is EUR 5,000 EUR 3,500 payable at once."),
        page="/Annots [8 0 R]",
        more=("null", "null", strike),
    )
    assert text_of(page_of(path)) == "The deposit is ~~EUR 5,000~~ EUR 3,500 payable at once."


def test_a_tree_of_fields_that_doubles_with_each_level_costs_a_page_without_fields_nothing(tmp_path: Path) -> None:
    """pdfium walked it for ever as the forms of a document were made ready."""
    levels = [f"<< /Kids [{number + 1} 0 R {number + 1} 0 R] /Parent {number - 1} 0 R >>" for number in range(9, 60)]
    tree = ("null", "null", "<< /Kids [9 0 R 9 0 R] >>", *levels, "<< /FT /Tx /V (x) >>")
    path = pdf(tmp_path, show(72, 700, LINE), catalog="/AcroForm << /Fields [8 0 R] >>", more=tree)
    assert text_of(page_of(path)) == LINE
