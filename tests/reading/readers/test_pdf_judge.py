"""pdf.judge: a page with good text is never sent to OCR, whatever its script; garbage is, with its reason."""

from __future__ import annotations

import pytest

from qwen_batch.reading.readers.pdf.judge import (
    Drawn,
    Loose,
    ocr_reason,
    reason_by_look,
    wants_look,
)
from qwen_batch.reading.readers.pdf.rules import boxes_to_rules, has_grid

SCAN = Drawn(image_cover=1.0, images=1, hidden=1.0)
GOOD = {
    "english": "The Supplier shall deliver the goods within thirty days after the order, at its own cost and risk. ",
    "capitals": "IN WITNESS WHEREOF THE PARTIES HAVE EXECUTED THIS AGREEMENT AS OF THE DATE FIRST WRITTEN ABOVE. ",
    "french": "Le présent contrat est régi par le droit français; à défaut, « É » vaut « être » où il est écrit. ",
    "german": "Übergibt der Verkäufer die Ware nicht fristgemäß, so haftet er für den daraus entstehenden Schaden. ",
    "portuguese": "AÇÃO: A OBRIGAÇÃO NÃO É EXIGÍVEL ANTES DA CONCLUSÃO; É, À VISTA DO JUÍZO, INEFICAZ. ",
    "polish": "Umowa została zawarta pomiędzy spółką a wykonawcą; łączna kwota wynosi trzydzieści tysięcy złotych. ",
    "vietnamese": "Hợp đồng này được lập giữa hai bên và có hiệu lực kể từ ngày ký cho đến hết năm. ",
    "russian": "Настоящий договор заключён между поставщиком и покупателем и вступает в силу с момента подписания. ",
    "greek": "Η παρούσα σύμβαση διέπεται από το ελληνικό δίκαιο και τίθεται σε ισχύ από την υπογραφή της. ",
    "arabic": "يخضع هذا العقد لأحكام القانون ويبدأ العمل به من تاريخ التوقيع عليه من الطرفين. ",
    "hebrew": "הסכם זה ייכנס לתוקף במועד חתימתו על ידי שני הצדדים ויעמוד בתוקפו למשך שנה. ",
    "hindi": "यह अनुबंध दोनों पक्षों द्वारा हस्ताक्षर करने की तिथि से प्रभावी होगा। ",
    "thai": "สัญญาฉบับนี้มีผลบังคับใช้ตั้งแต่วันที่ลงนามโดยคู่สัญญาทั้งสองฝ่าย ",
    "chinese": "本合同自双方签字盖章之日起生效，有效期三年，适用中华人民共和国法律。",
    "japanese": "本契約は両当事者が署名した日から効力を生じ、三年間有効とする。",
    "korean": "본 계약은 양 당사자가 서명한 날부터 효력이 발생하며 삼년간 유효하다. ",
    "numbers": "2021 1,204.50 (33.1) 12% 7,881 2022 1,377.02 (41.9) 14% 8,010 2023 1,402.77 (12.0) 13% 8,313\n",
    "code": "for i in range(n):\n    if x[i] != y[i]: return False  # first mismatch\nreturn len(x) == len(y)\n",
    "part_codes": "XK-4471-B QRT/9921 HDPE-200 BRKT-7 MTR-11-QX SNSR-84 CBL-3M PWR-24V-5A\n",
}


@pytest.mark.parametrize("text", [text * 12 for text in GOOD.values()], ids=GOOD)
def test_good_text_is_left_alone(text: str) -> None:
    assert ocr_reason(text, 0, Drawn()) is None
    assert ocr_reason(text, 0, Drawn(image_cover=0.4, images=3)) is None


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"code", "part_codes"}])
def test_an_old_ocr_layer_that_reads_well_is_left_alone(name: str) -> None:
    assert ocr_reason(GOOD[name] * 12, 0, SCAN) is None


def utf8_read_as(encoding: str, text: str) -> str:
    return text.encode("utf-8").decode(encoding, "replace").replace("\ufffd", "")


@pytest.mark.parametrize(
    ("text", "unmapped"),
    [
        ("(cid:12)(cid:7)(cid:44) " * 40, 0),
        ("\ue001\ue002\ue003 word " * 40, 0),
        ("\ufffd\ufffd\ufffd word " * 40, 0),
        ("some words that are there " * 4, 60),
        ("7KLV DJUHHPHQW LV PDGH EHWZHHQ WKH SDUWLHV QDPHG EHORZ DQG WKHLU VXFFHVVRUV " * 12, 0),
        (utf8_read_as("cp1252", GOOD["russian"] * 12), 0),
        (utf8_read_as("cp1252", GOOD["polish"] * 12), 0),
        (utf8_read_as("latin-1", GOOD["greek"] * 12), 0),
    ],
    ids=["cid", "private use", "replacement", "unmapped", "shifted", "russian", "polish", "greek"],
)
def test_garbage_is_garbage(text: str, unmapped: int) -> None:
    assert ocr_reason(text, unmapped, Drawn()) == "garbage_text"


