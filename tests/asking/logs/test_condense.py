from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from qwen_batch.asking.logs.choose import MAX_SHOWN
from qwen_batch.asking.logs.chunks import log_to_chunks
from qwen_batch.asking.logs.condense import document_to_log
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.job.logs.lines import CondensedLog
from qwen_batch.records import Box, CleanDocument, Document, LineSpan

BEGIN = datetime(2026, 3, 14, tzinfo=UTC)


def clean(lines: Sequence[str], name: str = "app.log") -> CleanDocument:
    text, spans = "", []
    for number, line in enumerate(lines, 1):
        spans.append(LineSpan(len(text), len(text) + len(line), 1, Box(0, 0, 0, 0), number=number))
        text += f"{line}\n"
    return CleanDocument(Document("d", f"/logs/{name}", "text/plain", 1), text, tuple(spans), (), "en", 1, 0, None)


def at(second: int, words: str) -> str:
    return f"{BEGIN + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ} {words}"


def ordinary(count: int = 400) -> list[str]:
    return [at(number * 10, f"INFO [web] GET /item/{number * 7} in {number} ms") for number in range(count)]


def with_lines(lines: list[str], *more: str) -> list[str]:
    return sorted([*lines, *more])


def shown(log: CondensedLog | None) -> list[str]:
    assert log is not None
    return [line.partition(" ")[2] for line in log.clean.text.splitlines()]


def test_lines_that_repeat_are_left_out_and_rare_ones_are_shown() -> None:
    lines = with_lines(ordinary(), at(1003, "INFO [deploy] release of the basket"), at(2003, "ERROR [db] disk is full"))
    assert shown(document_to_log(clean(lines))) == ["INFO [deploy] release of the basket", "ERROR [db] disk is full"]


def test_a_burst_is_shown_once_with_how_often_and_until_when() -> None:
    burst = [at(2000 + number, f"ERROR [db] order {number:06x}1 not saved") for number in range(60)]
    log = document_to_log(clean(with_lines(ordinary(), *burst)))
    assert shown(log) == ["ERROR [db] order 0000001 not saved (60 times until 00:34:19)"]
    assert log is not None
    assert (log.shown[0].number, log.shown[0].times, log.shown[0].component) == (201, 60, "db")


def test_errors_that_go_on_all_the_time_are_said_and_not_shown() -> None:
    usual = [at(number * 50 + 3, f"ERROR [web] client 10.0.0.{number} is gone") for number in range(80)]
    log = document_to_log(clean(with_lines(ordinary(), *usual, at(1999, "WARN [db] slow"))))
    assert shown(log) == ["WARN [db] slow"]
    assert log is not None
    assert any("recur all through it" in warning and "80 times" in warning for warning in log.warnings)


def test_a_usual_line_that_suddenly_comes_often_is_shown() -> None:
    usual = [at(number * 50 + 3, f"WARN [web] retry {number}") for number in range(80)]
    burst = [at(2000 + number % 40, f"WARN [web] retry {number + 500}") for number in range(200)]
    (line,) = shown(document_to_log(clean(with_lines(ordinary(), *usual, *burst))))
    assert line.startswith("WARN [web] retry ")
    assert "times until" in line


def test_words_that_differ_are_two_events_though_the_lines_are_alike() -> None:
    lines = with_lines(
        ordinary(), at(1003, "WARN [gw] breaker of orders opened"), at(1503, "WARN [gw] breaker of orders closed")
    )
    assert shown(document_to_log(clean(lines))) == [
        "WARN [gw] breaker of orders opened",
        "WARN [gw] breaker of orders closed",
    ]


def test_a_stack_trace_goes_with_its_line_and_counts_as_no_line_of_its_own() -> None:
    trace = [
        "java.lang.IllegalStateException: pool closed",
        *[f"    at com.shop.A.m{n}(A.java:{n})" for n in range(30)],
    ]
    lines = [
        *ordinary(200),
        at(2500, "ERROR [db] query failed"),
        *trace,
        "Caused by: java.io.IOException: reset",
        *[line for line in ordinary() if line > at(2500, "")],
    ]
    log = document_to_log(clean(lines))
    assert log is not None
    assert log.clean.text.splitlines()[1:] == [trace[0], "Caused by: java.io.IOException: reset"]
    assert [one.number for one in log.shown] == [201, 202, 233]
    assert {one.stamp.text() for one in log.shown if one.stamp} == {"2026-03-14T00:41:40Z"}


