"""charts: each value under its own label, in its format."""

from __future__ import annotations

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.charts import chart_to_writer
from qwen_batch.reading.parts.writer import PageWriter
from qwen_batch.reading.parts.xml import xml_to_tree
from qwen_batch.records import Page

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def page_of(inner: str, namespace: str = CHART) -> Page:
    writer = PageWriter(ReadSettings())
    chart_to_writer(xml_to_tree(f'<c:chartSpace xmlns:c="{namespace}">{inner}</c:chartSpace>'.encode()), writer)
    return writer.pages()[0]


def table(inner: str, namespace: str = CHART) -> list[str]:
    return [line.text for line in page_of(inner, namespace).lines if line.text]


def points(values: dict[int, str], code: str = "", kind: str = "num") -> str:
    inner = "".join(f'<c:pt idx="{place}"><c:v>{value}</c:v></c:pt>' for place, value in values.items())
    return f"<c:{kind}Ref><c:{kind}Cache><c:formatCode>{code}</c:formatCode>{inner}</c:{kind}Cache></c:{kind}Ref>"


def series(name: str, labels: str, values: str) -> str:
    return f"<c:ser><c:tx><c:v>{name}</c:v></c:tx><c:cat>{labels}</c:cat><c:val>{values}</c:val></c:ser>"


def test_values_stand_at_their_places_in_their_format() -> None:
    labels = points({0: "Q1", 1: "Q2", 2: "Q3"}, kind="str")
    assert table(series("Share", labels, points({0: "0.5", 2: "0.0425"}, "0.00%"))) == [
        "|  | Share |",
        "| --- | --- |",
        "| Q1 | 50.00% |",
        "| Q2 |  |",
        "| Q3 | 4.25% |",
    ]


def test_days_on_a_date_axis_are_days() -> None:
    inner = series("t", points({0: "45688"}, "General"), points({0: "5"})) + "<c:dateAx/>"
    assert table(inner)[-1] == "| 2025-01-31 | 5 |"


def test_series_with_labels_of_their_own_are_tables_of_their_own() -> None:
    first = series("a", points({0: "1"}), points({0: "5"}))
    second = series("b", points({0: "2"}), points({0: "6"}))
    assert table(first + second) == ["|  | a |", "| --- | --- |", "| 1 | 5 |", "|  | b |", "| --- | --- |", "| 2 | 6 |"]


def test_labels_of_two_levels() -> None:
    inner = "".join(f'<c:pt idx="{place}"><c:v>Q{place % 2 + 1}</c:v></c:pt>' for place in range(4))
    outer = '<c:pt idx="0"><c:v>2024</c:v></c:pt><c:pt idx="2"><c:v>2025</c:v></c:pt>'
    labels = f"<c:multiLvlStrRef><c:multiLvlStrCache><c:lvl>{inner}</c:lvl><c:lvl>{outer}</c:lvl>"
    labels += "</c:multiLvlStrCache></c:multiLvlStrRef>"
    rows = table(series("kWh", labels, points({0: "1", 1: "2", 2: "3", 3: "4"})))
    assert rows[2:] == ["| 2024 Q1 | 1 |", "| 2024 Q2 | 2 |", "| 2025 Q1 | 3 |", "| 2025 Q2 | 4 |"]


def test_a_series_that_is_filtered_out_is_kept_apart() -> None:
    shown = series("a", points({0: "x"}, kind="str"), points({0: "5"}))
    page = page_of(f"{shown}<c:extLst><c:ext>{series('old', points({}), points({0: '9'}))}</c:ext></c:extLst>")
    assert [piece.text for piece in page.hidden] == ["old 9"]
    assert not any("9" in line.text for line in page.lines)


def test_a_chart_of_the_newer_kinds() -> None:
    data = '<c:chartData><c:data id="0"><c:strDim><c:lvl><c:pt idx="0">Start</c:pt><c:pt idx="1">Fees</c:pt></c:lvl>'
    data += (
        '</c:strDim><c:numDim><c:lvl formatCode="0%"><c:pt idx="1">0.5</c:pt></c:lvl></c:numDim></c:data></c:chartData>'
    )
    named = '<c:series><c:tx><c:txData><c:v>Bridge</c:v></c:txData></c:tx><c:dataId val="0"/></c:series>'
    assert table(data + named) == ["|  | Bridge |", "| --- | --- |", "| Start |  |", "| Fees | 50% |"]


def test_a_chart_without_values_is_a_warning() -> None:
    assert page_of("<c:ser><c:val><c:numRef><c:f>S!A1</c:f></c:numRef></c:val></c:ser>").warnings
