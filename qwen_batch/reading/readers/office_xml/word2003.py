"""Word 2003's XML (WordprocessingML 2003) as a package of today: the elements have the same names.

Different are: containers around sections, numbers that stand beside each item, notes within the text, pictures.
"""

from __future__ import annotations

from qwen_batch.reading.parts.ooxml import attribute, child, local
from qwen_batch.reading.parts.xml import Element, new_element, tree_to_xml
from qwen_batch.reading.readers.office_xml.flat import OFFICE_RELATIONS, from_base64, package, relations

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PART = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
CONTAINERS = frozenset(("sect", "sub-section", "pBdrGroup"))
NOTES = frozenset(("footnote", "endnote"))
DELETED, INSERTED, REMARK = "Word.Deletion", "Word.Insertion", "Word.Comment"
STRIPS = {"hdr": "header", "ftr": "footer"}
BULLETS = frozenset("•·§o\uf0b7\uf0a7-–")


def document_to_package(root: Element) -> bytes:
    """The zip file of a docx with the same text."""
    body = child(root, "body")
    if body is None:
        raise ValueError("it has no text part")
    _unwrap(body)
    parts: dict[str, bytes] = {}
    targets: dict[str, tuple[str, str]] = {}
    types = {"word/document.xml": MAIN}
    _name_pictures(body, parts, targets)
    _number_items(body)
    _mark_changes(body)
    for kind in sorted(NOTES):
        if notes := _take_notes(body, kind):
            holder = new_element(body, f"{kind}s")
            holder.extend(notes)
            _add(f"{kind}s", holder, parts, targets, types)
    if remarks := _take_remarks(body):
        holder = new_element(body, "comments")
        holder.extend(remarks)
        _add("comments", holder, parts, targets, types)
    _name_strips(body, parts, targets, types)
    styles = child(root, "styles")
    if styles is not None:
        _add("styles", styles, parts, targets, types)
    document = new_element(body, "document")
    document.append(body)
    parts["word/document.xml"] = tree_to_xml(document)
    parts["word/_rels/document.xml.rels"] = relations(targets)
    parts["_rels/.rels"] = relations({"r1": ("officeDocument", "word/document.xml")})
    return package(parts, types)


def _add(
    kind: str, tree: Element, parts: dict[str, bytes], targets: dict[str, tuple[str, str]], types: dict[str, str]
) -> None:
    parts[f"word/{kind}.xml"] = tree_to_xml(tree)
    targets[kind] = (kind, f"{kind}.xml")
    types[f"word/{kind}.xml"] = PART.format(kind)


def _unwrap(body: Element) -> None:
    """Puts what is in containers into their places."""
    while found := [item for item in body.iter() if local(item) in CONTAINERS]:
        for item in reversed(found):
            parent, at = item.getparent(), item.getparent().index(item)
            parent[at : at + 1] = list(item)


def _number_items(body: Element) -> None:
    """The number of an item, which Word has written beside it, as the beginning of its text."""
    for paragraph in [item for item in body.iter() if local(item) == "p"]:
        looks = child(paragraph, "pPr")
        found = child(looks, "listPr")
        if looks is None or found is None:
            continue
        shown = child(found, "t")
        text = (attribute(shown, "val") or "").strip() if shown is not None else ""
        looks.remove(found)
        if text:
            run, words = new_element(paragraph, "r"), new_element(paragraph, "t")
            words.text = f"{'-' if text in BULLETS else text} "
            run.append(words)
            paragraph.insert(paragraph.index(looks) + 1, run)


def _mark_changes(body: Element) -> None:
    """Tracked changes: annotations around content become the elements of today."""
    for item in [one for one in body.iter() if local(one) == "annotation"]:
        content = child(item, "content")
        kind = attribute(item, "type") or ""
        if content is None or kind not in {DELETED, INSERTED}:
            continue
        changed = new_element(item, "del" if kind == DELETED else "ins")
        changed.extend(list(content))
        changed.tail = item.tail
        item.getparent().replace(item, changed)


def _take_notes(body: Element, kind: str) -> list[Element]:
    """The notes that stand within the text; a reference stays in the place of each."""
    taken = []
    for number, note in enumerate([item for item in body.iter() if local(item) == kind], start=1):
        reference = new_element(note, f"{kind}Reference")
        reference.set(_named(note, "id"), str(number))
        note.getparent().replace(note, reference)
        note.set(_named(note, "id"), str(number))
        taken.append(note)
    return taken


def _take_remarks(body: Element) -> list[Element]:
    """The remarks that stand within the text; a reference stays in the place of each."""
    taken: list[Element] = []
    for item in [one for one in body.iter() if local(one) == "annotation"]:
        content = child(item, "content")
        if content is None or attribute(item, "type") != REMARK:
            continue
        number, remark = str(len(taken)), new_element(body, "comment")
        remark.set(_named(body, "id"), number)
        remark.set(_named(body, "author"), attribute(item, "author") or "")
        remark.extend(list(content))
        reference = new_element(body, "commentReference")
        reference.set(_named(body, "id"), number)
        if local(item.getparent()) != "r":
            run = new_element(body, "r")
            run.append(reference)
            reference = run
        reference.tail = item.tail
        item.getparent().replace(item, reference)
        taken.append(remark)
    return taken


def _name_strips(
    body: Element, parts: dict[str, bytes], targets: dict[str, tuple[str, str]], types: dict[str, str]
) -> None:
    """Heads and feet, which stand within the properties of their section, as parts of their own."""
    for number, strip in enumerate([item for item in body.iter() if local(item) in STRIPS]):
        kind, name = STRIPS[local(strip)], f"{STRIPS[local(strip)]}{number}"
        reference = new_element(body, f"{kind}Reference")
        place = attribute(strip, "type") or ""
        reference.set(_named(body, "type"), "default" if place == "odd" else place)
        reference.set(f"{{{OFFICE_RELATIONS}}}id", name)
        strip.getparent().replace(strip, reference)
        parts[f"word/{name}.xml"] = tree_to_xml(strip)
        targets[name] = (kind, f"{name}.xml")
        types[f"word/{name}.xml"] = PART.format(kind)


def _name_pictures(body: Element, parts: dict[str, bytes], targets: dict[str, tuple[str, str]]) -> None:
    """Pictures that stand within the text as parts of their own."""
    names: dict[str, str] = {}
    for data in [item for item in body.iter() if local(item) == "binData"]:
        name = (attribute(data, "name") or f"p{len(names)}").rpartition("/")[2]
        key = f"picture{len(names)}"
        names[attribute(data, "name") or ""] = key
        parts[f"word/media/{key}-{name}"] = from_base64("".join(data.itertext()))
        targets[key] = ("image", f"media/{key}-{name}")
        data.getparent().remove(data)
    for shown in [item for item in body.iter() if local(item) == "imagedata"]:
        if key := names.get(attribute(shown, "src") or "", ""):
            shown.set(f"{{{OFFICE_RELATIONS}}}id", key)


def _named(like: Element, name: str) -> str:
    namespace, bracket, _ = like.tag.rpartition("}")
    return f"{namespace}{bracket}{name}"