def test_every_shown_line_leads_back_to_its_characters() -> None:
    document = clean(with_lines(ordinary(), at(1003, "ERROR [db] disk is full"), at(2003, "WARN [db] slow")))
    log = document_to_log(document)
    assert log is not None
    for one in log.shown:
        words = log.clean.text[one.start : one.end]
        assert document.text[one.origin : one.origin + len(words)] == words
        assert document.text.splitlines()[one.number - 1].endswith(words)


def test_of_a_log_of_routine_alone_the_ends_are_shown_and_it_is_said() -> None:
    log = document_to_log(clean(ordinary()))
    assert log is not None
    assert [one.number for one in log.shown] == [1, 400]
    assert any("no line is bad, rare or new" in warning for warning in log.warnings)


def test_what_is_no_log_stays_as_it_is() -> None:
    assert document_to_log(clean(["A letter of 2026-03-14 09:26:53.", *["Words without a time."] * 60])) is None
    assert document_to_log(clean([])) is None


def test_json_lines_are_a_log() -> None:
    lines = [
        f'{{"ts":"2026-03-14T09:{n // 60:02}:{n % 60:02}Z","level":"info","msg":"served {n}"}}' for n in range(300)
    ]
    lines.insert(150, '{"ts":"2026-03-14T09:02:30Z","level":"error","msg":"disk is full"}')
    log = document_to_log(clean(lines))
    assert log is not None
    assert [one.number for one in log.shown] == [151]


def test_stamps_without_a_year_take_that_of_the_file_and_it_is_said() -> None:
    lines = [f"Mar 14 09:{n // 60:02}:{n % 60:02} host web[1]: served {n}" for n in range(300)]
    lines[100] = "Mar 14 09:01:40 host web[1]: ERROR disk is full"
    dated, undated = document_to_log(clean(lines, "web-2026.log")), document_to_log(clean(lines))
    assert dated is not None
    assert undated is not None
    assert [one.stamp.text() for one in dated.shown if one.stamp] == ["2026-03-14T09:01:40"]
    assert [one.stamp.text() for one in undated.shown if one.stamp] == ["--03-14T09:01:40"]
    assert any("2026 is that of the file's name" in warning for warning in dated.warnings)
    assert any("name no year" in warning for warning in undated.warnings)


def test_however_much_is_rare_a_prompt_has_its_bounds_and_the_worst_is_kept() -> None:
    words = [f"{a}{b}{c}" for a in "abcdefghij" for b in "klmnopqrst" for c in "uvwxyz"]
    lines = [at(n * 5, f"INFO [x{word}] {word} {word} begins") for n, word in enumerate(words)]
    log = document_to_log(clean(with_lines(lines, at(1501, "CRITICAL [db] the end"))))
    assert log is not None
    assert len(log.shown) == MAX_SHOWN
    assert "CRITICAL [db] the end" in log.clean.text
    assert any("more lines are rare or bad" in warning for warning in log.warnings)


def test_chunks_hold_every_line_once_and_no_more_than_are_asked() -> None:
    rare = [at(n * 77 + 1, f"ERROR [{word}] {word} broke") for n, word in enumerate("abcdefghijklmnopqrstuvw")]
    log = document_to_log(clean(with_lines(ordinary(), *rare)))
    assert log is not None
    chunks = log_to_chunks(log, 10, 10_000, ApproximateTokenizer())
    assert "".join(one.text for one in chunks) == log.clean.text
    assert [one.text.count("\n") for one in chunks] == [8, 8, 7]
    assert [(one.index, one.count) for one in chunks] == [(0, 3), (1, 3), (2, 3)]
    assert len(log_to_chunks(log, 10, 30, ApproximateTokenizer())) > len(chunks)
