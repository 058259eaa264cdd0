"""One name for each file, also where links lead to it by several paths, and the same name from run to run.

A file is its real path. Two hard links are two files, like two copies: neither is the other's name, programs that write
by renaming part them without a word, and equal content is asked once anyway.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qwen_batch.storage.sources import FILES, KnownSource, Source, real_uri


def one_name_each(sources: Iterable[Source]) -> tuple[Source, ...]:
    """A file that is listed by several paths once, in the place of the first.

    It is called by its real path if that was listed, else by the path that sorts first.
    """
    ways: dict[str, dict[str, Source]] = defaultdict(dict)
    for source in sources:
        before = ways[source.real_uri].get(source.uri, source)
        ways[source.real_uri][source.uri] = replace(before, members=_wanted((before, source)))
    return tuple(_merged(paths[_first(paths, real)], paths) for real, paths in ways.items())


def by_known_names(sources: Sequence[Source], known: Mapping[str, KnownSource]) -> tuple[Source, ...]:
    """Each file under the name that it is known by, as long as that path leads to it."""
    names: dict[str, list[str]] = defaultdict(list)
    for one in known.values():
        if one.state in FILES:
            names[one.real_uri].append(one.source_uri)
    return tuple(_as_known(source, names.get(source.real_uri, ())) for source in sources)


def _as_known(source: Source, names: Sequence[str]) -> Source:
    ways = (source.uri, *source.also)
    known = [uri for uri in names if uri in ways or real_uri(uri) == source.real_uri]
    if not known:
        return source
    return _with_ways(replace(source, uri=_first(known, source.real_uri)), (*ways, *known))


def _with_ways(source: Source, ways: Iterable[str]) -> Source:
    return replace(source, also=tuple(sorted({*ways} - {source.uri})))


def _merged(source: Source, paths: Mapping[str, Source]) -> Source:
    return replace(_with_ways(source, paths), members=_wanted(paths.values()))


def _wanted(sources: Iterable[Source]) -> tuple[str, ...]:
    """The members wanted of one archive; all, if any of its names was given as a whole."""
    each = [source.members for source in sources]
    return tuple(dict.fromkeys(uri for members in each for uri in members)) if all(each) else ()


def _first(ways: Iterable[str], real: str) -> str:
    return min(ways, key=lambda uri: (uri != real, uri))