def test_an_old_ocr_layer_of_debris_is_doubted() -> None:
    debris = "Tbe Supp1ier sha11 de!iver tlie g00ds w1tliin tbirtv davs ;; aftcr t~e ordcr, ar 1ts owu c0st aud r|sk. "
    assert ocr_reason(debris * 12, 0, SCAN) == "hidden_text"
    assert ocr_reason(debris * 12, 0, Drawn(image_cover=1.0, images=1)) is None  # not hidden: somebody wrote it so


def test_few_characters_over_a_page_sized_image_are_a_stamp() -> None:
    assert ocr_reason("Received 12 March 2014, Legal Department, copy 3", 0, SCAN) == "image_under_thin_text"


GRID = [(100.0 * column, 20.0 * row, 100.0 * column + 100, 20.0 * row + 20) for column in range(2) for row in range(2)]
FRAME = [(50.0, 50.0, 550.0, 750.0), (54.0, 54.0, 546.0, 746.0)]
HIGHLIGHTS = [(72.0, 700.0 - 14 * row, 300.0 + 17 * row, 713.0 - 14 * row) for row in range(9)]
UNDERLINES = [(72.0, 700.0 - 14 * row, 200.0, 700.5 - 14 * row) for row in range(9)]
RULED = [(0.0, 20.0 * row, 300.0, 20.0 * row) for row in range(4)] + [
    (100.0 * c, 0.0, 100.0 * c, 60.0) for c in range(4)
]


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [(GRID, True), (RULED, True), (FRAME, False), (HIGHLIGHTS, False), (UNDERLINES, False), ([], False)],
    ids=["cell by cell", "ruled", "double frame", "highlights", "underlines", "nothing"],
)
def test_only_crossing_rules_are_a_grid(boxes: list[tuple[float, float, float, float]], *, expected: bool) -> None:
    assert has_grid(boxes_to_rules(boxes)) is expected


def loose(**values: float) -> Loose:
    return Loose(**{"share": 0.5, "ink": 0.02, "pieces": 40, "outline": (0, 0, 60, 80)} | values)


@pytest.mark.parametrize(
    ("reason", "drawn", "seen", "judged"),
    [
        (None, Drawn(0.64, 1), loose(), "words_in_pictures"),  # half a page of scan under text
        (None, Drawn(0.05, 1), loose(pieces=3, share=0.06), "words_in_pictures"),  # an amount in a small picture
        (None, Drawn(1.0, 1), loose(), "words_in_pictures"),  # a scan with a long stamp
        (None, Drawn(0.4, 1), loose(pieces=0), None),  # a photograph
        (None, Drawn(1.0, 1, hidden=1.0), loose(share=0.1, pieces=2), "unproven_layer"),
        (None, Drawn(1.0, 24, hidden=1.0), loose(share=0.6), "hidden_text"),  # an old layer that says half
        ("no_text_layer", Drawn(1.0, 1), loose(ink=0.0001, pieces=0), None),  # a blank scan under typed words
        ("no_text_layer", Drawn(1.0, 1), loose(), "no_text_layer"),
        ("image_under_thin_text", Drawn(1.0, 1), loose(ink=0.0001), None),
        ("image_under_thin_text", Drawn(1.0, 1), loose(), "image_under_thin_text"),
        ("image_under_thin_text", Drawn(1.0, 5), loose(share=0.1, pieces=8), "words_in_pictures"),  # a slide's logos
        ("image_under_thin_text", Drawn(1.0, 1, hidden=1.0), loose(share=0.1), "image_under_thin_text"),
        ("hidden_text", Drawn(1.0, 1, hidden=1.0), loose(share=0.1), "hidden_text"),
    ],
)
def test_what_a_page_shows_beside_its_text_decides(
    reason: str | None, drawn: Drawn, seen: Loose, judged: str | None
) -> None:
    assert wants_look(reason, "few words", drawn) or reason == "hidden_text"
    assert reason_by_look(reason, "few words", drawn, seen) == judged


def test_faint_scan_without_any_text_is_recognised_whatever_is_seen() -> None:
    assert reason_by_look("no_text_layer", "", Drawn(1.0, 1), loose(ink=0.0, pieces=0)) == "no_text_layer"


def test_body_in_outlines_under_a_typed_title_is_looked_at_and_plain_pages_are_not() -> None:
    assert wants_look(None, "Certificate of the financial office", Drawn(segments=12_000))
    assert not wants_look(None, "Certificate", Drawn(0.01, 1, segments=200))
    assert not wants_look("garbage_text", "x", Drawn(1.0, 1))
