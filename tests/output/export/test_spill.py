"""spill: names of sheets that Excel takes."""

from __future__ import annotations

from qwen_batch.output.export.spill import SheetNames


def test_names_are_short_allowed_and_different() -> None:
    names = SheetNames()
    wanted = ["a" * 40, "A" * 40, "x/y:z[1]", "'quoted'", "History", "", "a" * 40, "𝒳" * 20]
    given = [names.free(one) for one in wanted]
    assert given[:3] == ["a" * 31, "A" * 27 + " (2)", "x_y_z_1_"]
    assert given[3:7] == ["quoted", "History (2)", "rows", "a" * 27 + " (3)"]
    assert given[7] == "𝒳" * 15
