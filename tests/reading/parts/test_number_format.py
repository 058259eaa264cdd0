"""number_format: what Excel shows of a value, the value beside it where digits are lost."""

from __future__ import annotations

import pytest

from qwen_batch.reading.parts.number_format import BUILTIN, number_format


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("0%", "0.15", "15%"),
        ("0%", "0.0425", "4% (0.0425)"),
        ("#,##0.00 [$€-407]", "1234.5", "1,234.50 €"),
        ("[$$-409]#,##0.00", "12", "$12.00"),
        ("00000", "4109", "04109"),
        ("0", "4532015112830360", "4532015112830360"),
        ("0.00000", "0.00005", "0.00005"),
        ("0.##", "5", "5"),
        ("0.00", "1.005", "1.01 (1.005)"),
        ("#,##0,", "1234567", "1,235 (1234567)"),
        ('0.0,,"M"', "1200000", "1.2M (1200000)"),
        ("000-00-0000", "123456789", "123-45-6789"),
        ("[<=9999999]###-####;(###) ###-####", "2125551234", "(212) 555-1234"),
        ("[<=9999999]###-####;(###) ###-####", "5551234", "555-1234"),
        ('[=1]"Yes";[=0]"No"', "1", "Yes (1)"),
        ('[=1]"Yes";[=0]"No"', "0", "No"),
        ('[=1]"Yes";[=0]"No"', "3", "#### (3)"),
        ("#,##0;[Red]#,##0", "-1234", "1,234 (-1234)"),
        ("#,##0_);(#,##0)", "-1234", "(1,234)"),
        ("0.0%;[Red]-0.0%", "-0.05", "-5.0%"),
        (BUILTIN[44], "1234.5", "$1,234.50"),
        (BUILTIN[44], "-1234.5", "$(1,234.50)"),
        (BUILTIN[44], "0", "$-"),
        ('0" days"', "14", "14 days"),
        (";;;", "5", ""),
        ("@", "5", "5"),
    ],
)
def test_numbers(code: str, value: str, text: str) -> None:
    assert number_format(code).shown(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("# ?/?", "0.5", "1/2"),
        ("# ?/?", "2.75", "2 3/4"),
        ("# ??/16", "1.3", "1 5/16 (1.3)"),
        ("?/?", "1.5", "3/2"),
        ("# ?/?", "0", "0"),
        ("0.00E+00", "12345", "1.23E+04 (12345)"),
        ("##0.0E+0", "12300", "12.3E+3"),
        ("0.00E+00", "0.00012", "1.20E-04"),
    ],
)
def test_fractions_and_powers(code: str, value: str, text: str) -> None:
    assert number_format(code).shown(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("dd/mm/yyyy", "45429", "2024-05-17"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "45429", "2024-05-17"),
        ('[$-411]ggge"年"m"月"d"日"', "45429", "2024-05-17"),
        ("mmm-yy", "45429", "May-24 (2024-05-17)"),
        ("dddd", "45429", "Friday (2024-05-17)"),
        ("yyyy-mm-dd h:mm", "45429.31736111111", "2024-05-17 07:37:00"),
        ("h:mm AM/PM", "0.5756944444444444", "13:49:00"),
        ("h:mm", "1.5", "12:00:00 (36:00:00)"),
        ("[h]:mm", "1.5", "36:00"),
        ("[h]:mm:ss", "-1.25", "-30:00:00"),
        ("mm:ss.0", "0.001", "00:01:26.4"),
        ("yyyy-mm-dd", "60", "1900-02-29"),
        ("yyyy-mm-dd", "59", "1900-02-28"),
        ("yyyy-mm-dd", "61", "1900-03-01"),
        ("yyyy-mm-dd", "-5", "#### (-5)"),
    ],
)
def test_dates_and_times(code: str, value: str, text: str) -> None:
    assert number_format(code).shown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.30000000000000004", "0.3"),
        ("1e300", "1E+300"),
        ("1.23e-12", "1.23E-12"),
        ("123456789012", "123456789012"),
        ("12345678901234567", "12345678901234567"),
        ("-0.25", "-0.25"),
        ("no number", "no number"),
    ],
)
def test_general(value: str, text: str) -> None:
    assert number_format("General").shown(value) == text


def test_words_in_a_format() -> None:
    assert number_format('"Ref "@').words("A1") == "Ref A1"
    assert number_format("0.00").words("A1") == "A1"
    assert number_format(";;;").words("A1") == ""
