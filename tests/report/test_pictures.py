from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from qwen_batch.config import ReadSettings
from qwen_batch.report.pictures import PAGE_DPI, THUMBNAIL_BYTES, THUMBNAIL_DPI, Budget, Picture, Wanted, page_picture


def picture(size: int, *, small: bool = False) -> Picture:
    return Picture(b"x" * size, 10, 10, small)


def test_whole_pictures_leave_room_for_a_thumbnail_of_each_other_page() -> None:
    budget = Budget(50_000 + THUMBNAIL_BYTES, pictures=2)
    assert budget.wants_whole
    assert not budget.takes(picture(50_001))
    assert budget.takes(picture(50_000))
    budget.done()
    assert not budget.takes(picture(THUMBNAIL_BYTES + 1))
    assert budget.takes(picture(THUMBNAIL_BYTES, small=True))


def test_what_else_is_written_counts_too() -> None:
    budget = Budget(10_000, pictures=1)
    budget.spend(9_000)
    assert not budget.wants_whole
    assert not budget.takes(picture(1_001, small=True))


@pytest.mark.parametrize(("dpi", "small"), [(PAGE_DPI, False), (THUMBNAIL_DPI, True)])
def test_a_page_is_webp_turned_as_it_is_wanted(tmp_path: Path, dpi: int, *, small: bool) -> None:
    image = Image.new("L", (1700, 2200), 255)
    ImageDraw.Draw(image).rectangle((0, 0, 1700, 200), fill=0)
    image.save(tmp_path / "a.png", dpi=(200, 200))
    found = page_picture(Wanted(tmp_path / "a.png", "image/png", 1, 90, dpi), ReadSettings())
    assert found.small is small
    assert found.width > found.height
    (tmp_path / "a.webp").write_bytes(found.data)
    with Image.open(tmp_path / "a.webp") as shown:
        assert shown.format == "WEBP"
        assert shown.convert("L").getpixel((found.width - 3, found.height // 2)) < 40, "what was on top is on the right"
