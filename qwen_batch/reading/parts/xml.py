"""The one importer of lxml: XML and HTML as trees, without entities, networks or huge trees.

lxml ships no types, so that an element is `Element` to the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no tree can hold; programs leave marks of their own between words."""
Element: TypeAlias = Any
"""An element of a tree; lxml ships no types."""


def xml_to_tree(data: bytes) -> Element:
    """The root of an XML document. Raises SyntaxError for what is no XML.

    Entities stay unexpanded and nothing is fetched: a "billion laughs" is so many characters as are in the file.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    return etree.fromstring(data, parser)


def tree_to_xml(element: Element) -> bytes:
    """An element with all that is in it as an XML document of its own."""
    from lxml import etree

    data: bytes = etree.tostring(element, encoding="utf-8", xml_declaration=True, with_tail=False)
    return data


def new_element(like: Element, name: str) -> Element:
    """An empty element of another name in the namespace of one that is there."""
    from lxml import etree

    namespace, bracket, _ = like.tag.rpartition("}")
    return etree.Element(f"{namespace}{bracket}{name}")


def html_to_tree(text: str) -> Element | None:
    """The `html` element of a page, None for one without elements or text, or whose elements are nested too deeply.

    The usual limit on depth is 256, and what is deeper would be dropped without a word; with `huge_tree` it is 2048.
    """
    from lxml import etree

    if not text.strip():
        return None
    text = _CONTROL.sub("", text.replace("\f", " "))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    return None if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log) else root


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector of a CSS rule; `pseudo` is "before" or "after" if it is about what stands there."""

    weight: tuple[int, int, int]
    pseudo: str
    find: Callable[[Element], list[Element]]


def css_to_xpath(selectors: str) -> Iterator[Selector]:
    """The selectors of a CSS rule; none for what is not understood."""
    from cssselect import SelectorError, parse
    from cssselect.xpath import HTMLTranslator
    from lxml import etree

    try:
        parsed = parse(selectors)
    except (SelectorError, RecursionError):
        return
    for selector in parsed:
        pseudo = selector.pseudo_element or ""
        if pseudo in ("", "before", "after"):
            try:
                path = HTMLTranslator().selector_to_xpath(selector, translate_pseudo_elements=False)
                found = etree.XPath(path)
            except (SelectorError, etree.XPathError, RecursionError):
                continue
            yield Selector(selector.specificity(), str(pseudo), found)


def walked(root: Element) -> Iterator[tuple[str, Element, Callable[[], None]]]:
    """Each element as it starts and ends, in order, however deep; the function leaves out what one holds."""
    from lxml import etree

    way = etree.iterwalk(root, events=("start", "end"))
    for event, element in way:
        yield event, element, way.skip_subtree
