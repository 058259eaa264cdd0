"""What a log line says of how bad it is, and of which part of a system it is: in English and Chinese."""

from __future__ import annotations

import re
from typing import Literal

Level = Literal["debug", "info", "warning", "error", "critical"]
RANKS: dict[Level, int] = {"debug": 0, "info": 1, "warning": 2, "error": 3, "critical": 4}
SEARCHED_CHARS = 160
"""Of a line so many characters are searched for its level."""
_WORDS: dict[Level, str] = {
    "debug": "trace|debug|verbose|finest|finer|fine|调试|跟踪",
    "info": "info|information|notice|log|提示|信息|通知",
    "warning": "warn|warning|警告|告警",
    "error": "error|err|severe|错误",
    "critical": "critical|crit|fatal|alert|emerg|emergency|panic|严重|致命|紧急",
}
_LEVEL_OF: dict[str, Level] = {word: level for level, words in _WORDS.items() for word in words.split("|")}
_ANY = "|".join(sorted(_LEVEL_OF, key=len, reverse=True))
_UPPER = re.compile(rf"(?<![^\W\d_])(?:{_ANY.upper()})(?![^\W\d_]|=)")
_KEYED = re.compile(rf"(?:\b(?:level|lvl|severity|loglevel)\W{{1,4}}|[\[<(（【])({_ANY})(?![A-Za-z])", re.IGNORECASE)
_GLOG = re.compile(r"^\W*([IWEF])(?=\d{4}\b|\s*$|\s+\d+\s+\S+:\d+\])")
_GLOG_LEVELS: dict[str, Level] = {"I": "info", "W": "warning", "E": "error", "F": "critical"}
_STATUS = re.compile(r'" ([1-5])\d\d(?: |$)')
_STATUS_LEVELS: dict[str, Level] = {"5": "error", "4": "warning"}
_BAD_WORDS = re.compile(
    r"\b(?:error|fail(?:ed|ure|s)?|fatal|panic|exception|denied|refused|timed out|timeout|out of memory|segfault|killed"
    r"|corrupt(?:ed)?|unreachable|lost|cannot|could not|unable)\b|失败|错误|异常|超时|拒绝|无法|崩溃|中断",
    re.IGNORECASE,
)
_COMPONENT = re.compile(
    r"\[([^\W\d_][\w.$/-]{0,59})\]|【([^】]{1,30})】|(?<![\w.$/-])([^\W\d_][\w.$/-]{0,59})(?:\[\d+\])?:(?=\s)"
    r"|(?<![\w.$/-])([^\W\d_][\w.$/-]{0,59}) - |\b(?:component|logger|service|module|unit)\W{1,4}([\w.$/-]{2,60})"
)


def level_of(line: str) -> Level:
    """How bad a line says it is; one without a level that speaks of failure counts as a warning, else as info."""
    head = line[:SEARCHED_CHARS]
    if found := _UPPER.search(head):
        return _LEVEL_OF[found[0].lower()]
    if found := _KEYED.search(head):
        return _LEVEL_OF[found[1].lower()]
    if found := _STATUS.search(line):
        return _STATUS_LEVELS.get(found[1], "info")
    if found := _GLOG.match(head):
        return _GLOG_LEVELS[found[1]]
    return "warning" if _BAD_WORDS.search(line) else "info"


def component_of(line: str) -> str:
    """The part of the system that a line names before its message; empty where none is found."""
    for found in _COMPONENT.finditer(line[:SEARCHED_CHARS]):
        name = next(group for group in found.groups() if group is not None)
        if name.lower() not in _LEVEL_OF:
            return name
    return ""
