"""html: what a browser shows by computed colours, sizes, counters and boxes, and what it does not show."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.read import pages_of, texts, write

from qwen_batch.records import Page


def page_of(tmp_path: Path, head: str, body: str) -> Page:
    html = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body><p>Rent 100</p>{body}</body></html>"
    return pages_of(write(tmp_path / "a.html", html.encode()))[0]


def text_of(page: Page) -> str:
    return "\n".join(texts(page))


@pytest.mark.parametrize(
    ("head", "body", "kind"),
    [
        ("", '<p style="color:#fff">SECRET</p>', "white"),
        ("", '<font color="white">SECRET</font>', "white"),
        ("", '<p style="color: rgb(255, 255, 254)">SECRET</p>', "white"),
        ("<style>body{background:navy}</style>", '<p style="color:navy">SECRET</p>', "white"),
        ("<style>:root{--ink:#fff} .w{color:var(--ink)}</style>", "<p class=w>SECRET</p>", "white"),
        ("", '<p style="color:transparent">SECRET</p>', "transparent"),
        ("", '<p style="color:rgba(0,0,0,0)">SECRET</p>', "transparent"),
        ("", '<p style="font-size:1px">SECRET</p>', "tiny"),
        ("", '<p style="visibility:hidden">SECRET</p>', "html"),
        ("<style>.x{content-visibility:hidden}</style>", "<p class=x>SECRET</p>", "html"),
        ("<style>.x{transform:scale(0)}</style>", "<p class=x>SECRET</p>", "html"),
        ("<style>.x{width:0;overflow:hidden}</style>", "<p class=x>SECRET</p>", "html"),
        ("<style>@media (min-width:600px){.x{display:none}}</style>", "<p class=x>SECRET</p>", "html"),
        ("<style>.o{.x{display:none}}</style>", "<div class=o><p class=x>SECRET</p></div>", "html"),
    ],
)
def test_text_that_a_browser_does_not_show_was_read(tmp_path: Path, head: str, body: str, kind: str) -> None:
    page = page_of(tmp_path, head, body)
    assert "SECRET" not in text_of(page)
    assert [(item.kind, item.text) for item in page.hidden] == [(kind, "SECRET")]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", '<table bgcolor="#333333"><tr><td><font color="#ffffff">Seen</font><td>b<tr><td>c<td>d</table>'),
        ("", '<div style="background:url(x.png)"><p style="color:white">Seen</p></div>'),
        ("", '<div style="visibility:hidden">no<span style="visibility:visible">Seen</span></div>'),
        ("", '<div style="font-size:0"><p style="font-size:14px">Seen</p></div>'),
        ('<link rel="stylesheet" href="site.css">', '<p style="color:#fff">Seen</p>'),
        ("<style>@media (max-width:600px){.x{display:none}}</style>", "<p class=x>Seen</p>"),
        ("", '<div style="position:absolute"><p style="color:#fff">Seen</p></div>'),
    ],
)
def test_text_that_a_browser_shows_was_lost(tmp_path: Path, head: str, body: str) -> None:
    assert "Seen" in text_of(page_of(tmp_path, head, body))


def test_numbers_of_clauses_from_counters_were_lost(tmp_path: Path) -> None:
    head = """<style>ol{counter-reset:c;list-style:none}
    li::before{counter-increment:c;content:counters(c,".") " "}</style>"""
    page = page_of(tmp_path, head, "<ol><li>Term<ol><li>Start<li>End</ol><li>Rent</ol>")
    assert [line.strip("- ") for line in texts(page)[1:]] == ["1 Term", "1.1 Start", "1.2 End", "2 Rent"]


def test_units_that_a_sheet_writes_were_lost_and_icons_are_none(tmp_path: Path) -> None:
    head = '<style>.e::before{content:"EUR "} .p::after{content:"%"} .i::before{content:"\\f101"}</style>'
    page = page_of(tmp_path, head, "<p>Sum <b class=e>500</b>, <b class=p>4</b> <i class=i>x</i></p>")
    assert texts(page)[1] == "Sum EUR 500, 4% x"


def test_boxes_beside_each_other_were_joined(tmp_path: Path) -> None:
    page = page_of(tmp_path, "<style>.c{display:inline-block}</style>", "<p><b class=c>Net</b><b class=c>100</b></p>")
    assert texts(page)[1] == "Net 100"
    page = page_of(tmp_path, "", '<div style="display:flex"><span>Fee</span><span>7</span></div>')
    assert texts(page)[1] == "Fee 7"


def test_cells_of_a_table_by_style_or_role_were_lines_of_their_own(tmp_path: Path) -> None:
    head = "<style>.t{display:table}.r{display:table-row}.c{display:table-cell}</style>"
    rows = "".join(f"<div class=r><div class=c>{a}</div><div class=c>{b}</div></div>" for a, b in (("a", 1), ("b", 2)))
    assert "| b | 2 |" in texts(page_of(tmp_path, head, f"<div class=t>{rows}</div>"))
    rows = "".join(f'<div role="row"><span role="cell">{a}</span><span role="cell">2</span></div>' for a in "ab")
    assert "| b | 2 |" in texts(page_of(tmp_path, "", f'<div role="table">{rows}</div>'))


def test_a_colour_that_was_drawn_before_was_no_colour_any_more() -> None:
    from PIL import ImageColor

    from qwen_batch.reading.readers.html.colours import colour

    ImageColor.getrgb("papayawhip")
    colour.cache_clear()
    found = colour("papayawhip")
    assert found is not None
    assert found.parts == (255, 239, 213)


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("font-size:0.58em;position:relative;top:-0.33em", "EUR 900^4"),
        ("font-size:7pt;position:relative;bottom:3pt", "EUR 900^4"),
        ("font-size:70%;vertical-align:30%", "EUR 900^4"),
        ("font-size:58%;position:relative;top:0.33em", "EUR 900_4"),
        ("position:relative;top:-2px", "EUR 9004"),
    ],
)
def test_note_mark_that_is_moved_up_joined_the_figure_before_it(tmp_path: Path, style: str, shown: str) -> None:
    assert shown in text_of(page_of(tmp_path, "", f'<p>EUR 900<span style="{style}">4</span></p>'))
