"""How every file of the corpus ends, and whether the limits on archives hold: `qwen-batch extract` over all of it.

    python -m benchmarks.reading.corpus ../shared/data

Files are made good, odd and hostile in a folder of their own, some of DATA beside them. Each file is to be a document
or a failure with a remedy; a good one a document that says what was written; an archive what `hostile` says of it. The
folders around the archives are listed before and after.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.common import python_path
from benchmarks.reading.corpus.hostile import EVIL, SECRET, Hostile, make_hostile
from benchmarks.reading.corpus.made import KNOWN, make_good
from benchmarks.reading.corpus.odd import make_odd, take_real
from qwen_batch.failure_codes import FAILURE_CODES
from qwen_batch.storage.parquet import read_parquet

PROGRAM = Path(sys.executable).with_name("qwen-batch")
MEMBER_MARK = "!/"
NO_REMEDY = {"internal", "lost", "poison"}
"""Codes that say that the program itself went wrong."""
REMEDY = re.compile(
    r"\b(ask|check|close|convert|copy|export|give|install|leave|lower|open|pack|print|put|raise|remove|rename|report|run|save"
    r"|see|send|set|split|take|try|turn|unpack|use|write)\b",
    re.IGNORECASE,
)
EXIT_CODES = {0, 3}
SHOWN = 12


@dataclass(slots=True)
class Ended:
    """What came of one file, its members included: texts of documents, and (code, message) of failures."""

    texts: list[str] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)


def measure(data: Path) -> str:
    """Markdown: counts by format and code, what is neither document nor failure, and what became of the archives."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        inputs, archives, outside = root / "corpus", root / "hostile" / "in", root / "hostile" / "outside"
        left_out = make_good(inputs / "good")
        make_odd(inputs / "odd", inputs / "good")
        take_real(inputs / "real", data)
        hostile = make_hostile(outside)
        archives.mkdir(parents=True)
        outside.mkdir()
        (outside / "secret.txt").write_text(SECRET, "utf-8")
        for one in hostile:
            (archives / one.name).write_bytes(one.data)
        before = _listing(root)
        started = time.monotonic()
        ended = _extracted([inputs, archives], root / "out", outside)
        seconds = time.monotonic() - started
        files = sorted(path for path in inputs.rglob("*") if path.is_file())
        changes = sorted(_listing(root) ^ before)
        named = sorted({str(path) for place in (root, root.parent) for path in place.glob(f"*{EVIL}*")})
        report = [
            f"{len(files)} files and {len(hostile)} archives, one `extract` of {seconds:.0f} s.",
            f"Left out: {', '.join(left_out) or 'nothing'}.",
            "",
            *_by_part(files, inputs, ended),
            "",
            *_by_format(files, ended),
            "",
            *_wrong_files(files, inputs, ended),
            "",
            *_archive_table(hostile, archives, ended),
            "",
            f"- written, changed or gone around the archives: {', '.join([*changes, *named]) or 'nothing'}",
            f"- documents that say what only a link leads to: {_telling(ended)}",
            "",
            *_messages(ended),
        ]
    return "\n".join(report)


def _extracted(inputs: Sequence[Path], out: Path, folder: Path) -> Mapping[str, Ended]:
    """The outcome of each input file by its path; the command runs in `folder`."""
    command = [PROGRAM, "extract", *inputs, "--output", out, "--no-progress", "--set", "cache.enabled=false"]
    environment = os.environ | {"PYTHONPATH": python_path()}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in EXIT_CODES:
        raise SystemExit(f"extract ended with {done.returncode}: {done.stderr[-2000:]}")
    ended: dict[str, Ended] = defaultdict(Ended)
    for row in _rows(out / "documents"):
        ended[row["source_uri"].split(MEMBER_MARK)[0]].texts.append(row["text"])
    for row in _rows(out / "failures"):
        ended[row["source_uri"].split(MEMBER_MARK)[0]].failures.append((row["code"], row["message"]))
    return ended


