"""field_codes: fields that show what their code says were blank where no result is kept."""

from __future__ import annotations

import pytest

from qwen_batch.reading.parts.inline.field_codes import field_code_to_text


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (r"EQ \f(3,8)", "3/8"),
        (r"EQ \f(1,5;2)", "1,5/2"),
        (r"EQ \r(3,x+1)", "√[3](x+1)"),
        (r"EQ x\s\up6(2) + y\s\do4(i)", "x^2 + y_i"),
        (r'EQ \* jc2 \* "Font:MS Mincho" \* hps10 \o\ad(\s\up 9(すずき),鈴木)', "鈴木(すずき)"),
        (r"EQ \i\su(k=1,n,k)", "∑_(k=1)^n k"),
        (r"EQ \b\lc\[(\a(1,2)) \l(A,B)", "(1; 2) A, B"),
        (r"EQ \f(1,(a\,b)", "1/(a,b)"),
        (r"EQ " + r"\f(" * 60, None),
        (r'SYMBOL 179 \f "Symbol" \s 12', "≥"),
        (r"SYMBOL 0xFC \f Wingdings", "✓"),
        ("MACROBUTTON NoMacro [Click here]", "[Click here]"),
        (r'=SUM(ABOVE) \# "0.00"', "=SUM(ABOVE)"),
        ("PAGE", ""),
        ("", ""),
    ],
)
def test_code_of_a_field_without_a_result(code: str, shown: str | None) -> None:
    found = field_code_to_text(code)
    assert shown is None or found == shown
