"""The one importer of lxml: XML and HTML as trees, without entities, networks or huge trees.

lxml ships no types, so that an element is `Element` to the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

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
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    return None if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log) else root


def css_to_xpath(selectors: str) -> Iterator[tuple[tuple[int, int, int], Callable[[Element], list[Element]]]]:
    """For each selector of a CSS rule its specificity and what finds its elements; none for what is not understood."""
    from cssselect import SelectorError, parse
    from cssselect.xpath import HTMLTranslator
    from lxml import etree

    try:
        parsed = parse(selectors)
    except (SelectorError, RecursionError):
        return
    for selector in parsed:
        if selector.pseudo_element is None:
            try:
                path = HTMLTranslator().selector_to_xpath(selector)
                found = etree.XPath(path)
            except (SelectorError, etree.XPathError, RecursionError):
                continue
            yield selector.specificity(), found