def _rows(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(folder.rglob("*.parquet")):
        with path.open("rb") as file:
            rows += read_parquet(file).to_pylist()
    return rows


def _listing(root: Path) -> set[str]:
    """Every path below, without the output, with size and time of writing of files."""
    found = set()
    for path in root.rglob("*"):
        name = path.relative_to(root)
        if name.parts[0] != "out":
            stat = path.lstat()
            found.add(f"{name} {stat.st_size} {stat.st_mtime_ns}" if path.is_file() else f"{name}/")
    return found


def _format(path: Path) -> str:
    return re.sub(r"^.*?(\.tar)?(\.\w+)$", r"\1\2", path.name.lower()).lstrip(".") if path.suffix else "none"


def _by_format(files: Sequence[Path], ended: Mapping[str, Ended]) -> Iterator[str]:
    yield "| suffix | files | with a document | failures by code |"
    yield "|---|---:|---:|---|"
    groups: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        groups[_format(path)].append(path)
    for name, paths in sorted(groups.items()):
        own = [ended.get(str(path), Ended()) for path in paths]
        yield f"| {name} | {len(own)} | {sum(bool(one.texts) for one in own)} | {_codes(own)} |"


def _by_part(files: Sequence[Path], inputs: Path, ended: Mapping[str, Ended]) -> Iterator[str]:
    yield "| corpus | files | with a document | failures by code | neither | without a remedy |"
    yield "|---|---:|---:|---|---:|---:|"
    for part in (*sorted(path for path in inputs.iterdir() if path.is_dir()), inputs):
        names = [str(path) for path in files if part in path.parents]
        own = [ended[name] for name in names if name in ended]
        bare = sum(any(_bare(*failure) for failure in one.failures) for one in own)
        counts = (
            f"{len(names)} | {sum(bool(one.texts) for one in own)} | {_codes(own)} | {len(names) - len(own)} | {bare}"
        )
        yield f"| {'all' if part == inputs else part.name} | {counts} |"


def _codes(ended: Sequence[Ended]) -> str:
    counts = Counter(code for one in ended for code in {code for code, _ in one.failures})
    return ", ".join(f"{code} {count}" for code, count in counts.most_common())


def _wrong_files(files: Sequence[Path], inputs: Path, ended: Mapping[str, Ended]) -> Iterator[str]:
    wrong = {
        "neither document nor failure": [path for path in files if str(path) not in ended],
        "good, and no document that says what was written": [
            path
            for path in files
            if inputs / "good" in path.parents and not any(_says(text) for text in ended[str(path)].texts)
        ],
        "failures without a remedy": [path for path in files if any(_bare(*one) for one in ended[str(path)].failures)],
    }
    for title, paths in wrong.items():
        names = ", ".join(str(path.relative_to(inputs)) for path in paths[:SHOWN])
        yield f"- {title}: {len(paths)}{f' ({names})' if names else ''}"


def _says(text: str) -> bool:
    return KNOWN.lower() in " ".join(text.split()).lower()


def _bare(code: str, message: str) -> bool:
    return code in NO_REMEDY or code not in FAILURE_CODES or not REMEDY.search(message)


def _archive_table(hostile: Sequence[Hostile], folder: Path, ended: Mapping[str, Ended]) -> Iterator[str]:
    yield "| archive | bytes | documents | failures | as it should |"
    yield "|---|---:|---:|---|---|"
    for one in hostile:
        came = ended.get(str(folder / one.name), Ended())
        codes = Counter(code for code, _ in came.failures)
        told = ", ".join(f"{code} {count}" for code, count in codes.items()) or "none"
        right = len(came.texts) == one.documents and set(codes) <= one.codes and bool(codes) == bool(one.codes)
        right &= one.failures is None or len(came.failures) == one.failures
        yield f"| {one.name} | {len(one.data):,} | {len(came.texts)} | {told} | {'yes' if right else 'no'} |"


def _telling(ended: Mapping[str, Ended]) -> str:
    names = [Path(name).name for name, one in ended.items() if any(SECRET in text for text in one.texts)]
    return ", ".join(name for name in names if name != "secret.txt") or "none"


def _messages(ended: Mapping[str, Ended]) -> Iterator[str]:
    """Every message, with figures left out, for a person to judge."""
    counts = Counter(
        (code, re.sub(r"\d[\d,.]*", "N", re.sub(r"^.+ in /.*?: ", "MEMBER: ", message.split("\n")[0])))
        for one in ended.values()
        for code, message in one.failures
    )
    yield "| code | files | message |"
    yield "|---|---:|---|"
    for (code, message), count in sorted(counts.items()):
        yield f"| {code} | {count} | {message.replace('|', '/')} |"
