"""Small OpenDocument files, by hand."""

from __future__ import annotations

from pathlib import Path

from helpers.archives import written, zip_bytes

TEXT = "application/vnd.oasis.opendocument.text"
SLIDES = "application/vnd.oasis.opendocument.presentation"
NAMES = ("office", "style", "text", "table", "draw", "form", "presentation", "svg", "chart", "number", "loext", "field")
SPACES = " ".join(f'xmlns:{name}="urn:{name}"' for name in NAMES) + ' xmlns:fo="urn:fo" xmlns:xlink="urn:xlink"'


def document(body: str, styles: str = "", root: str = "document-content") -> bytes:
    automatic = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    return f"<office:{root} {SPACES}>{automatic}<office:body>{body}</office:body></office:{root}>".encode()


def odt(path: Path, text: str, styles: str = "", **parts: bytes) -> Path:
    content = document(f"<office:text>{text}</office:text>", styles)
    return written(path, zip_bytes({"mimetype": TEXT.encode(), "content.xml": content, **parts}))


def odp(path: Path, slides: str, styles: str = "", **parts: bytes) -> Path:
    content = document(f"<office:presentation>{slides}</office:presentation>", styles)
    return written(path, zip_bytes({"mimetype": SLIDES.encode(), "content.xml": content, **parts}))


def look(name: str, properties: str, family: str = "text") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}"><style:text-properties {properties}/></style:style>'
    )
