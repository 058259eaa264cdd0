"""html: what a browser shows, as Markdown; scripts, hidden parts and layout tables don't get in the way."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from helpers.places import SHARED_DATA
from helpers.read import all_text, pages_of, texts, write
from PIL import Image

from qwen_batch.reading.parts.reader import sniff_mime

PAGE = """<!DOCTYPE html><html><head><title>Offer</title><style>p {{ color: red }}</style></head><body>
<h1>Offer {number}</h1><script>alert("no")</script><p>First&nbsp;line<br>second   line</p>
<ul><li>one<ul><li>deeper</li></ul></li><li>two</li></ul><ol start="3"><li>third</li><li>fourth</li></ol>
<table><caption>Prices</caption><thead><tr><th>Item</th><th>Price</th></tr></thead>
<tbody><tr><td>Desk | oak</td><td>10 <b>EUR</b></td></tr><tr><td colspan="2">all in</td></tr></tbody></table>
<pre>  kept
    as it is</pre><p>See <a href="https://example.org/">the terms</a> <img src="x.png" alt="Seal of the firm"></p>
<p style="display: none">hidden</p><p hidden>hidden</p><input type="hidden" value="hidden">
<template>hidden</template><!-- hidden --><div>bare text</div>end</body></html>"""


def lines_of(tmp_path: Path, html: str) -> list[str]:
    return texts(pages_of(write(tmp_path / "a.html", html.encode()))[0])


def test_blocks_become_markdown(tmp_path: Path) -> None:
    assert lines_of(tmp_path, PAGE.format(number=1)) == [
        "# Offer",
        "# Offer 1",
        "First line",
        "second line",
        "- one",
        "  - deeper",
        "- two",
        "3. third",
        "4. fourth",
        "Prices",
        "| Item | Price |",
        "| --- | --- |",
        r"| Desk \| oak | 10 EUR |",
        "| all in |  |",
        "  kept",
        "    as it is",
        "See the terms Seal of the firm",
        "bare text",
        "end",
    ]


def test_paragraphs_are_set_apart_and_table_rows_are_not(tmp_path: Path) -> None:
    (page,) = pages_of(write(tmp_path / "a.html", b"<html><p>a<p>b<table><tr><td>1<td>2<tr><td>3<td>4</table>"))
    assert [line.text for line in page.lines] == ["a", "", "b", "", "| 1 | 2 |", "| --- | --- |", "| 3 | 4 |"]
    assert [line.kind for line in page.lines][4:] == ["table"] * 3


def test_rowspan_shifts_the_rows_below(tmp_path: Path) -> None:
    html = (
        "<html><table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td><td>e</td></tr></table>"
    )
    assert lines_of(tmp_path, html) == ["| a | b |", "| --- | --- |", "|  | c |", "| d | e |"]


def test_table_that_lays_out_the_page_is_no_table(tmp_path: Path) -> None:
    inner = "<table><tr><td>Item</td><td>Price</td></tr><tr><td>Desk</td><td>10</td></tr></table>"
    html = f"<html><table><tr><td><p>menu</p></td><td>{inner}</td></tr><tr><td>footer</td><td></td></tr></table>"
    assert lines_of(tmp_path, html) == ["menu", "| Item | Price |", "| --- | --- |", "| Desk | 10 |", "footer"]


def test_form_fields_show_what_is_filled_in(tmp_path: Path) -> None:
    html = (
        '<html><p>Name: <input value="Ann"> <input type=checkbox checked>yes <input type=checkbox>no'
        "<select><option>red<option selected>blue</select>"
    )
    assert lines_of(tmp_path, html) == ["Name: Ann ☒ yes ☐ no blue"]


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("shift_jis", "Shift_JIS"),
        ("cp1251", "windows-1251"),
        ("utf-16", "utf-16"),
        ("utf-8", "iso-8859-1"),
        ("gb18030", "gb2312"),
    ],
)
def test_encoding_by_mark_declaration_and_bytes(tmp_path: Path, encoding: str, declared: str) -> None:
    sentence = {"cp1251": "Договор аренды", "gb18030": "合同编号"}.get(encoding, "契約書の写し")
    html = f'<html><head><meta charset="{declared}"></head><body><p>{sentence}</p></body></html>'
    path = write(tmp_path / "a.dat", html.encode(encoding))
    assert texts(pages_of(path)[0]) == [sentence]


@pytest.mark.parametrize(
    ("name", "text", "mime"),
    [
        ("a.txt", "\n <!-- saved --><HTML><p>x", "text/html"),
        ("a.xml", '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p>x</p></html>', "text/html"),
        ("a", "<div><p>one</p><p>two</p></div>", "text/html"),
        ("a.md", '<div align="center">\n\n# Title\n\n</div>\n', "text/markdown"),
        ("a.xml", '<?xml version="1.0"?><invoice><total>5</total></invoice>', "text/plain"),
        ("a.txt", "HTML begins with <html>, they say.", "text/plain"),
        ("a.html", "Only text, no tags.", "text/plain"),
    ],
)
def test_html_is_told_by_its_content(tmp_path: Path, name: str, text: str, mime: str) -> None:
    assert sniff_mime(write(tmp_path / name, text.encode())) == mime


@pytest.mark.parametrize("depth", [300, 20_000])
def test_elements_nested_deeply_are_not_lost(tmp_path: Path, depth: int) -> None:
    lines = lines_of(tmp_path, "<html>" + "<div>" * depth + "deep" + "</div>" * depth + "<p>after")
    assert "deep" in " ".join(lines)
    assert "after" in " ".join(lines)


def test_entities_are_not_expanded_into_a_billion_laughs(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    html = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{entities}]><html><p>&l11;</p></html>'
    assert len("".join(lines_of(tmp_path, html))) < 10_000


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason=f"no real documents at {SHARED_DATA}")
def test_real_pages() -> None:
    summary = next((SHARED_DATA / "docubench" / "documents").glob("*.html"))
    assert "| Patient Name: | Robert J. Sample | MRN: | 00471829 |" in all_text(summary)
    assert "1. Community-acquired pneumonia, right lower lobe" in all_text(summary)
    steel = SHARED_DATA / "unstructured" / "example-steelJIS-datasheet-utf-16.html"
    assert "| 0.39 - 0.46 | 0.2 - 0.35 | 0.65 - 1.1 | max 0.025 |" in all_text(steel)


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("10<sup>6</sup> m<sup>2</sup> H<sub>2</sub>O 1<sup>st</sup>", ["10^6 m^2 H_2O 1st"]),
        ("<span style='vertical-align: super'>3</span>", ["^3"]),
        ("<del>480</del> <s>9</s> <strike>8</strike> 350", ["~~480~~ ~~9~~ ~~8~~ 350"]),
        ("<span style='text-decoration: line-through'>14</span> 30", ["~~14~~ 30"]),
        ("<ol type=a><li>x<li>y</ol><ol start=5 type=I><li>z</ol>", ["a. x", "b. y", "V. z"]),
        ("<ol><li value=7>x<li>y</ol><ol reversed><li>p<li>q</ol>", ["7. x", "8. y", "2. p", "1. q"]),
        ("<ol style='list-style-type: lower-roman'><li>x<li>y</ol>", ["i. x", "ii. y"]),
        ("<ruby>佐<rt>さ</rt>藤<rt>とう</rt></ruby>氏", ["佐藤(さとう)氏"]),
        ("<font face='Wingdings'>þ</font> yes <font face=Symbol>³</font> 5", ["☒ yes ≥ 5"]),
        ("<p>is <math><mfrac><mn>3</mn><mn>8</mn></mfrac></math> of it</p>", ["is 3/8 of it"]),
    ],
)
def test_marks_and_numbers_are_as_a_browser_shows_them(tmp_path: Path, html: str, lines: list[str]) -> None:
    assert lines_of(tmp_path, f"<html><body>{html}</body></html>") == lines


@pytest.mark.parametrize(
    ("css", "shown"),
    [
        (".old{display:none}", False),
        ("p span.old , b{ visibility : hidden }", False),
        ("p > .old{display:none !important} .old{display:inline}", False),
        (".old{display:none} p .old{display:inline}", True),
        ("@media print{.old{display:none}}", True),
        ("@media screen{.old{display:none}}", False),
        ("@media (max-width:600px){.old{display:none}}", True),
        (".old:hover{display:none}", True),
        (".old{position:absolute;left:-9999px}", False),
        (".old{font-size:0}", False),
        (".old{color:#fff;background-color:white}", False),
        ("/* .old{display:none} */", True),
        ("@import url(x.css); .old{display:none}", False),
    ],
)
def test_style_sheets_hide(tmp_path: Path, css: str, shown: bool) -> None:
    html = f"<html><head><style>{css}</style></head><body><p>now 85 <span class=old>777</span></p></body></html>"
    (page,) = pages_of(write(tmp_path / "a.html", html.encode()))
    assert ("777" in "".join(texts(page)), bool(page.hidden)) == (shown, not shown)


def test_hidden_rows_sections_and_cells_are_not_read(tmp_path: Path) -> None:
    html = (
        "<html><style>.h{display:none}</style><table><tr><th>a<th>b<th class=h>k</tr><tbody class=h><tr><td>X<td>Y"
        "</tbody><tbody><tr class=h><td>P<td>Q<tr><td>1<td>2<td class=h>3</tbody></table>"
    )
    (page,) = pages_of(write(tmp_path / "a.html", html.encode()))
    assert texts(page) == ["| a | b |", "| --- | --- |", "| 1 | 2 |"]
    assert {piece.text for piece in page.hidden} == {"k", "X Y", "P Q", "3"}


def test_rows_with_one_rich_cell_stay_rows(tmp_path: Path) -> None:
    inner = "<table><tr><td>zone<td>1</tr><tr><td>zone<td>2</table>"
    steps = "<ol><li>dig<li>lay<li>fill<li>seal</ol>"
    html = f"<html><table><tr><th>Unit<th>What<tr><td>A<td>{inner}<tr><td>B<td>{steps}</table>"
    assert lines_of(tmp_path, html) == [
        "| Unit | What |",
        "| --- | --- |",
        "| A | zone, 1; zone, 2 |",
        "| B | 1. dig 2. lay 3. fill 4. seal |",
    ]


def test_frames_and_large_pictures_in_the_page_are_warnings(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.effect_noise((600, 500), 50).save(data, "PNG")
    picture = base64.b64encode(data.getvalue()).decode()
    html = (
        f"<html><p>text <iframe src='x.html'></iframe><iframe src='t' width=1 height=1></iframe>"
        f"<img src='logo.png'><img src='data:image/png;base64,{picture}'></p></html>"
    )
    (page,) = pages_of(write(tmp_path / "a.html", html.encode()))
    assert [("embedded" in warning, "number 2" in warning) for warning in page.warnings] == [
        (True, False),
        (False, True),
    ]


def test_more_style_rules_than_are_looked_at_are_a_warning(tmp_path: Path) -> None:
    css = "".join(f".c{index}{{display:none}}" for index in range(1000))
    html = f"<html><style>{css}</style><body><p>text</p></body></html>"
    (page,) = pages_of(write(tmp_path / "a.html", html.encode()))
    assert (texts(page), len(page.warnings)) == (["text"], 1)


def test_selector_nested_beyond_reason_is_left_aside(tmp_path: Path) -> None:
    html = f"<html><style>{':not(' * 800}p{')' * 800}{{display:none}}</style><body><p>text</p></body></html>"
    assert lines_of(tmp_path, html) == ["text"]


def test_a_large_picture_in_a_file_of_its_own_was_lost_without_a_word(tmp_path: Path) -> None:
    small = "<img src='b.png' width=20><img src='c.png' width=600 alt='Map'>"
    html = f"<html><p>Offer <img src='a.png' width=600>{small}</p></html>"
    (page,) = pages_of(write(tmp_path / "a.html", html.encode()))
    assert [warning.split()[0] for warning in page.warnings] == ["1"]


def test_marks_that_a_program_left_between_words_made_the_page_unreadable(tmp_path: Path) -> None:
    prose, look = "All prices hold until then. " * 9, "<style>li::before{content:'x'}</style>"
    html = f"<html><p>{prose}<ul><li>Date \x07<b>1 May</b>\x08\x0c</ul>{look}</html>"
    assert "Date 1 May" in all_text(write(tmp_path / "a.html", html.encode()))
