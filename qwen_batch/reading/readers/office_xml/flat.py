"""Packages: the parts of a flat one as a zip file, and the frame of one that is made here."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element, tree_to_xml

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"

_OFFICE = "application/vnd.openxmlformats-officedocument"
MAIN_TYPES = {
    "word/document.xml": f"{_OFFICE}.wordprocessingml.document.main+xml",
    "xl/workbook.xml": f"{_OFFICE}.spreadsheetml.sheet.main+xml",
    "ppt/presentation.xml": f"{_OFFICE}.presentationml.presentation.main+xml",
}


def flat_to_package(root: Element) -> bytes:
    """The zip file of a flat package."""
    parts: dict[str, bytes] = {}
    types: dict[str, str] = {}
    for part in root:
        name = (attribute(part, "name") or "").lstrip("/") if local(part) == "part" else ""
        if not name:
            continue
        types[name] = attribute(part, "contentType") or ""
        tree, packed = child(part, "xmlData"), child(part, "binaryData")
        inner = next((item for item in tree if local(item)), None) if tree is not None else None
        if inner is not None:
            parts[name] = tree_to_xml(inner)
        elif packed is not None:
            parts[name] = from_base64("".join(packed.itertext()))
    main = next((name for name in MAIN_TYPES if name in parts), None)
    if main is not None:  # programs leave out what can be told from the name
        types[main] = types[main] or MAIN_TYPES[main]
        parts.setdefault("_rels/.rels", relations({"r1": ("officeDocument", main)}))
    return package(parts, types)


def from_base64(text: str) -> bytes:
    """The bytes, none for what is no base64."""
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def package(parts: Mapping[str, bytes], types: Mapping[str, str]) -> bytes:
    """A zip file of parts with their content types by name."""
    overrides = "".join(
        f"<Override PartName={quoteattr('/' + name)} ContentType={quoteattr(kind)}/>" for name, kind in types.items()
    )
    default = f'<Default Extension="rels" ContentType="{RELATIONS_TYPE}"/>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{TYPES}">{default}{overrides}</Types>')
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    """A part of relations: kind and target by id."""
    items = "".join(
        f"<Relationship Id={quoteattr(key)} Type={quoteattr(f'{OFFICE_RELATIONS}/{kind}')} Target={quoteattr(target)}/>"
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{RELATIONS}">{items}</Relationships>'.encode()
