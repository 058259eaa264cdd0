"""text: any encoding, judged by the letters of the languages that are written in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.read import pages_of, texts, write

from qwen_batch.reading.parts.encoding import bytes_to_text, encoding_of

SENTENCES = {
    "german": "Die Lieferung erfolgt gemäß § 5 frei Haus; Mängel sind unverzüglich zu rügen.",
    "french": "Le locataire règle le loyer à échéance, faute de quoi il paie des pénalités fixées ci-après.",
    "swedish": "Säljaren ansvarar för fel som förelåg när köparen tog över bostaden, såvida inte annat följer.",
    "danish": "Køberen hæfter for beløbet, når varen er sendt på aftalt måde.",
    "portuguese": "As condições de pagamento não são alteráveis após a conclusão da operação.",
    "polish": "Najemca zobowiązuje się płacić czynsz z góry; późniejsza wpłata będzie źródłem odsetek.",
    "czech": "Nájemce je povinen hradit nájemné předem, nejpozději však pátého dne příslušného měsíce.",
    "hungarian": "A bérlő köteles a bérleti díjat előre, a hónap ötödik napjáig megfizetni a bérbeadónak.",
    "turkish": "Kiracı, kira bedelini her ayın beşinci gününe kadar ödemekle yükümlüdür; gecikmede faiz işler.",
    "russian": "Арендатор обязан вносить арендную плату ежемесячно не позднее пятого числа.",
    "ukrainian": "Орендар зобов’язаний вносити плату щомісяця до п’ятого числа включно.",
    "greek": "Ο μισθωτής οφείλει να καταβάλλει το μίσθωμα μέχρι την πέμπτη ημέρα κάθε μήνα.",
    "chinese": "承租人应当于每月五日前支付租金，逾期支付的，应按日加收滞纳金。",
    "traditional": "承租人應於每月五日前給付租金，逾期者應按日加收違約金，並負擔催告費用。",
    "japanese": "借主は毎月末日までに翌月分の賃料を貸主の指定する口座に振り込んで支払うものとする。",
    "korean": "임차인은 매월 말일까지 임대인이 지정하는 계좌로 다음 달 차임을 지급하여야 한다.",
}
ENCODINGS = [
    *[(name, "cp1252") for name in ("german", "french", "swedish", "danish", "portuguese")],
    *[(name, encoding) for name in ("polish", "czech", "hungarian") for encoding in ("cp1250", "iso8859-2")],
    *[("turkish", encoding) for encoding in ("cp1254", "iso8859-9")],
    *[("russian", encoding) for encoding in ("cp1251", "koi8-r", "iso8859-5", "cp866")],
    ("ukrainian", "cp1251"),
    *[("greek", encoding) for encoding in ("cp1253", "iso8859-7")],
    ("chinese", "gb18030"),
    ("traditional", "big5"),
    *[("japanese", encoding) for encoding in ("shift_jis", "euc_jp", "iso2022_jp")],
    ("korean", "euc_kr"),
]
ENGLISH = "The parties agree that payment is due within thirty days of the receipt of the invoice.\n"


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
@pytest.mark.parametrize("around", ["", ENGLISH * 20], ids=["alone", "within English"])
def test_sentence_in_the_encoding_of_its_language(tmp_path: Path, language: str, encoding: str, around: str) -> None:
    text = around + SENTENCES[language] + "\n" + around
    data = text.encode(encoding, "ignore")
    page = pages_of(write(tmp_path / "a.txt", data))[0]
    assert "\n".join(line.text for line in page.lines) == data.decode(encoding)


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-8-sig"])
def test_every_language_in_unicode(tmp_path: Path, language: str, encoding: str) -> None:
    page = pages_of(write(tmp_path / "a.md", SENTENCES[language].encode(encoding)))[0]
    assert texts(page) == [SENTENCES[language]]


@pytest.mark.parametrize(
    ("encoding", "order"), [("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)]
)
def test_wide_letters_without_a_mark(encoding: str, order: int) -> None:
    data = ENGLISH.encode(encoding)
    assert len(data) == order * len(ENGLISH)
    assert bytes_to_text(data) == ENGLISH


@pytest.mark.parametrize("language", ["russian", "greek", "chinese", "japanese", "korean"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_other_scripts_in_utf16_without_a_mark(language: str, encoding: str) -> None:
    text = f"{SENTENCES[language]}\n{SENTENCES[language]}\n"
    assert bytes_to_text(text.encode(encoding)) == text


def test_euro_sign_of_latin_9_is_no_currency_sign() -> None:
    assert bytes_to_text("Gebühr: 300 €".encode("iso8859-15")) == "Gebühr: 300 €"


def test_valid_utf8_is_believed_more_than_what_the_file_says() -> None:
    assert bytes_to_text("Größe".encode(), "iso-8859-1") == "Größe"


def test_a_declared_encoding_is_believed_unless_it_is_impossible() -> None:
    assert bytes_to_text("Größe".encode("cp1252"), "windows-1252") == "Größe"
    assert bytes_to_text("Größe".encode("cp1252"), "utf-8") == "Größe"
    assert bytes_to_text("Größe".encode("cp1252"), "rot13") == "Größe"
    assert bytes_to_text("Größe".encode("cp1252"), "no such thing") == "Größe"


def test_bytes_that_are_no_language_still_become_text() -> None:
    assert encoding_of(b"price \xa3 5 \x99") == "cp1252"
    assert bytes_to_text(b"price \xa3 5 \x99") == "price £ 5 ™"


@pytest.mark.parametrize("around", ["", "plain words\n" * 8000], ids=["early", "late"])
@pytest.mark.parametrize("declared", [None, "utf-8"])
def test_one_bad_byte_in_utf8_changes_nothing_else(around: str, declared: str | None) -> None:
    text = "Müller, Größe\n" * 30
    assert bytes_to_text((around + text).encode() + b"it\x92s\n", declared) == f"{around}{text}it’s\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Zoë Café", "cp1252"),
        ("上海分公司,合同", "gb18030"),
        ("株式会社東京", "cp932"),
        ("서울본사,계약", "euc_kr"),
        ("договор аренды", "koi8-r"),
        ("Łódź, źródło, świętą", "cp1250"),
        ("Łódź", "utf-8"),
    ],
)
def test_a_late_line_in_an_encoding_is_read(text: str, encoding: str) -> None:
    plain = "number,name,amount\n" * 3000
    assert bytes_to_text(plain.encode() + text.encode(encoding)) == plain + text


def test_one_bad_byte_in_a_declared_encoding_changes_nothing_else(tmp_path: Path) -> None:
    text = "上海合同公司\n" * 20
    assert bytes_to_text(text.encode("gb18030") + b"\xff x", "gb2312") == f"{text}\ufffd x"
    page = pages_of(write(tmp_path / "a.txt", text.encode("gb18030") + b"\xff x"))[0]
    assert page.warnings == ("1 characters could not be read: they are in another encoding than the rest, or damaged",)


@pytest.mark.parametrize("declared", ["utf-16le", "utf-16", "utf-32"])
def test_wide_letters_declared_of_narrow_bytes_are_not_believed(declared: str) -> None:
    assert bytes_to_text(b"Barley order", declared) == "Barley order"
    assert bytes_to_text("Café".encode("cp1252"), declared) == "Café"
    assert bytes_to_text("Café".encode(), declared) == "Café"


def test_a_picture_written_into_markdown_was_read_as_letters(tmp_path: Path) -> None:
    (page,) = pages_of(
        write(tmp_path / "a.md", b"# Offer\n\n![](data:image/png;base64," + b"iVBORw0KGgo" * 40 + b")\n")
    )
    assert texts(page) == ["# Offer", "![](picture)"]
    assert any("picture" in warning for warning in page.warnings)


def test_a_line_keeps_its_number_over_empty_lines_and_pages(tmp_path: Path) -> None:
    pages = pages_of(write(tmp_path / "a.txt", b"one\n\nthree\n\ffour\nfive"))
    numbers = {line.text: line.number for page in pages for line in page.lines if line.text}
    assert numbers == {"one": 1, "three": 3, "four": 4, "five": 5}
