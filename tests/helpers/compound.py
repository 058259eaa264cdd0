"""Compound files that tests make ([MS-CFB]): storages and streams by name, as Outlook and old Office write them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree: TypeAlias = "Mapping[str, bytes | Tree]"


def compound(tree: Tree) -> bytes:
    """A file with these storages (mappings) and streams (bytes)."""
    entries: list[tuple[str, int, bytes, list[int]]] = [("Root Entry", 5, b"", [])]
    _collect(tree, 0, entries)
    mini, mini_fat, starts = b"", [], {}
    for at, (_, kind, data, _) in enumerate(entries):
        if kind == 2 and 0 < len(data) < CUTOFF:
            count = -(-len(data) // MINI)
            starts[at] = len(mini_fat)
            mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), END]
            mini += data.ljust(count * MINI, b"\0")
    chains = [b"".ljust(-(-len(entries) // 4) * SECTOR), struct.pack(f"<{len(mini_fat)}I", *mini_fat), mini]
    big = [at for at, (_, kind, data, _) in enumerate(entries) if kind == 2 and len(data) >= CUTOFF]
    chains += [entries[at][2] for at in big]
    places, fat, sectors = [], [FAT], 1
    for chain in chains:
        count = -(-len(chain) // SECTOR)
        places.append(sectors if count else END)
        fat += [*range(sectors + 1, sectors + count), END] if count else []
        sectors += count
    starts |= dict(zip(big, places[3:], strict=True))
    chains[0] = b"".join(_entry(at, entries, starts, places[2], len(mini)) for at in range(len(entries)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header = header.ljust(44, b"\0") + struct.pack("<IIII", 1, places[0], 0, CUTOFF)
    header += struct.pack("<IIII", places[1], -(-len(chains[1]) // SECTOR), END, 0) + struct.pack(
        "<109I", 0, *[FREE] * 108
    )
    body = b"".join(chain.ljust(-(-len(chain) // SECTOR) * SECTOR, b"\0") for chain in chains)
    return header + struct.pack("<128I", *fat, *[FREE] * (128 - len(fat))) + body


def _collect(tree: Tree, parent: int, entries: list[tuple[str, int, bytes, list[int]]]) -> None:
    for name, value in tree.items():
        at = len(entries)
        entries[parent][3].append(at)
        entries.append((name, 2, value, []) if isinstance(value, bytes) else (name, 1, b"", []))
        if not isinstance(value, bytes):
            _collect(value, at, entries)


def _entry(
    at: int, entries: list[tuple[str, int, bytes, list[int]]], starts: Mapping[int, int], mini: int, mini_size: int
) -> bytes:
    name, kind, data, children = entries[at]
    siblings = next((found for _, _, _, found in entries if at in found), [])
    after = siblings[siblings.index(at) + 1 :] if siblings else []
    encoded = name.encode("utf-16-le")
    start, size = (mini, mini_size) if at == 0 else (starts.get(at, END if kind == 2 else 0), len(data))
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBB", len(encoded) + 2, kind, 1)
        + struct.pack("<III", FREE, after[0] if after else FREE, children[0] if children else FREE)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
