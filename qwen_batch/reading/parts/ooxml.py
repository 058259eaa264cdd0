"""The parts of an Office Open XML file and how they refer to each other (ECMA-376, part 2).

Knows no words, slides or cells. Names of elements and attributes are compared without their namespace, so that the
"strict" variant of the formats, which has other ones, reads the same.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.config import ReadSettings
from qwen_batch.reading.parts.reader import Unreadable
from qwen_batch.reading.parts.xml import Element, xml_to_tree
from qwen_batch.reading.parts.zip import DAMAGED, opened_zip


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: `kind` is the last word of the relation's type, `target` another part's name."""

    id: str
    kind: str
    target: str


class Package:
    """An opened file; parts are read when asked for, so that pictures and films stay packed."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        # Names differ in case between the directory and the relations often enough; Office does not care.
        self._names = {name.lower().lstrip("/"): name for name in archive.namelist()}

    def tree(self, part: str) -> Element | None:
        """The root element of a part, None if there is no such part. Raises Unreadable for broken XML."""
        data = self.data(part)
        if data is None:
            return None
        try:
            return xml_to_tree(data)
        except (SyntaxError, ValueError) as error:  # lxml's own error is a SyntaxError
            raise Unreadable("damaged", f"{DAMAGED} ({part}: {error})") from None

    def names(self) -> tuple[str, ...]:
        """The names of all parts, in lower case."""
        return tuple(self._names)

    def data(self, part: str) -> bytes | None:
        """The bytes of a part, None if there is no such part."""
        name = self._names.get(part.lower())
        return None if name is None else self._archive.read(name)

    def relations(self, part: str) -> tuple[Relation, ...]:
        """What a part refers to within the file; "" is the file as a whole."""
        folder, name = posixpath.split(part)
        root = self.tree(posixpath.join(folder, "_rels", f"{name}.rels"))
        return tuple(
            Relation(
                attribute(item, "Id") or "",
                (attribute(item, "Type") or "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, attribute(item, "Target") or "")).lstrip("/"),
            )
            for item in (root if root is not None else ())
            if attribute(item, "TargetMode") != "External"
        )

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that another part refers to."""
        return next((relation.target for relation in self.relations(part) if relation.kind == kind), None)

    def main_part(self) -> str:
        """The part that all others hang on. Raises Unreadable."""
        part = self.related("", "officeDocument")
        if part is None:
            raise Unreadable("damaged", f"{DAMAGED} (it has no main part)")
        return part


@contextmanager
def opened_package(path: Path, settings: ReadSettings) -> Iterator[Package]:
    """The file's parts, within the limits on unpacking. Raises Unreadable."""
    with opened_zip(path, settings) as archive:
        yield Package(archive)


def local(element: Element) -> str:
    """An element's name without its namespace, "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its name without namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def relation_id(element: Element, name: str = "id") -> str | None:
    """The attribute that names a relation; an element may have an `id` of another kind beside it."""
    for key, value in element.attrib.items():
        namespace, _, word = key.rpartition("}")
        if word == name and namespace.endswith("/relationships"):
            return str(value)
    return None


def children(element: Element) -> Iterator[Element]:
    """The child elements; of alternatives the one for programs of today, which the fallback repeats for old ones."""
    for item in element:
        if local(item) == "AlternateContent":
            yield from children(next((choice for choice in item if local(choice) == "Choice"), item))
        elif local(item):
            yield item


def child(element: Element | None, *names: str) -> Element | None:
    """The first child of a name, of that the first child of the next name, and so on; None where there is none."""
    for name in names:
        if element is None:
            return None
        element = next((item for item in element if local(item) == name), None)
    return element


def value_of(element: Element | None, *names: str) -> str | None:
    """The `val` attribute of a descendant found as `child` does."""
    found = child(element, *names)
    return None if found is None else attribute(found, "val")


def is_on(element: Element | None, name: str) -> bool:
    """Whether a switch such as `<w:vanish/>` is there and not off."""
    found = child(element, name)
    return found is not None and (attribute(found, "val") or "1").lower() not in {"0", "false", "off", "none"}


def descendants(element: Element, name: str) -> Iterator[Element]:
    """All elements of a name below an element, without the fallbacks that repeat them for old programs."""
    for item in element:
        if local(item) == name:
            yield item
        elif local(item) != "Fallback":
            yield from descendants(item, name)
