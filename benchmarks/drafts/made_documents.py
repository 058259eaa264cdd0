"""Parallel documents in English and Chinese as Markdown, of sentences that say the same, to translate and to compare.

The same seed gives the same documents. Makers, machines and figures are invented; their names are of Latin letters in
both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

SEED = 28
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MAKERS = ("Velano", "Kestrel", "Norvik", "Tamsin", "Orrin")
MACHINES = ("KX-200", "TR-45", "MB-7", "QL-310", "ZD-88")
Pair = tuple[str, str]
TITLES: Sequence[Pair] = (
    ("Report on the Water Pumps", "水泵运行报告"),
    ("Notes on the New Workshop", "新车间情况说明"),
    ("Plan for the Spring Service", "春季检修计划"),
    ("Review of the Supply Contract", "供货合同评估"),
)
HEADINGS: Sequence[Pair] = (
    ("Summary", "概要"),
    ("Progress", "进展"),
    ("Costs", "费用"),
    ("Staff", "人员"),
    ("Next Steps", "下一步工作"),
)
SENTENCES: Sequence[Pair] = (
    (
        "The workshop in the north of the town was opened on {day_en} with {a} workers.",
        "位于城北的车间于{day_zh}投入使用，共有{a}名工人。",
    ),
    (
        "{maker} delivered {b} machines of the type {machine}, and {c} of them are already running.",
        "{maker}交付了{b}台{machine}型机器，其中{c}台已经投入运行。",
    ),
    (
        "The total cost was {d} yuan, which is {e}% less than planned.",
        "总费用为{d}元，比计划少{e}%。",
    ),
    (
        "Because of heavy rain the work stopped for {c} days and began again on {day_en}.",
        "由于大雨，工程停工{c}天，并于{day_zh}恢复施工。",
    ),
    (
        "The noise of the machine {machine} was measured at {a} decibels.",
        "{machine}型机器的噪声测得为{a}分贝。",
    ),
    (
        "Every employee has to finish the safety training before {day_en}.",
        "每名员工必须在{day_zh}之前完成安全培训。",
    ),
    (
        "We recommend that {maker} checks the {b} filters every {c} months.",
        "我们建议{maker}每{c}个月检查一次这{b}个过滤器。",
    ),
    (
        "The temperature in the hall must not be higher than {a} degrees.",
        "大厅内的温度不得超过{a}度。",
    ),
    (
        "If the pressure falls below {f} bar, the pump switches itself off.",
        "如果压力低于{f}巴，水泵会自动关闭。",
    ),
)
ITEMS: Sequence[Pair] = (
    ("Order {a} new seals from {maker}.", "向{maker}订购{a}个新密封件。"),
    ("Clean the tank once every {c} weeks.", "每{c}周清洗一次水箱。"),
    ("Send the final figures by {day_en}.", "在{day_zh}之前提交最终数据。"),
    ("Replace the cable of the machine {machine}.", "更换{machine}型机器的电缆。"),
)
HEAD: Pair = ("| Machine | Number | Price in yuan |", "| 机器 | 数量 | 价格（元） |")


@dataclass(frozen=True, slots=True)
class Parallel:
    """A document in one language, what it is in the other, and what has to be the same in both."""

    name: str
    source: Literal["en", "zh"]
    text: str
    reference: str
    numbers: tuple[str, ...]
    dates: tuple[Pair, ...]
    names: tuple[str, ...]

    @property
    def target(self) -> Literal["en", "zh"]:
        """The language that it is translated into."""
        return "zh" if self.source == "en" else "en"


def documents(count: int) -> Iterator[Parallel]:
    """So many documents, every second one in Chinese."""
    random = Random(SEED)
    for number in range(count):
        made = _Made(random)
        english, chinese = made.document()
        source: Literal["en", "zh"] = "en" if number % 2 == 0 else "zh"
        texts = (english, chinese) if source == "en" else (chinese, english)
        yield Parallel(
            f"document_{number:02}_{source}",
            source,
            *texts,
            tuple(dict.fromkeys(made.numbers)),
            tuple(dict.fromkeys(made.dates)),
            tuple(dict.fromkeys(made.names)),
        )


class _Made:
    """One document as it is written, and what was put into it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.numbers: list[str] = []
        self.dates: list[Pair] = []
        self.names: list[str] = []

    def document(self) -> Pair:
        """The document in English and in Chinese."""
        title = self.random.choice(TITLES)
        parts = [_both("# {0}", title)]
        sections = self.random.sample(HEADINGS, 4)
        sentences = iter(self.random.sample(SENTENCES, 9))
        for number, heading in enumerate(sections):
            parts.append(_both("## {0}", heading))
            said = [self.filled(next(sentences)) for _ in range(3 if number == 0 else 2)]
            parts.append((" ".join(one for one, _ in said), "".join(one for _, one in said)))
            if number == 1:
                parts.append(_lines([_both("- {0}", self.filled(one)) for one in self.random.sample(ITEMS, 3)]))
            if number == 2:  # noqa: PLR2004
                parts.append(self.table())
        return "\n\n".join(one for one, _ in parts) + "\n", "\n\n".join(one for _, one in parts) + "\n"

    def filled(self, pair: Pair) -> Pair:
        """A sentence in both languages with the same figures."""
        month, day, year = self.random.randrange(1, 13), self.random.randrange(1, 29), self.random.randrange(2021, 2027)
        english, chinese = f"{day} {MONTHS[month - 1]} {year}", f"{year}年{month}月{day}日"
        values = {
            "a": str(self.random.randrange(21, 99)),
            "b": str(self.random.randrange(11, 60)),
            "c": str(self.random.randrange(2, 10)),
            "d": f"{self.random.randrange(1_200, 98_000):,}",
            "e": f"{self.random.randrange(11, 199) / 10}",
            "f": f"{self.random.randrange(11, 60) / 10}",
        }
        maker, machine = self.random.choice(MAKERS), self.random.choice(MACHINES)
        wanted = pair[0]
        self.numbers += [value for key, value in values.items() if f"{{{key}}}" in wanted]
        self.dates += [(english, chinese)] if "{day_en}" in wanted else []
        self.names += [maker] if "{maker}" in wanted else []
        self.names += [machine] if "{machine}" in wanted else []
        slots = {**values, "maker": maker, "machine": machine, "day_en": english, "day_zh": chinese}
        return pair[0].format(**slots), pair[1].format(**slots)

    def table(self) -> Pair:
        """A table whose rows are the same in both languages."""
        rows = []
        for machine in self.random.sample(MACHINES, 4):
            count, price = str(self.random.randrange(11, 99)), f"{self.random.randrange(1_000, 20_000):,}"
            self.numbers += [count, price]
            self.names.append(machine)
            rows.append(f"| {machine} | {count} | {price} |")
        body = "\n".join(["| --- | --- | --- |", *rows])
        return f"{HEAD[0]}\n{body}", f"{HEAD[1]}\n{body}"


def _both(frame: str, pair: Pair) -> Pair:
    return frame.format(pair[0]), frame.format(pair[1])


def _lines(pairs: Sequence[Pair]) -> Pair:
    return "\n".join(one for one, _ in pairs), "\n".join(one for _, one in pairs)
