"""Puts back into their line the pieces that a file draws apart: a raised "th", a letter at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qwen_batch.reading.readers.pdf.layout.glyphs import Glyph, given_text, glyphs_to_text, is_gap
from qwen_batch.reading.readers.pdf.layout.marks import marked_text
from qwen_batch.reading.readers.pdf.layout.pieces import PageText, Piece

MAX_FRAGMENT_CHARS = 4
MAX_LETTER_CHARS = 2
MIN_LETTERS = 3
"""So many pieces of a letter or two in one row are a line that was taken apart."""
MAX_LETTER_GAP = 0.6
"""Between such letters, in heights."""
SLACK_SHARE = 0.1
SMALL_SHARE = 0.9
SAME_BASE_SHARE = 0.1
"""A fragment as large as its line stands on the same base line; a raised one is smaller."""
MAX_RAISE_SHARE = 0.6
MAX_LOWER_SHARE = 0.35
END_GAP_SHARE = 0.25


def with_fragments(pieces: Sequence[Piece], page: PageText) -> list[Piece]:
    """The same pieces, those that belong into another one's line put there."""
    if not any(len(piece.text) <= MAX_FRAGMENT_CHARS for piece in pieces):
        return list(pieces)
    placed = _letters_joined(pieces, page)
    for fragment in [piece for piece in placed if piece.whole and len(piece.text) <= MAX_FRAGMENT_CHARS]:
        for at, host in enumerate(placed):
            if host is not fragment and host.whole and _may_hold(host, fragment):
                joined = _inserted(page.of(host), page.of(fragment))
                if joined is not None:
                    text = marked_text(joined) or given_text(joined)
                    placed[at] = replace(host, text=text, boxes=(*host.boxes, *fragment.boxes), start=0, end=0)
                    placed = [piece for piece in placed if piece is not fragment]
                    break
    return placed


def _may_hold(host: Piece, fragment: Piece) -> bool:
    if len(host.text) <= MAX_FRAGMENT_CHARS:
        return False
    one, other = host.box, fragment.box
    slack = host.height / 2
    level = one.y0 - slack <= fragment.middle <= one.y1 + slack
    return level and one.x0 < other.x0 and other.x1 < one.x1 + host.height * 2


def _inserted(host: Sequence[Glyph], fragment: Sequence[Glyph]) -> list[Glyph] | None:
    """The glyphs of a line with those of a fragment in the gap where it stands; None if it stands in none."""
    if not host or not fragment:
        return None
    left, right = fragment[0].box.x0, fragment[-1].box.x1
    before = [glyph for glyph in host if glyph.box.x1 <= left + _slack(glyph)]
    after = host[len(before) :]
    if not before or before != list(host[: len(before)]):
        return None
    height = before[-1].box.y1 - before[-1].box.y0
    up = before[-1].base - fragment[0].base
    if not -MAX_LOWER_SHARE * height <= up <= MAX_RAISE_SHARE * height:
        return None
    small = fragment[0].box.y1 - fragment[0].box.y0 < SMALL_SHARE * height
    if not small and abs(up) > SAME_BASE_SHARE * height:
        return None
    if after and after[0].box.x0 < right - _slack(after[0]):
        return None
    if not after and left - before[-1].box.x1 > END_GAP_SHARE * height:
        return None
    first = fragment[0]._replace(blank=is_gap(before[-1], fragment[0]))
    last = [after[0]._replace(blank=is_gap(fragment[-1], after[0])), *after[1:]] if after else []
    return [*before, first, *fragment[1:], *last]


def _slack(glyph: Glyph) -> float:
    return SLACK_SHARE * (glyph.box.y1 - glyph.box.y0)


def _letters_joined(pieces: Sequence[Piece], page: PageText) -> list[Piece]:
    """Runs of single letters beside each other as one piece."""
    joined: list[Piece] = []
    run: list[Piece] = []

    def end_run() -> None:
        if len(run) >= MIN_LETTERS:
            glyphs = [glyph._replace(blank=False) for piece in run for glyph in page.of(piece)]
            boxes = tuple(box for piece in run for box in piece.boxes)
            joined.append(Piece(glyphs_to_text(glyphs), boxes))
        else:
            joined.extend(run)
        run.clear()

    for piece in pieces:
        if len(piece.text) > MAX_LETTER_CHARS or not piece.whole:
            end_run()
            joined.append(piece)
            continue
        if run and not _next_letter(run[-1], piece):
            end_run()
        run.append(piece)
    end_run()
    return joined


def _next_letter(before: Piece, piece: Piece) -> bool:
    height = max(before.height, piece.height)
    level = piece.box.y0 < before.box.y1 and before.box.y0 < piece.box.y1
    return level and piece.box.x0 - before.box.x0 >= 0 and piece.box.x0 - before.box.x1 <= MAX_LETTER_GAP * height
