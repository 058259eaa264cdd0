"""The report in a real browser, opened from disk: what a person does there, clicked and typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.browsing import Opened, all_pages, place_of
from helpers.reported import EVIL_NAME, EVIL_VALUE
from PIL import Image

from qwen_batch.output.corrections.file import Corrections, json_to_corrections

pytestmark = [pytest.mark.browser, pytest.mark.subprocess, pytest.mark.xdist_group("report")]
Open = Callable[..., Opened]
DARK = 128
"""Grey values below are ink."""
TOLERANCE_PIXELS = 4
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def saved(opened: Opened, tmp_path: Path) -> Corrections:
    """What the key for saving writes."""
    with opened.page.expect_download() as download:
        opened.press("s")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "corrections.json"
    return json_to_corrections(file.read_bytes(), str(file))


def begin(opened: Opened, who: str = "Ann") -> None:
    opened.go("review.html")
    opened.page.fill("#who", who)


def test_every_page_opens_from_disk_and_nothing_that_documents_say_runs(opened: Open, report: Path) -> None:
    one = opened()
    for path in all_pages(report):
        one.go(path)
        assert one.page.locator("h1").count() == 1, path
        assert one.page.evaluate("window.hacked") is None, path
        assert one.page.evaluate("document.querySelectorAll('main script, main img:not(.sheet img)').length") == 0, path


def test_on_a_phone_the_review_was_out_of_reach(opened: Open) -> None:
    one = opened()
    one.page.set_viewport_size({"width": 390, "height": 800})
    for path in ("index.html", "review.html"):
        one.go(path)
        for name in ("Overview", "Documents", "Columns", "Review"):
            box = one.page.get_by_role("link", name=name, exact=True).bounding_box()
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= 390, name
        assert one.page.evaluate("document.documentElement.scrollWidth") == 390


def test_what_saved_corrections_are_for_is_said(opened: Open, tmp_path: Path) -> None:
    one = opened("review.html")
    assert f"qwen-batch apply {one.page.evaluate('data.output')} corrections.json" in one.text("main")
    saved(one, tmp_path)
    assert one.text("#kept") == "0 decisions saved as corrections.json"


def test_html_in_a_name_and_a_value_is_shown_as_it_is_written(opened: Open) -> None:
    one = opened()
    one.document(EVIL_NAME)
    assert one.text("h1") == EVIL_NAME
    assert one.value("sender.value").locator(".said").text_content() == EVIL_VALUE
    assert EVIL_VALUE in one.text(".passage")
    one.value("sender.value").click()
    one.press("c", "Enter", "n")
    assert one.page.evaluate("window.hacked") is None


def test_a_value_lights_its_box_and_a_box_its_value(opened: Open) -> None:
    one = opened()
    one.document("brook.pdf")
    one.value("total.value").click()
    assert one.page.locator(".box.on").count() == 1
    lit = one.page.locator(".box.on")
    assert "total" in lit.get_attribute("aria-label")
    one.page.locator('.box[aria-label*="law"]').click()
    assert one.picked() == "law.value"
    assert one.page.locator(".box.on").get_attribute("aria-label") == "Evidence of law › value"


def test_what_the_pointer_is_over_is_shown_on_both_sides(opened: Open) -> None:
    one = opened()
    one.document("brook.pdf")
    one.value("sender.value").hover()
    assert one.page.locator(".box.hover").get_attribute("aria-label") == "Evidence of sender › value"
    one.page.locator('.box[aria-label*="dated"]').hover()
    assert one.value("dated.date").evaluate("(value) => value.classList.contains('hover')")
    assert one.page.locator(".box.hover").count() == 1


def test_text_without_pictures_has_its_words_marked_both_ways(opened: Open) -> None:
    one = opened()
    one.document("house3.txt")
    one.value("sender.value").click()
    assert one.text("mark.on") == "House 3"
    one.page.locator("mark", has_text="paper").click()
    assert one.picked() == "items[0].value"


@pytest.mark.parametrize(("name", "path", "words"), [
    ("汉字.txt", "sender.value", "青岚生鲜配送有限公司"),
    ("עברית.txt", "sender.value", "ספריית העיר"),
])  # fmt: skip
def test_chinese_and_right_to_left_text_is_marked_where_it_stands(
    opened: Open, name: str, path: str, words: str
) -> None:
    one = opened()
    one.document(name)
    one.value(path).click()
    assert one.text("mark.on") == words


@pytest.mark.parametrize(("name", "path"), [
    ("brook.pdf", "total.value"), ("brook.pdf", "sender.value"), ("sideways.pdf", "total.value"),
])  # fmt: skip
def test_boxes_lie_on_the_words(opened: Open, report: Path, name: str, path: str) -> None:
    one = opened()
    one.document(name)
    one.value(path).click()
    lit = one.page.locator(".box.on")
    source = lit.evaluate("(box) => box.parentElement.querySelector('img').getAttribute('src')")
    with Image.open(report / "d" / source) as image:
        ink = np.asarray(image.convert("L")) < DARK
    box, shown = (
        lit.bounding_box(),
        lit.evaluate(
            "(box) => { const at = box.parentElement.querySelector('img').getBoundingClientRect();"
            " return [at.x, at.y, at.width, at.height]; }"
        ),
    )
    scale = ink.shape[1] / shown[2]
    left, top = (box["x"] - shown[0]) * scale, (box["y"] - shown[1]) * scale
    right, bottom = left + box["width"] * scale, top + box["height"] * scale
    about = ink[round(top) - 12 : round(bottom) + 12, round(left) - TOLERANCE_PIXELS : round(right) + TOLERANCE_PIXELS]
    rows, columns = np.nonzero(about)
    assert abs(columns.min() - TOLERANCE_PIXELS) <= TOLERANCE_PIXELS
    assert abs(about.shape[1] - columns.max() - TOLERANCE_PIXELS) <= TOLERANCE_PIXELS + 1
    assert rows.min() >= 12 - TOLERANCE_PIXELS
    assert rows.max() <= about.shape[0] - 12 + TOLERANCE_PIXELS
    assert place_of(lit.get_attribute("style"))["left"] > 0


def test_documents_are_filtered_sorted_and_searched(opened: Open) -> None:
    one = opened("documents.html")
    rows = one.page.locator("#documents tbody tr:visible")
    assert rows.count() == 14
    one.page.fill("#search", "house 3")
    assert rows.count() == 1
    assert one.text("#count") == "1 document"
    one.page.fill("#search", "nowhere at all")
    assert one.page.locator("#none").is_visible()
    one.page.fill("#search", "")
    one.page.select_option("#state", "failed")
    assert [row.get_attribute("data-codes") for row in rows.all()] == ["empty_file"]
    one.page.select_option("#state", "")
    one.page.get_by_role("button", name="pages").click()
    assert rows.first.locator("td").nth(4).text_content() == ""
    one.page.get_by_role("button", name="pages").click()
    assert rows.first.locator("a").text_content() == "brook.pdf"
    assert one.page.locator("th[aria-sort=descending]").text_content() == "pages"
    one.page.fill("#below", "0.01")
    assert rows.count() == 0


def test_a_code_of_the_overview_leads_to_its_documents(opened: Open) -> None:
    one = opened("index.html")
    one.page.get_by_role("link", name="empty_file").click()
    one.page.wait_for_load_state()
    assert one.text("#count") == "1 document with empty_file"


def test_a_review_by_keys_alone_is_saved_as_it_was_decided(opened: Open, tmp_path: Path) -> None:
    one = opened()
    begin(one)
    one.page.focus("#start")
    one.press_on("Enter")
    first = one.picked()
    one.press_on("a")
    second = one.picked()
    one.press_on("r", "u")
    assert one.picked() == second, "what was undone is looked at again"
    one.press_on("r", "n")
    result = saved(one, tmp_path)
    assert [(item.path, item.decision) for item in result.corrections] == [(first, "accept"), (second, "reject")]
    assert {item.who for item in result.corrections} == {"Ann"}
    assert all(len(item.run_id) > 10 and len(item.job_fingerprint) == 16 for item in result.corrections)
    one.go("review.html")
    assert one.page.locator("#queue tbody tr .decided:not(:empty)").count() == 2


def test_the_queue_is_worst_first_and_says_what_is_left(opened: Open) -> None:
    one = opened("review.html")
    errors = [float(text) for text in one.page.locator("#queue tbody td:nth-child(2)").all_text_contents()]
    assert errors == sorted(errors, reverse=True)
    left = len(errors)
    assert one.text("#left") == f"{left} values left, {sum(errors):.1f} wrong expected"
    one.page.click("#start")
    one.arrive()
    before = one.page.evaluate("current")
    one.page.click("button[data-act=accept]")
    one.arrive(before)
    assert f"{left - 1} values left" in one.text("#left")


def test_a_correction_is_typed_and_pointed_at_by_typing_words(opened: Open, tmp_path: Path) -> None:
    one = opened()
    one.document("brook.pdf")
    one.value("total.value").click()
    one.press("c")
    one.page.keyboard.type("much")
    one.press("Enter")
    assert one.page.locator("#correct").is_visible(), "what is no number is not taken"
    one.page.fill("#new-value", "1300")
    one.press("Tab")
    one.page.keyboard.type("whole spring")
    assert one.text("#found") == "page 1: “whole spring”"
    one.press("Enter")
    (item,) = saved(one, tmp_path).corrections
    assert (item.old_value, item.new_value, item.decision) == (1250, 1300, "correct")
    assert item.pointed is not None
    assert (item.pointed.page, item.pointed.words, len(item.pointed.boxes)) == (1, "whole spring", 2)
    assert all(72 < box.x0 < box.x1 < 400 and 320 < box.y0 < box.y1 < 340 for box in item.pointed.boxes)
    assert one.value("total.value").locator(".badge").text_content() == "✎ corrected"


def test_a_correction_is_pointed_at_by_dragging_over_words(opened: Open, tmp_path: Path) -> None:
    one = opened()
    one.document("sideways.pdf")
    one.value("sender.value").click()
    one.page.click("button[data-act=correct]")
    words = one.page.locator(".word")
    first, last = words.nth(1), words.nth(2)
    first.hover()
    one.page.mouse.down()
    last.hover()
    one.page.mouse.up()
    assert one.page.input_value("#new-value") == "Sideways Supply"
    one.page.click("#correct button[type=submit]")
    (item,) = saved(one, tmp_path).corrections
    assert (item.new_value, item.pointed and item.pointed.words) == ("Sideways Supply", "Sideways Supply")


def test_a_correction_is_pointed_at_by_selecting_text(opened: Open, tmp_path: Path) -> None:
    one = opened()
    one.document("汉字.txt")
    one.value("law.value").click()
    one.press("c")
    one.page.evaluate(
        "() => { const text = document.querySelector('.passage mark').firstChild;"
        " getSelection().setBaseAndExtent(text, 2, text, 4);"
        " document.dispatchEvent(new PointerEvent('pointerup')); }"
    )
    assert one.page.input_value("#new-value") == "生鲜"
    one.press("Enter")
    (item,) = saved(one, tmp_path).corrections
    assert item.pointed is not None
    assert (item.pointed.words, item.pointed.end - item.pointed.start) == ("生鲜", 2)
    assert item.pointed.start == len("发件人: 青岚")


def test_a_blind_check_measures_the_reader_and_is_no_correction(opened: Open, tmp_path: Path) -> None:
    one = opened()
    begin(one)
    one.page.click("#start")
    one.arrive()
    one.answer_all_but(0)
    for _ in range(40):
        if one.page.evaluate("check !== null"):
            break
        one.press_on("n")
    path = one.picked()
    shown = one.value(path).locator(".said").text_content()
    one.press("r")
    assert "blind check" in one.text("#current")
    assert one.value(path).locator(".said").text_content() != shown
    assert one.picked() == path, "the value itself is decided next"
    one.press_on("a")
    result = saved(one, tmp_path)
    assert [(item.path, item.decision) for item in result.corrections] == [(path, "accept")]
    assert [(check.path, check.shown, check.caught, check.who) for check in result.checks] == [
        (path, shown, True, "Ann")
    ]
    one.go("review.html")
    assert one.text("#measured") == "Blind checks: 1 of 1 wrong values were seen."


def test_decisions_are_kept_when_the_page_is_opened_again(opened: Open) -> None:
    one = opened()
    one.document("house1.txt")
    one.value("law.value").click()
    one.press("r")
    one.page.reload()
    assert one.value("law.value").locator(".badge").text_content() == "✗ rejected"
    one.go("index.html")
    assert one.text("#reviewed-count") == "1"


@pytest.mark.parametrize(("name", "said"), [("gone.txt", "not where it was"), ("changed.pdf", "has changed")])
def test_a_file_that_is_gone_or_changed_is_said_on_its_page(opened: Open, name: str, said: str) -> None:
    one = opened()
    one.document(name)
    assert said in one.text(".notice")
    assert one.value("sender.value").count() == 1
    assert one.page.locator(".sheet").count() == 0


def test_pages_that_no_field_cites_are_named(opened: Open) -> None:
    one = opened()
    one.document("brook.pdf")
    assert "Pages that no field cites: 2 of 3" in one.text(".read")
    assert [page.get_attribute("data-page") for page in one.page.locator(".page").all()] == ["1", "3"]


def test_a_column_leads_to_the_value_in_its_document(opened: Open) -> None:
    one = opened("columns.html")
    one.page.get_by_role("link", name="total › value").click()
    assert "12 values" in one.text("main")
    one.page.get_by_role("link", name="brook.pdf").first.click()
    one.page.wait_for_load_state()
    assert one.picked() == "total.value"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_hinders_people_who_see_or_hear_less(opened: Open, axe: str, report: Path, scheme: str) -> None:
    one = opened(color_scheme=scheme)
    wanted = ["index.html", "documents.html", "columns.html", "c/1.html", "review.html"]
    for path in wanted:
        one.go(path)
        assert violations(one, axe) == [], path
    for name in ("brook.pdf", "house1.txt", EVIL_NAME, "empty.txt"):
        one.document(name)
        if name != "empty.txt":
            one.press("j", "c")
        assert violations(one, axe) == [], name


def test_what_hinders_would_be_found(opened: Open, axe: str) -> None:
    one = opened("documents.html")
    one.page.evaluate("document.querySelector('#search').closest('label').firstChild.remove()")
    one.page.evaluate("document.querySelector('#search').placeholder = ''")
    one.page.evaluate("document.querySelector('#count').style.color = '#ccc'")
    assert {json.loads(line)[0] for line in violations(one, axe)} >= {"label", "color-contrast"}


def violations(one: Opened, axe: str) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, as rule and place."""
    one.page.evaluate(axe)
    found = one.page.evaluate("(rules) => axe.run(document, {preload: false, runOnly: rules})", RULES)
    return [
        json.dumps([one["id"], node["target"], node["failureSummary"][:160]])
        for one in found["violations"]
        for node in one["nodes"]
    ]


def test_light_and_dark_are_changed_by_hand(opened: Open) -> None:
    one = opened(color_scheme="light")
    paper = "getComputedStyle(document.querySelector('.card, .chart')).backgroundColor"
    light = one.page.evaluate(paper)
    one.page.click("#theme")
    assert one.page.evaluate(paper) != light
    one.go("review.html")
    assert one.page.evaluate("document.documentElement.dataset.theme") == "dark"
