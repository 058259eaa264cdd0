"""Forms and notes on a page, each test named after what went wrong."""

from __future__ import annotations

from pathlib import Path

from helpers.seen_pdfs import LINE, drawing, form, page_of, pdf, show, text_of, widget

from qwen_batch.records import HiddenText

COMB = 1 << 24
PASSWORD = 1 << 13


def test_choice_of_radio_buttons_was_missing(tmp_path: Path) -> None:
    look = "/AP << /N << /{0} 6 0 R /Off 6 0 R >> >>"
    group = "<< /FT /Btn /Ff 49152 /T (rent) /V /B /Kids [9 0 R 10 0 R] >>"
    buttons = [
        widget("72 698 84 710", f"/Parent 8 0 R /AS /Off {look.format('A')}"),
        widget("72 678 84 690", f"/Parent 8 0 R /AS /B {look.format('B')}"),
    ]
    path = pdf(
        tmp_path,
        show(90, 700, "Monthly") + show(90, 680, "Quarterly"),
        page="/Annots [9 0 R 10 0 R]",
        catalog="/AcroForm << /Fields [8 0 R] >>",
        more=(drawing(""), "null", group, *buttons),
    )
    assert text_of(page_of(path)) == "☐ Monthly\n☒ Quarterly"


def test_value_of_a_comb_field_came_letter_by_letter(tmp_path: Path) -> None:
    keys = f"/FT /Tx /Ff {COMB} /MaxLen 8 /T (a) /V (30112026) /DA (/Helv 10 Tf 0 g)"
    page = form(tmp_path, show(72, 700, "Date:"), widget("160 695 400 713", keys))
    assert text_of(page) == "Date: 30112026"


def test_look_of_a_signature_was_missing(tmp_path: Path) -> None:
    keys = "/FT /Sig /T (s) /V << /Type /Sig /Filter /Adobe.PPKLite >> /AP << /N 7 0 R >>"
    path = pdf(
        tmp_path,
        show(72, 700, "Signature:"),
        page="/Annots [8 0 R]",
        catalog="/AcroForm << /Fields [8 0 R] >>",
        more=("null", drawing("BT /F1 10 Tf 2 4 Td (Signed by O. Marsvold) Tj ET"), widget("160 695 360 715", keys)),
    )
    assert text_of(page_of(path)) == "Signature: Signed by O. Marsvold"


def test_password_was_shown(tmp_path: Path) -> None:
    keys = f"/FT /Tx /Ff {PASSWORD} /T (a) /V (opensesame)"
    assert "opensesame" not in text_of(form(tmp_path, show(72, 700, "Code:"), widget("160 695 400 713", keys)))


def test_value_between_the_words_of_its_line_was_put_behind_them(tmp_path: Path) -> None:
    content = show(72, 700, "The rent is") + show(240, 700, "Euro a month.")
    page = form(tmp_path, content, widget("140 695 230 713", "/FT /Tx /T (a) /V (1,450)"))
    assert text_of(page) == "The rent is 1,450 Euro a month."


def test_comment_beside_a_line_was_missing(tmp_path: Path) -> None:
    note = "<< /Type /Annot /Subtype /Text /Rect [300 690 320 710] /F 4 /Contents (Not agreed) /T (Ottilie) >>"
    path = pdf(tmp_path, show(72, 700, LINE), page="/Annots [8 0 R]", more=("null", "null", note))
    assert text_of(page_of(path)) == f"{LINE}\n[Comment by Ottilie: Not agreed]"


def test_note_that_is_hidden_was_shown(tmp_path: Path) -> None:
    note = "<< /Type /Annot /Subtype /FreeText /Rect [300 600 500 620] /F 2 /Contents (draft only) >>"
    page = page_of(pdf(tmp_path, show(72, 700, LINE), page="/Annots [8 0 R]", more=("null", "null", note)))
    assert text_of(page) == LINE
    assert page.hidden == (HiddenText("field", "draft only"),)


def test_a_stamp_without_a_look_was_missing(tmp_path: Path) -> None:
    stamp = "<< /Type /Annot /Subtype /Stamp /Name /SBNotApproved /Rect [300 600 500 620] /F 4 >>"
    path = pdf(tmp_path, show(72, 700, LINE), page="/Annots [8 0 R]", more=("null", "null", stamp))
    assert text_of(page_of(path)) == f"{LINE}\nNot Approved"


def test_files_pinned_to_a_page_were_left_out_without_a_word(tmp_path: Path) -> None:
    pin = "<< /Type /Annot /Subtype /FileAttachment /Rect [300 600 320 620] /F 4 /FS << /F (a.pdf) >> >>"
    page = page_of(pdf(tmp_path, show(72, 700, LINE), page="/Annots [8 0 R]", more=("null", "null", pin)))
    assert page.warnings == ("1 files that are pinned to this page were not read: save them as files of their own",)


def test_a_note_in_a_layer_that_is_off_was_read(tmp_path: Path) -> None:
    def note(layer: str, y: int) -> str:
        keys = f"/F 4 /OC {layer} 0 R /AP << /N 7 0 R >> /Contents (in layer {layer})"
        return f"<< /Type /Annot /Subtype /FreeText /Rect [300 {y} 500 {y + 20}] {keys} >>"

    path = pdf(
        tmp_path,
        show(72, 700, LINE),
        page="/Annots [8 0 R 9 0 R]",
        catalog="/OCProperties << /OCGs [6 0 R 10 0 R] /D << /OFF [6 0 R] >> >>",
        more=(
            "<< /Type /OCG /Name (off) >>",
            drawing("0 0 1 rg 0 0 50 20 re f"),
            note("6", 600),
            note("10", 500),
            "<< /Type /OCG /Name (on) >>",
        ),
    )
    page = page_of(path)
    assert text_of(page) == f"{LINE}\nin layer 10"
    assert page.hidden == (HiddenText("layer", "in layer 6"),)


def test_second_box_of_a_row_stood_behind_its_own_label(tmp_path: Path) -> None:
    keys = "/FT /Btn /T ({0}) /V /{1} /AS /{1} /AP << /N << /Yes 6 0 R /Off 6 0 R >> >>"
    boxes = [
        widget("72 698 84 710", keys.format("a", "Yes")),
        widget("152 698 164 710", keys.format("b", "Off")),
    ]
    path = pdf(
        tmp_path,
        show(90, 700, "Debit") + show(170, 700, "Cash"),
        page="/Annots [8 0 R 9 0 R]",
        catalog="/AcroForm << /Fields [8 0 R 9 0 R] >>",
        more=(drawing(""), "null", *boxes),
    )
    assert text_of(page_of(path)) == "☒ Debit ☐ Cash"
