"""Good files of every format, a few of each: every one says KNOWN, with its own number.

What no library here writes is made by LibreOffice from what they write. Knows nothing of reading.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mailbox
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from benchmarks.common import test_helper

VARIANTS = 3
KNOWN = "Marlin quay"
STORIES = (
    "The lease of the quay begins on 1 May 2026 and costs EUR 4,711 a month.",
    "Die Miete beträgt 4.711,00 € im Monat, fällig am Ersten; Größe 88 m².",
    "码头租赁自2026年5月1日起，每月4711欧元。",
)
OFFICE_LIMIT_S = 180
CONVERTED = {
    "docx": {"doc": "doc", "odt": "odt", "rtf": "rtf", "word2003.xml": "xml:MS Word 2003 XML", "pdf": "pdf"},
    "pptx": {"ppt": "ppt", "odp": "odp"},
}
"""What LibreOffice makes of what: by our suffix its name of the target."""
ODF_NAMES = ("office", "text", "table")
ODF_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
EXCEL_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
TEXT_PROPERTY, NUMBER_BYTES = 0x001F, 32


def story(number: int) -> str:
    """What a file of this number says."""
    return f"{KNOWN} {number}. {STORIES[number % len(STORIES)]}"


def _docx(number: int) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(f"Contract {number}")
    document.add_paragraph(story(number))
    table = document.add_table(rows=2, cols=2)
    for at, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"cell {at}"
    return _saved(document.save)


def _pptx(number: int) -> bytes:
    from pptx import Presentation

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = f"Report {number}"
    slide.placeholders[1].text = story(number)
    return _saved(deck.save)


def _xlsx(number: int) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Rent")
        sheet.write_row(0, 0, ["what", "EUR", "share"])
        sheet.write_row(1, 0, [story(number), 4711 + number])
        sheet.write(1, 2, 0.0425, book.add_format({"num_format": "0.00%"}))
    return out.getvalue()


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()


def _picture(kind: str) -> Callable[[int], bytes]:
    def make(number: int) -> bytes:
        from PIL import Image, ImageDraw, ImageFont

        image = Image.new("L", (1400, 500), 255)
        font = ImageFont.load_default(size=44)
        for row, text in enumerate((f"{KNOWN} {number}", "The rent is EUR 4,711 a month,", "due on the first day.")):
            ImageDraw.Draw(image).text((80, 80 + 110 * row), text, fill=0, font=font)
        return _saved(lambda out: image.save(out, kind, **({"dpi": (200, 200)} if kind in {"PNG", "TIFF"} else {})))

    return make


def _pdf(number: int) -> bytes:
    helper = test_helper("pdfs")
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"{KNOWN} {number}. {STORIES[0]}", *[f"Clause {at} stands as agreed." for at in range(1, 20)]]
        content = "".join(helper["show"](72, 700 - 20 * at, line) for at, line in enumerate(lines))
        return bytes(helper["write_pdf"](Path(folder) / "a.pdf", content).read_bytes())


def _rtf(number: int) -> bytes:
    signs = "".join(sign if ord(sign) < ord("\x7f") else f"\\u{ord(sign)}?" for sign in story(number))
    return b"{\\rtf1\\ansi " + signs.encode("ascii") + b"\\par}"


def _message(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@quay.example", "bo@quay.example", f"Rent {number}"
    mail["Date"] = "Mon, 05 May 2025 09:00:00 +0000"
    mail.set_content(story(number))
    mail.add_attachment(_docx(number), maintype="application", subtype="octet-stream", filename="contract.docx")
    return mail


def _mht(number: int) -> bytes:
    page = EmailMessage()
    page["Subject"], page["MIME-Version"] = f"Page {number}", "1.0"
    page.make_related()
    part = EmailMessage()
    part.set_content(_html(number).decode("utf-8"), subtype="html")
    page.attach(part)
    return page.as_bytes()


def _mbox(number: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box"
        box = mailbox.mbox(path)
        for at in range(2):
            box.add(_message(number + at).as_bytes())
        box.close()
        return path.read_bytes()


def _msg(number: int) -> bytes:
    properties, streams = bytes(NUMBER_BYTES), {}
    for name, text in ((0x0037, f"Rent {number}"), (0x1000, story(number))):
        data = text.encode("utf-16-le")
        properties += struct.pack("<HHIII", TEXT_PROPERTY, name, 6, len(data), 0)
        streams[f"__substg1.0_{name:04X}{TEXT_PROPERTY:04X}"] = data
    return bytes(test_helper("compound")["compound"]({"__properties_version1.0": properties, **streams}))


def _html(number: int) -> bytes:
    return f"<html><meta charset=utf-8><body><h1>Rent {number}</h1><p>{story(number)}</p></body></html>".encode()


def _epub(number: int) -> bytes:
    package = '<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
    container = b'<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
    entries = {"mimetype": b"application/epub+zip", "META-INF/container.xml": container, "a.xhtml": _html(number)}
    entries["book.opf"] = f'{package}<spine><itemref idref="a"/></spine></package>'.encode()
    return bytes(test_helper("archives")["zip_bytes"](entries))


def _ods(number: int) -> bytes:
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in (story(number), "4711"))
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODF_NAMES)
    sheet = f'<table:table table:name="Rent"><table:table-row>{cells}</table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    content = f"<office:document-content {names}>{body}</office:document-content>".encode()
    manifest = f'<manifest:manifest xmlns:manifest="{ODF_MANIFEST}"/>'.encode()
    mime = b"application/vnd.oasis.opendocument.spreadsheet"
    entries = {"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest}
    return bytes(test_helper("archives")["zip_bytes"](entries))


def _excel_2003(number: int) -> bytes:
    cells = "".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in ("what", story(number)))
    sheet = f'<Worksheet ss:Name="Rent"><Table><Row>{cells}</Row></Table></Worksheet>'
    head = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    return f'{head}<Workbook xmlns="{EXCEL_2003}" xmlns:ss="{EXCEL_2003}">{sheet}</Workbook>'.encode()


def _packed(number: int) -> dict[str, bytes]:
    return {"a/one.txt": story(number).encode(), "b.html": _html(number), "c/two.docx": _docx(number)}


def _tar(mode: str) -> Callable[[int], bytes]:
    return lambda number: bytes(test_helper("archives")["tar_bytes"](_packed(number), mode))


MAKERS: dict[str, Callable[[int], bytes]] = {
    "txt": lambda number: story(number).encode("utf-16" if number % 2 else "utf-8"),
    "md": lambda number: f"# Rent {number}\n\n{story(number)}\n".encode(),
    "csv": lambda number: f'id;what;EUR\n1;"{story(number)}";4,5\n2;more;5,5\n'.encode(),
    "tsv": lambda number: f"id\twhat\tEUR\n1\t{story(number)}\t4.5\n2\tmore\t5.5\n".encode(),
    "html": _html,
    "rtf": _rtf,
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "ods": _ods,
    "excel2003.xml": _excel_2003,
    "epub": _epub,
    "eml": lambda number: _message(number).as_bytes(),
    "mht": _mht,
    "msg": _msg,
    "mbox": _mbox,
    "pdf": _pdf,
    "scan.pdf": _picture("PDF"),
    "png": _picture("PNG"),
    "jpg": _picture("JPEG"),
    "tif": _picture("TIFF"),
    "webp": _picture("WEBP"),
    "gif": _picture("GIF"),
    "bmp": _picture("BMP"),
    "zip": lambda number: bytes(test_helper("archives")["zip_bytes"](_packed(number))),
    "tar": _tar("w"),
    "tar.gz": _tar("w:gz"),
    "tar.bz2": _tar("w:bz2"),
    "tar.xz": _tar("w:xz"),
    "txt.gz": lambda number: gzip.compress(story(number).encode()),
    "txt.bz2": lambda number: bz2.compress(story(number).encode()),
    "txt.xz": lambda number: lzma.compress(story(number).encode()),
}


def make_good(folder: Path) -> list[str]:
    """Writes VARIANTS files of every format below `folder`, named `good_N.SUFFIX`; gives formats left out, and why."""
    folder.mkdir(parents=True)
    for suffix, make in MAKERS.items():
        for number in range(VARIANTS):
            (folder / f"good_{number}.{suffix}").write_bytes(make(number))
    office = shutil.which("soffice")
    if office is None:
        return [f"{target}: LibreOffice is not installed" for targets in CONVERTED.values() for target in targets]
    return [
        f"{suffix}: LibreOffice wrote none"
        for source, targets in CONVERTED.items()
        for suffix, target in targets.items()
        if not _convert(office, sorted(folder.glob(f"good_*.{source}")), suffix, target)
    ]


def _convert(office: str, sources: list[Path], suffix: str, target: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, "--headless", "--convert-to", target, "--outdir", out, *sources]
        subprocess.run(command, check=False, capture_output=True, timeout=OFFICE_LIMIT_S)
        written = sorted(out.glob("*")) if out.is_dir() else []
        for path in written:
            path.rename(sources[0].parent / f"office_{path.stem.removeprefix('good_')}.{suffix}")
    return len(written) == len(sources)
