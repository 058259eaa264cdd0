from __future__ import annotations

import pytest

from qwen_batch.job.logs.stamps import (
    SEARCHED_CHARS,
    STYLES,
    is_day_first,
    stamp_of,
    styles_of,
    text_to_stamp,
    with_year,
)


def stamp_in(line: str) -> str | None:
    (style, *_) = styles_of([line]) or ("",)
    found = STYLES[style].search(line, 0, SEARCHED_CHARS) if style else None
    stamp = stamp_of(found, is_day_first([line])) if found else None
    return stamp.text() if stamp else None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-03-14T09:26:53.589Z INFO x", "2026-03-14T09:26:53.589Z"),
        ("2026-03-14 09:26:53,589 INFO x", "2026-03-14T09:26:53.589"),
        ("[2026-03-14 09:26:53 +0800] x", "2026-03-14T09:26:53+08:00"),
        ("2026/03/14 09:26:53 [error] 12#0: x", "2026-03-14T09:26:53"),
        ("20260314T092653Z x", "2026-03-14T09:26:53Z"),
        ("2026年3月14日 09:26:53 x", "2026-03-14T09:26:53"),
        ('10.0.0.1 - - [14/Mar/2026:09:26:53 -0500] "GET / HTTP/1.1" 200 5', "2026-03-14T09:26:53-05:00"),
        ("14-Mar-2026 09:26:53.123 SEVERE [main] x", "2026-03-14T09:26:53.123"),
        ("[Sat Mar 14 09:26:53 2026] [error] x", "2026-03-14T09:26:53"),
        ("Mar  4 09:26:53 host sshd[1]: x", "--03-04T09:26:53"),
        ("E0314 09:26:53.123456  42 main.go:7] x", "--03-14T09:26:53.123"),
        ("25/03/2026 09:26:53 x", "2026-03-25T09:26:53"),
        ("3/25/2026 09:26:53 PM x", "2026-03-25T21:26:53"),
        ('{"level":"info","ts":1773480413.5,"msg":"x"}', "2026-03-14T09:26:53.500Z"),
        ("09:26:53.120 x", "09:26:53.120"),
        ("2026-02-30 09:26:53 x", None),
        ("2026-03-14 25:26:53 x", None),
        ("03/04/2026 09:26:53 x", None),
        ("no time at all", None),
    ],
)
def test_the_usual_ways_to_write_a_stamp_are_read(line: str, said: str | None) -> None:
    assert stamp_in(line) == said


def test_a_day_that_may_be_a_month_is_settled_by_another_line() -> None:
    assert is_day_first(["03/04/2026 09:26:53 a", "25/04/2026 09:26:53 b"]) is True
    assert is_day_first(["03/04/2026 09:26:53 a", "04/25/2026 09:26:53 b"]) is False
    assert is_day_first(["03/04/2026 09:26:53 a"]) is None


def test_moments_are_compared_in_utc() -> None:
    texts = ["2026-03-14T09:00:00+08:00", "2026-03-14T02:00:00Z", "2026-03-13T22:30:00-05:00"]
    stamps = [stamp for text in texts if (stamp := text_to_stamp(text))]
    assert [one.text() for one in sorted(stamps, key=lambda one: one.order())] == texts


def test_a_year_that_is_not_written_is_not_made_up() -> None:
    stamp = text_to_stamp("--02-29T08:00:00")
    assert stamp is not None
    assert stamp.text() == "--02-29T08:00:00"
    assert with_year(stamp, 2028).text() == "2028-02-29T08:00:00"
    assert with_year(stamp, 2026) == stamp
