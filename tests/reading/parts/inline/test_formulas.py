"""Formulas on one line: nothing that changes their value is lost."""

from __future__ import annotations

import pytest

from qwen_batch.reading.parts.inline.formulas import formula_to_text
from qwen_batch.reading.parts.xml import html_to_tree, xml_to_tree

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


SUM = '<m:naryPr><m:chr m:val="∑"/></m:naryPr>'


def office(inner: str) -> str:
    return formula_to_text(xml_to_tree(f'<m:oMath xmlns:m="{M}">{inner}</m:oMath>'.encode()))


def web(inner: str) -> str:
    root = html_to_tree(f"<html><body><math>{inner}</math></body></html>")
    return formula_to_text(next(root.iter("math")))


def r(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (f"<m:f><m:num>{r('a+b')}</m:num><m:den>{r('12')}</m:den></m:f>", "(a+b)/12"),
        (f"<m:f><m:num>{r('1')}</m:num><m:den>{r('2a')}</m:den></m:f>", "1/(2a)"),
        (f"<m:sSup><m:e>{r('x')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>", "x^2"),
        (f"<m:sSub><m:e>{r('a')}</m:e><m:sub>{r('i+1')}</m:sub></m:sSub>", "a_(i+1)"),
        (f"<m:rad><m:radPr/><m:deg/><m:e>{r('x+1')}</m:e></m:rad>", "√(x+1)"),
        (f"<m:rad><m:deg>{r('3')}</m:deg><m:e>{r('8')}</m:e></m:rad>", "√[3](8)"),
        (
            f"<m:nary>{SUM}<m:sub>{r('i=1')}</m:sub><m:sup>{r('n')}</m:sup><m:e>{r('i')}</m:e></m:nary>",
            "∑_(i=1)^n i",
        ),
        (f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val="]"/></m:dPr><m:e>{r("a")}</m:e></m:d>', "[a]"),
        (f"<m:func><m:fName>{r('sin')}</m:fName><m:e>{r('x')}</m:e></m:func>", "sin x"),
    ],
)
def test_office_formulas(inner: str, text: str) -> None:
    assert office(inner) == text


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<mfrac><mn>3</mn><mn>8</mn></mfrac>", "3/8"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac>", "(a+1)/b"),
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x_1^2"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x+1)"),
        ("<mroot><mn>8</mn><mn>3</mn></mroot>", "√[3](8)"),
        (
            "<semantics><mfrac><mn>1</mn><mn>2</mn></mfrac><annotation>\\frac12</annotation></semantics>",
            "1/2",
        ),
    ],
)
def test_formulas_of_web_pages(inner: str, text: str) -> None:
    assert web(inner) == text
