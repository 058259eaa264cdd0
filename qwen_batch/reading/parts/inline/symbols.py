"""What the characters of symbol fonts stand for, in Unicode. Knows no file format.

A code means another sign in each font. Programs write it as such or in the private-use area (U+F020 to U+F0FF).
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache

PRIVATE = 0xF000
UNKNOWN = "\ufffd"
FIRST_SIGN = 0x20
_PRIVATE_SIGN = re.compile("[\uf020-\uf0ff]")


def _rows(first: int, rows: str) -> dict[int, str]:
    return dict(enumerate(rows.replace("\n", ""), first))


_WINGDINGS = _rows(
    0x20,
    """ ✏✂✁👓🔔📖🕯☎✆✉🖃📪📫📬📭
📁📂📄🗏🗐🗄⌛🖮🖰🖲💻🖴💾🖬✇✍
🖎✌👌👍👎☜☞☝☟✋☺😐☹💣☠⚐
🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉
♊♋♌♍♎♏♐♑♒♓&&●❍■☐
☐☐☐⬧◆◆❖⬥☒⍓⌘❀✿❝❞▯
⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹
❺❻❼❽❾❿🙢🙠🙡🙣🙞🙜🙝🙟·•
▪○○○◉◎○▪☐▲✦★✶✴✹✵
⯐⌖⟡⌑⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘
🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗
🙖🙐🙑🙒🙓⌫⌦⮘➢⮙⮛⮈➲⮉⮋←
→↑↓↖↗↙↘⬅➔⬆⬇↖↗↙↘⇦
⇨⇧⇩⬄⇳⬁⬀⬃⬂▭▫✗✓☒☒⊞""",
)
"""Both boxes that are ticked, with a cross and with a tick, are `☒`: what counts is that they are."""
_WINGDINGS_2 = {
    0x4F: "✗",
    0x50: "✓",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0x2A: "☐",
    0x30: "☐",
    **_rows(0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
    **_rows(0x95, "•●●●○○○○◉◉▪■■■☐☐☐☐☐▣"),
    0xAE: "◆",
    0xAF: "◇",
    0xB7: "◆",
    0xB8: "◊",
    0xEA: "★",
    0xF8: "※",
}
_WINGDINGS_3 = {
    **_rows(0x66, "←→↑↓↖↗↙↘↔↕"),
    **_rows(0x70, "▲▼△▽◄►◁▷"),
    0x7D: "►",
    0x84: "⯈",
}
_WEBDINGS = {
    0x33: "◀",
    0x34: "▶",
    0x35: "▲",
    0x36: "▼",
    0x3D: "■",
    0x61: "✔",
    0x63: "☐",
    0x67: "■",
    0x69: "ℹ",
    0x6E: "●",
    0x72: "✖",
    0x73: "?",
}
_DINGBATS = {
    **{code: chr(code + 0x26E0) for code in range(0x21, 0x7F)},
    **{code: chr(code + 0x26C0) for code in range(0xA1, 0xFF)},
    0x25: "☎",
    0x2A: "☛",
    0x2B: "☞",
    0x48: "★",
    0x6C: "●",
    0x6E: "■",
    0x6F: "☐",
    0x70: "☐",
    0x71: "☐",
    0x72: "☐",
    0x73: "▲",
    0x74: "▼",
    0x75: "◆",
    0x77: "◗",
    0xA8: "♣",
    0xA9: "♦",
    0xAA: "♥",
    0xAB: "♠",
    **_rows(0xAC, "①②③④⑤⑥⑦⑧⑨⑩"),
    0xD5: "→",
    0xD6: "↔",
    0xD7: "↕",
}
_SYMBOL = {
    **{code: chr(code) for code in range(0x20, 0x7F)},
    0x22: "∀",
    0x24: "∃",
    0x27: "∍",
    0x2D: "−",
    0x40: "≅",
    0x5C: "∴",
    0x5E: "⊥",
    0x60: "‾",
    0x7E: "∼",
    **_rows(0x41, "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"),
    **_rows(0x61, "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"),
    **_rows(
        0xA0,
        """€ϒ′≤/∞ƒ♣♦♥♠↔←↑→↓
°±″≥×∝∂•÷≠≡≈…⏐⎯↵
ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉
∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓
◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪""",
    ),
    **_rows(0xF1, "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"),
}
"""Adobe's Symbol encoding (PDF 1.7, annex D.6)."""
_FONTS = {
    "symbol": _SYMBOL,
    "symbolmt": _SYMBOL,
    "standardsymbolsl": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings2": _WINGDINGS_2,
    "wingdings3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
    "zapfdingbats": _DINGBATS,
    "itczapfdingbats": _DINGBATS,
    "dingbats": _DINGBATS,
}
_GUESSED = {code: _WINGDINGS[code] for code in (0x6F, 0xA8, 0xFB, 0xFC, 0xFD, 0xFE, 0xA7, 0xD8, 0xE0)} | {0xB7: "•"}
"""What a code is most likely where the font is not said: the boxes and bullets that office programs write."""


@lru_cache(maxsize=256)
def _table(font: str) -> dict[int, str] | None:
    return _FONTS.get(re.sub(r"[\s\-_\"']", "", font.lower()))


def is_symbol_font(font: str | None) -> bool:
    """Whether the characters of a font are signs under the codes of letters."""
    return bool(font) and _table(font or "") is not None


def symbol(code: int, font: str | None) -> str:
    """The sign with a code, which may be one of the private-use area; UNKNOWN where it is not known."""
    table = _table(font) if font else None
    within = code - PRIVATE if PRIVATE <= code < PRIVATE + 0x100 else code
    if table is not None:
        return table.get(within, UNKNOWN)
    if within != code:
        return _GUESSED.get(within, UNKNOWN)
    return chr(code) if FIRST_SIGN <= code <= sys.maxunicode else UNKNOWN


def symbols_to_text(text: str, font: str | None, *, letters: bool = True) -> str:
    """The text of a run in a font, the signs of symbol fonts in Unicode; `letters` if the font is theirs too."""
    if letters and is_symbol_font(font):
        return "".join(
            symbol(ord(sign), font) if " " < sign <= "\xff" or _PRIVATE_SIGN.match(sign) else sign for sign in text
        )
    if not text.isascii() and _PRIVATE_SIGN.search(text):
        return _PRIVATE_SIGN.sub(lambda found: symbol(ord(found[0]), font if is_symbol_font(font) else None), text)
    return text
