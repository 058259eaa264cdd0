"""readers: what each kind of file becomes, and which failure each kind of broken file is."""

from __future__ import annotations

import io
import random
from email.message import EmailMessage
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document as DocxDocument
from helpers.places import SHARED_DATA
from helpers.read import SETTINGS, failure_of, pages_of, read, write
from PIL import Image, TiffImagePlugin
from pptx import Presentation

from qwen_batch.config import ReadSettings
from qwen_batch.outcomes import Failure
from qwen_batch.plugins import load_plugin, plugin_names
from qwen_batch.reading.parts.reader import Reader, document_to_pages, reader_for, sniff_mime
from qwen_batch.reading.readers.pdf import line_words
from qwen_batch.reading.readers.pdf.judge import Drawn, ocr_reason
from qwen_batch.reading.readers.pdf.tables import Table, TableRow, lines_with_tables
from qwen_batch.records import Box, Document, Line

needs_data = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no sample documents in {SHARED_DATA}")


def pdf_bytes(contents: list[str], page_keys: str = "/MediaBox [0 0 612 792]") -> bytes:
    """A PDF with one page for each content stream; its font is /F1."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, content in enumerate(contents):
        resources = "/Resources << /Font << /F1 3 0 R >> >>"
        objects.extend(
            (
                f"<< /Type /Page /Parent 2 0 R {page_keys} {resources} /Contents {5 + 2 * index} 0 R >>",
                f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
            )
        )
    body, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + table + trailer).encode("latin-1")


def show(x: float, y: float, text: str, size: int = 12) -> str:
    return f"BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n"


# What a file is


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [
        ("a.pdf", b"%PDF-1.7\n1 0 obj", "application/pdf"),
        ("junk.bin", b"junk\n\n%PDF-1.4\n1 0 obj", "application/pdf"),
        ("about.txt", b"A PDF begins with %PDF-1.7, they say.", "text/plain"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        ("a.txt", b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        ("a", b"II*\0\x08\0\0\0", "image/tiff"),
        ("a.md", b"# Title", "text/markdown"),
        ("a.txt", "déjà vu".encode("utf-16"), "text/plain"),
        ("a.txt", "合同编号".encode("gb18030"), "text/plain"),
        ("a.bin", bytes(range(256)) * 8, "application/octet-stream"),
        ("a.txt", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("a.gif", b"GIF89a\x01\0\x01\0", "image/gif"),
        ("a.png", b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "image/bmp"),
        ("a.bmp", b"BM stands for Bureau of Mines, and for nothing else.", "text/plain"),
        ("a.docx", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0", "application/zip; damaged"),
        ("a.txt", b"{\\rtf1\\ansi Text}", "application/rtf"),
        ("empty.txt", b"", "application/octet-stream"),
    ],
)
def test_mime_comes_from_the_content(tmp_path: Path, name: str, data: bytes, mime: str) -> None:
    assert sniff_mime(write(tmp_path / name, data)) == mime


@pytest.mark.parametrize("name", plugin_names("qwen_batch.reading.readers"))
def test_every_reader_is_found_by_its_mimes(name: str) -> None:
    reader = load_plugin("qwen_batch.reading.readers", name, "READER")
    assert isinstance(reader, Reader)
    assert all(reader_for(mime) is reader for mime in reader.mimes)


# Failures: every one a value with a code


def test_zero_bytes_is_empty_file(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.pdf", b"")).code == "empty_file"


def test_size_is_checked_before_reading(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.txt", b"x" * 4096), ReadSettings(max_file_mb=0.001)).code == "too_large"


def test_unknown_kind_is_unsupported(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.bin", bytes(range(256)) * 8)).code == "unsupported"


def test_missing_file_is_unreadable() -> None:
    failure = document_to_pages(Document("id", "x", "application/pdf", 1), Path("/nowhere/x.pdf"), SETTINGS)
    assert isinstance(failure, Failure)
    assert (failure.code, failure.retryable) == ("unreadable", True)


def test_truncated_pdf_is_damaged(tmp_path: Path) -> None:
    assert failure_of(write(tmp_path / "a.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type")).code == "damaged"


def test_too_many_pages(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", pdf_bytes([show(72, 700, "page")] * 3))
    assert failure_of(path, ReadSettings(max_pages=2)).code == "too_many_pages"


def test_image_with_too_many_pixels_is_refused_before_decoding(tmp_path: Path) -> None:
    Image.new("1", (2000, 2000)).save(tmp_path / "a.png")
    assert failure_of(tmp_path / "a.png", ReadSettings(max_megapixels=1)).code == "too_large"


def test_truncated_image_is_damaged(tmp_path: Path) -> None:
    failure = failure_of(write(tmp_path / "a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))
    assert failure.code == "damaged"


# PDF


def test_lines_have_boxes_from_the_top_left(tmp_path: Path) -> None:
    (page,) = pages_of(
        write(tmp_path / "a.pdf", pdf_bytes([show(72, 700, "Hello world") + show(72, 680, "Second line")]))
    )
    assert [line.text for line in page.lines] == ["Hello world", "Second line"]
    box = page.lines[0].box
    assert box.x0 == pytest.approx(72, abs=3)
    assert box.y1 == pytest.approx(792 - 700, abs=4)
    assert box.y0 < page.lines[1].box.y0


@pytest.mark.parametrize(
    ("rotation", "size", "corner"),
    [
        (0, (500, 700), (52, 92)),
        (90, (700, 500), (608, 52)),
        (180, (500, 700), (448, 608)),
        (270, (700, 500), (92, 448)),
    ],
)
def test_boxes_follow_rotation_and_crop_box(
    tmp_path: Path, rotation: int, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    keys = f"/MediaBox [0 0 612 792] /CropBox [20 42 520 742] /Rotate {rotation}"
    path = write(tmp_path / "a.pdf", pdf_bytes([show(72, 650, "Corner")], keys))
    (page,) = pages_of(path)
    assert (page.width, page.height) == size
    box = page.lines[0].box
    near = [(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
    assert any(abs(x - corner[0]) < 5 and abs(y - corner[1]) < 5 for x, y in near)
    image = reader_for("application/pdf").render(path, 1, 72, SETTINGS)
    ink = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    assert ink == pytest.approx((box.x0, box.y0, box.x1, box.y1), abs=4)


def test_word_boxes_on_demand(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", pdf_bytes([show(72, 700, "Hello wide world") + show(72, 600, "Other")]))
    (page,) = pages_of(path)
    ((words,),) = line_words(path, {1: [page.lines[0].box]}).values()
    assert [word.text for word in words] == ["Hello", "wide", "world"]
    assert words[0].box.x1 < words[1].box.x0


def test_page_without_anything_needs_no_ocr(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "a.pdf", pdf_bytes([""])))
    assert (page.lines, page.needs_ocr) == ((), None)


def test_scan_needs_ocr(tmp_path: Path) -> None:
    Image.new("L", (600, 800), 200).save(tmp_path / "a.pdf", resolution=72)
    (page,) = pages_of(tmp_path / "a.pdf")
    assert page.needs_ocr == "no_text_layer"


GRID = "".join(f"{x} 600 m {x} 690 l S\n" for x in (70, 170, 270)) + "".join(
    f"70 {y} m 270 {y} l S\n" for y in (600, 630, 660, 690)
)


def test_ruled_table_becomes_markdown_rows(tmp_path: Path) -> None:
    cells = [("Item", "Price"), ("Apple", "3"), ("Pear", "4")]
    text = "".join(
        show(75 + 100 * column, 670 - 30 * row, cell, 10)
        for row, pair in enumerate(cells)
        for column, cell in enumerate(pair)
    )
    content = (
        show(72, 720, "A table follows here, after this line")
        + GRID
        + text
        + show(72, 560, "and this line comes after it")
    )
    (page,) = pages_of(write(tmp_path / "a.pdf", pdf_bytes([content])))
    assert [line.text for line in page.lines] == [
        "A table follows here, after this line",
        "| Item | Price |",
        "| --- | --- |",
        "| Apple | 3 |",
        "| Pear | 4 |",
        "and this line comes after it",
    ]
    assert [line.kind for line in page.lines] == ["text", *["table"] * 4, "text"]
    assert page.lines[3].box.y0 == pytest.approx(792 - 660, abs=2)


def test_table_that_lacks_the_lines_text_leaves_the_lines_alone() -> None:
    lines = [Line("All of this text stands inside the frame", Box(0, 0, 100, 10))]
    rows = tuple(TableRow(("a", "b"), Box(0, y, 100, y + 5)) for y in (0, 5))
    assert lines_with_tables(lines, [Table(rows, Box(0, 0, 100, 10))]) == tuple(lines)


@pytest.mark.parametrize(
    ("text", "unmapped", "drawn", "reason"),
    [
        ("", 0, Drawn(), None),
        ("", 0, Drawn(image_cover=0.9, images=1), "no_text_layer"),
        ("", 0, Drawn(segments=5000), "no_text_layer"),
        ("EXHIBIT A", 0, Drawn(segments=4), None),
        ("Page 3", 0, Drawn(image_cover=0.9, images=1), "no_text_layer"),
        (
            "Downloaded from the archive of the county court",
            0,
            Drawn(image_cover=0.98, images=1),
            "image_under_thin_text",
        ),
        ("A sentence like many others. " * 50, 0, Drawn(image_cover=0.98, images=1), None),
        ("(cid:12)(cid:7)(cid:44)" * 20, 0, Drawn(), "garbage_text"),
        ("\ue001\ue002 text \ue003" * 20, 0, Drawn(), "garbage_text"),
        ("some text that is there", 40, Drawn(), "garbage_text"),
        ("7KLV DJUHHPHQW LV PDGH " * 30, 0, Drawn(), "garbage_text"),
        ("\uf0b7 a bullet and then an ordinary sentence\n" * 5, 0, Drawn(), None),
    ],
)
def test_why_a_page_needs_ocr(text: str, unmapped: int, drawn: Drawn, reason: str | None) -> None:
    assert ocr_reason(text, unmapped, drawn) == reason


# Images


def test_every_tiff_frame_is_a_page_that_needs_ocr(tmp_path: Path) -> None:
    frames = [Image.new("L", (850, 1100), 255) for _ in range(3)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:], dpi=(100, 100))
    pages = pages_of(tmp_path / "a.tif")
    assert [(page.number, page.needs_ocr) for page in pages] == [(1, "image"), (2, "image"), (3, "image")]
    assert (pages[2].width, pages[2].height) == pytest.approx((612, 792))


def test_image_keeps_its_own_pixels_and_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (1100, 850), "white").save(tmp_path / "a.jpg", dpi=(100, 100), exif=exif)
    (page,) = pages_of(tmp_path / "a.jpg")
    assert (page.width, page.height) == pytest.approx((612, 792))
    image = reader_for("image/jpeg").render(tmp_path / "a.jpg", 1, 200, SETTINGS)
    assert (image.mode, image.size) == ("L", (850, 1100))  # resampled twice, figures are misread


def test_transparent_image_gets_white_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(tmp_path / "a.png")
    image = reader_for("image/png").render(tmp_path / "a.png", 1, 96, SETTINGS)
    assert image.getextrema() == (255, 255)


def test_thumbnail_in_a_tiff_counted_as_a_page(tmp_path: Path) -> None:
    page, small = Image.new("L", (850, 1100), 255), Image.new("L", (85, 110), 0)
    page.save(tmp_path / "silent.tif", save_all=True, append_images=[small])
    with TiffImagePlugin.AppendingTiffWriter(str(tmp_path / "said.tif"), new=True) as file:
        for frame, kind in ((Image.new("L", (425, 550), 0), 1), (page, 0), (page, 2)):
            frame.save(file, "TIFF", tiffinfo={254: kind})
            file.newFrame()
    for name, count in (("silent.tif", 1), ("said.tif", 2)):
        pages = pages_of(tmp_path / name)
        assert [found.number for found in pages] == list(range(1, count + 1))
        images = [reader_for("image/tiff").render(tmp_path / name, at, 300, SETTINGS) for at in range(1, count + 1)]
        assert {(image.size, image.getpixel((5, 5))) for image in images} == {((850, 1100), 255)}


def test_tiff_of_small_pictures_only_keeps_them_all(tmp_path: Path) -> None:
    frames = [Image.new("L", (200, 100), 255) for _ in range(3)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert len(pages_of(tmp_path / "a.tif")) == 3


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif", "a.gif"])
@pytest.mark.parametrize(("letters", "paper"), [(255, 0), (0, 255)])
def test_white_letters_on_transparency_vanished(tmp_path: Path, name: str, letters: int, paper: int) -> None:
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    image.paste((letters, letters, letters, 255), (100, 100, 200, 120))
    image.save(tmp_path / name)
    shown = reader_for(sniff_mime(tmp_path / name)).render(tmp_path / name, 1, 300, SETTINGS)
    assert (shown.mode, shown.getpixel((150, 110)), shown.getpixel((10, 10))) == ("L", letters, paper)


def test_colour_stays_where_there_is_coloured_ink_and_only_there(tmp_path: Path) -> None:
    stamped = Image.new("RGB", (400, 400), "white")
    stamped.paste((200, 20, 20), (100, 100, 200, 120))
    stamped.save(tmp_path / "stamp.png")
    Image.new("RGB", (400, 400), (200, 20, 20)).save(tmp_path / "red_paper.png")
    modes = [
        reader_for("image/png").render(tmp_path / name, 1, 300, SETTINGS).mode
        for name in ("stamp.png", "red_paper.png")
    ]
    assert modes == ["RGB", "L"]


# Scans in PDF files


def scan_pdf(path: Path, size: tuple[int, int], media: tuple[float, float], keys: str = "") -> Path:
    """A PDF whose page is one grey image, by Pillow, with another size of its page."""
    Image.new("L", size, 200).save(path, resolution=72)
    box = f"/MediaBox [ 0 0 {size[0]}.0 {size[1]}.0 ]".encode()
    data = path.read_bytes()
    assert box in data
    content = f"{size[0]}.000000 0 0 {size[1]}.000000 0 0 cm".encode()
    data = data.replace(box, f"/MediaBox [ 0 0 {media[0]} {media[1]} ] {keys}".encode())
    return write(path, data.replace(content, f"{media[0]} 0 0 {media[1]} 0 0 cm".encode()))


@pytest.mark.parametrize(
    ("media", "keys"),
    [((59.5, 84.2), "/UserUnit 10"), ((595, 842), ""), ((5950, 8420), "")],
)
def test_scan_whose_page_states_an_odd_size_is_drawn_in_its_own_pixels(
    tmp_path: Path, media: tuple[float, float], keys: str
) -> None:
    path = scan_pdf(tmp_path / "a.pdf", (1240, 1754), media, keys)
    image = reader_for("application/pdf").render(path, 1, 300, SETTINGS)
    assert image.size == pytest.approx((1240, 1754), abs=3)


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_unicode(tmp_path: Path, encoding: str) -> None:
    (page,) = pages_of(write(tmp_path / "a.txt", "First line\r\nзeile zwei\n".encode(encoding)))
    assert [line.text for line in page.lines] == ["First line", "зeile zwei", ""]
    assert page.lines[0].box == Box(0, 0, 0, 0)


def test_text_in_gb18030_and_cp1252(tmp_path: Path) -> None:
    chinese, western = "甲方：北京某公司\n乙方：上海某公司", "Müller & Söhne – “Vertrag” über 5 €"
    assert pages_of(write(tmp_path / "zh.txt", chinese.encode("gb18030")))[0].lines[0].text == "甲方：北京某公司"
    assert pages_of(write(tmp_path / "de.txt", western.encode("cp1252")))[0].lines[0].text == western


def test_form_feed_ends_a_page(tmp_path: Path) -> None:
    assert len(pages_of(write(tmp_path / "a.txt", b"one\n\ftwo\n\fthree\n\f"))) == 3


# Images of every kind


def half_black(mode: str) -> Image.Image:
    """A picture whose left half is black and whose right half is white."""
    image = Image.new("RGB", (400, 300), "white")
    image.paste("black", (0, 0, 200, 300))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "name"),
    [
        ("RGB", "a.webp"),
        ("CMYK", "a.jpg"),
        ("CMYK", "a.tif"),
        ("YCbCr", "a.tif"),
        ("P", "a.png"),
        ("1", "a.png"),
        ("1", "a.tif"),
        ("LA", "a.png"),
        ("I;16", "a.png"),
        ("I;16", "a.tif"),
        ("I", "a.tif"),
        ("F", "a.tif"),
        ("RGB", "a.gif"),
        ("RGB", "a.bmp"),
    ],
)
def test_pictures_of_every_mode_keep_their_black_and_white(tmp_path: Path, mode: str, name: str) -> None:
    image = half_black("L").convert("I").point(lambda value: value * 257 + 0) if mode[0] == "I" else half_black(mode)
    image.convert(mode).save(tmp_path / name)
    (page,) = pages_of(tmp_path / name)
    assert (page.needs_ocr, page.warnings) == ("image", ())
    grey = reader_for(sniff_mime(tmp_path / name)).render(tmp_path / name, 1, 96, SETTINGS)
    assert grey.mode == "L"
    assert (grey.getpixel((10, 10)), grey.getpixel((grey.width - 10, 10))) == (0, 255)


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif"])
def test_of_an_animation_the_first_frame_is_read_with_a_warning(tmp_path: Path, name: str) -> None:
    half_black("RGB").save(tmp_path / name, save_all=True, append_images=[Image.new("RGB", (400, 300), "red")])
    (page,) = pages_of(tmp_path / name)
    assert "first of its 2 frames" in page.warnings[0]


# Any file at all


def a_file_of_each_kind() -> dict[str, bytes]:
    """Small files by name, made by the libraries that people make them with."""
    made = {}
    for name, save in {"a.docx": DocxDocument().save, "a.pptx": Presentation().save}.items():
        file = io.BytesIO()
        save(file)
        made[name] = file.getvalue()
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("S").write_row(0, 0, ["a", 1, 2.5])
    made["a.xlsx"] = file.getvalue()
    made["a.html"] = b"<html><h1>T</h1><table><tr><td>1<td>2<tr><td>3<td>4</table>" * 9
    made["a.csv"] = b"a,b,c\n1,2,3\n" * 40
    made["a.rtf"] = rb"{\rtf1\ansi {\fonttbl\f0 Arial;}Text \'e9\par\trowd A\cell B\cell\row}" * 3
    mail = EmailMessage()
    mail["Subject"], mail["Message-ID"] = "s", "<1@x>"
    mail.set_content("text")
    mail.add_attachment(made["a.docx"], maintype="application", subtype="octet-stream", filename="a.docx")
    made["a.eml"] = mail.as_bytes()
    return made


@pytest.mark.parametrize("name", a_file_of_each_kind())
def test_broken_files_are_values_never_exceptions(tmp_path: Path, name: str) -> None:
    """Thirty times cut off, thirty times with ten wrong bytes: pages, or a failure with one of the codes."""
    data = a_file_of_each_kind()[name]
    for seed in range(60):
        chance = random.Random(seed)
        broken = bytearray(data)
        if seed % 2:
            del broken[chance.randrange(1, len(broken)) :]
        else:
            for _ in range(10):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        result = read(write(tmp_path / name, bytes(broken)))
        code = result.code if isinstance(result, Failure) else "read"
        assert code in {"read", "damaged", "unsupported", "encrypted", "too_large"}, (seed, result)


# Real documents

KINDS = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".eml": "message/rfc822", ".html": "text/html"}
NOT_WHAT_THEIR_NAME_SAYS = {
    "csv-single-column.csv": "text/plain",
    "csv-tab.csv": "text/tab-separated-values",
    "fake-email.txt": "message/rfc822",
}


@needs_data
def test_all_real_files_but_pdfs_are_read_by_the_reader_of_their_kind() -> None:
    folders = (SHARED_DATA / "unstructured", SHARED_DATA / "docling", SHARED_DATA / "docubench" / "documents")
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pdf"]
    assert len(paths) > 70
    for path in paths:
        mime = sniff_mime(path)
        wanted = NOT_WHAT_THEIR_NAME_SAYS.get(path.name, KINDS.get(path.suffix))
        assert wanted in {None, mime}, path
        pages = pages_of(path)
        blank = "all-whitespace" in path.name
        assert blank or any(page.needs_ocr or any(line.text for line in page.lines) for page in pages), path


@needs_data
def test_real_encrypted_and_empty_files() -> None:
    robust = SHARED_DATA / "robust"
    codes = {failure_of(path).code for path in robust.rglob("password-protected.pdf")}
    assert codes == {"encrypted"}
    assert failure_of(next(robust.rglob("pdfplumber/empty.pdf"))).code == "empty_file"


@needs_data
def test_real_scan_needs_ocr_on_every_page() -> None:
    pages = pages_of(SHARED_DATA / "derived_scans" / "dev_cuad_scan_01.pdf")
    assert {page.needs_ocr for page in pages} == {"no_text_layer"}


@needs_data
def test_footer_runs_into_no_other_line() -> None:
    """pdfium ran a page's short last line and the footer far below it together."""
    pages = pages_of(next((SHARED_DATA / "cuad").rglob("UsioInc*.pdf")))
    assert all(page.lines[-1].text.startswith("Source: USIO") for page in pages)
