"""Drafts of posts in English and Chinese, each too long, with the facts that a polished one must still have.

The same seed gives the same drafts. Names, shops and prices are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

SEED = 27
MOST_CHARACTERS, MOST_EMOJI = 120, 2
EMOJI = "🎉🔥✨💡🛒🎁🚀😍💥⏰🌟🙌"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
BRANDS = ("Lumo", "Velano", "Kestrel", "Norvik", "Tamsin", "Orrin", "Calder", "Mirova", "Pellan", "Sorrel")
THINGS_EN = ("desk lamp", "rain jacket", "coffee grinder", "walking shoe", "travel mug", "bike light", "wool blanket")
THINGS_ZH = ("台灯", "冲锋衣", "磨豆机", "徒步鞋", "保温杯", "车灯", "羊毛毯")
PLACES_EN = ("Harbour Street", "Mill Lane", "Station Square", "Park Road", "Bridge Hall")
PLACES_ZH = ("南湖店", "西桥店", "江湾广场", "新港路店", "城北中心")
TERMS_EN = ("Early Bird", "Click & Collect", "")
TERMS_ZH = ("会员日", "以旧换新", "")
OPENINGS_EN = (
    "We are really very happy that we can finally tell all of you the following news today:",
    "As many of you have been asking us again and again over the past few weeks, here it is at last:",
    "It is with great pleasure and after a lot of hard work that we can now announce to you that",
    "To be honest with you, we could hardly wait any longer to share this with each and every one of you:",
)
CLOSINGS_EN = (
    "so please do not hesitate and be sure to come by as soon as you possibly can, because we look forward to it",
    "and we sincerely hope that all of you will like it just as much as all of us here in the team do",
    "which is something that you really should not miss under any circumstances at all, in our humble opinion",
)
OPENINGS_ZH = (
    "家人们大家好，等了这么久这么久，今天小编终于可以非常非常激动地告诉大家一个天大的好消息了：",
    "应广大新老朋友们一直以来的强烈要求，我们经过了很长很长时间的认真准备，现在终于可以正式宣布：",
    "说实话小编真的已经忍不住了，这个消息实在是太好了，所以必须第一时间分享给每一位支持我们的朋友：",
)
CLOSINGS_ZH = (
    "真的真的非常划算，错过了真的会后悔很久很久的，所以大家一定一定要记得抓紧时间来看一看哦",
    "我们全体工作人员都在这里非常热情地期待着每一位朋友的到来，千万千万不要错过这次难得的好机会",
    "无论是自己用还是送给家人朋友都是特别特别合适的选择，小编自己也已经忍不住买了哦",
)

Kind = Literal["number", "date", "name", "term"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a draft states, and each way to write it that counts as kept, in either language."""

    kind: Kind
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that breaks its limits, and its facts."""

    name: str
    language: Literal["en", "zh"]
    text: str
    facts: tuple[Fact, ...]


def drafts(count: int) -> Iterator[Draft]:
    """So many drafts, half of them in Chinese."""
    random = Random(SEED)
    for number in range(count):
        make = _english if number % 2 == 0 else _chinese
        yield make(f"draft_{number:03}", random)


def _english(name: str, random: Random) -> Draft:
    brand, thing, place = random.choice(BRANDS), random.choice(THINGS_EN), random.choice(PLACES_EN)
    price, off, day = random.randrange(12, 480), 5 * random.randrange(2, 11), _day(random)
    term = random.choice(TERMS_EN)
    offer = f" with the {term} offer" if term else ""
    middle = (
        f"the new {brand} {thing} is now in our shop at {place} for only {price} euro{offer}, "
        f"and that is {off}% less than before until {day.english}"
    )
    text = f"{random.choice(OPENINGS_EN)} {middle}, {random.choice(CLOSINGS_EN)} {_emoji(random)}"
    facts = [_number(price), _number(off), day.fact, _name(brand), *map(_name, place.split())]
    return Draft(name, "en", text, (*facts, *([Fact("term", (term,))] if term else [])))


def _chinese(name: str, random: Random) -> Draft:
    brand, thing, place = random.choice(BRANDS), random.choice(THINGS_ZH), random.choice(PLACES_ZH)
    price, before, people, day = (
        random.randrange(29, 299),
        random.randrange(300, 899),
        10 * random.randrange(2, 20),
        _day(random),
    )
    term = random.choice(TERMS_ZH)
    offer = f"{term}活动期间" if term else ""
    middle = (
        f"{offer}全新{brand}{thing}在{place}原价{before}元现在只要{price}元，"
        f"活动截止到{day.chinese}，前{people}名下单的朋友还有小礼物"
    )
    text = f"{random.choice(OPENINGS_ZH)}{middle}，{random.choice(CLOSINGS_ZH)}！{_emoji(random)}"
    facts = [_number(price), _number(before), _number(people), day.fact, _name(brand)]
    return Draft(name, "zh", text, (*facts, *([Fact("term", (term,))] if term else [])))


@dataclass(frozen=True, slots=True)
class _Day:
    english: str
    chinese: str
    fact: Fact


def _day(random: Random) -> _Day:
    month, day = random.randrange(1, 13), random.randrange(1, 29)
    named = MONTHS[month - 1]
    english, chinese = f"{day} {named}", f"{month}月{day}日"
    ways = (english, f"{named} {day}", f"{day} {named[:3]}", f"{named[:3]} {day}", chinese, f"{month}月{day}号")
    ordinals = (f"{day}{end} {name}" for end in ("st", "nd", "rd", "th") for name in (named, f"of {named}"))
    return _Day(english, chinese, Fact("date", (*ways, *ordinals, f"{month}/{day}", f"{day}/{month}")))


def _number(value: int) -> Fact:
    return Fact("number", (str(value),))


def _name(word: str) -> Fact:
    return Fact("name", (word,))


def _emoji(random: Random) -> str:
    return "".join(random.sample(EMOJI, random.randrange(3, 7)))
