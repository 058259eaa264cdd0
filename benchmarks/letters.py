"""Small documents to run faults over, made from a seed: five languages, some twice under two names, some broken.

Knows nothing of runs. The same seed and number make the same files.
"""

from __future__ import annotations

import random
from pathlib import Path

SENTENCES = {
    "en": (
        "This Service Agreement is made between {a} and {b}.",
        "It takes effect on {day} May 20{year} and ends three years later.",
        "{a} shall pay {b} a fee of {amount} dollars within thirty days of each invoice.",
        "This Agreement is governed by the laws of England and Wales.",
    ),
    "de": (
        "Dieser Dienstvertrag wird zwischen der {a} und der {b} geschlossen.",
        "Er tritt am {day}. Mai 20{year} in Kraft und endet nach drei Jahren.",
        "Die {a} zahlt der {b} eine Vergütung von {amount} Euro binnen dreißig Tagen.",
        "Es gilt das Recht der Bundesrepublik Deutschland.",
    ),
    "fr": (
        "Le présent contrat est conclu entre {a} et {b}.",
        "Il entre en vigueur le {day} mai 20{year} et prend fin après trois années.",
        "{a} verse à {b} la somme de {amount} euros dans les trente jours.",
        "Le présent contrat est régi par le droit français.",
    ),
    "es": (
        "El presente contrato se celebra entre {a} y {b}.",
        "Entra en vigor el {day} de mayo de 20{year} y termina a los tres años.",
        "{a} pagará a {b} la cantidad de {amount} euros en treinta días.",
        "Este contrato se rige por las leyes de España.",
    ),
    "zh": (
        "本协议由{a}与{b}签订。",
        "本协议自20{year}年5月{day}日起生效，有效期三年。",
        "{a}应在三十日内向{b}支付{amount}元。",
        "本协议适用中华人民共和国法律。",
    ),
}
NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Juniper", "Larch", "Maple", "Oak")
SUFFIXES = ("txt", "md", "html")
BROKEN = (
    ("truncated.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog"),
    ("empty.txt", b""),
    ("noise.bin", bytes(range(256)) * 8),
    ("broken.docx", b"PK\x03\x04 this is no archive"),
)
TWICE_EVERY = 20
BROKEN_EVERY = 50
PARAGRAPHS = (3, 12)


def write_documents(folder: Path, count: int, seed: int) -> None:
    """Writes `count` files below `folder`; every TWICE_EVERYth has the content of the one before it."""
    folder.mkdir(parents=True)
    chance = random.Random(seed)  # noqa: S311  chance that can be repeated
    content, suffix = b"", "txt"
    for number in range(count):
        part = folder / f"{number % 4}"
        part.mkdir(exist_ok=True)
        if number % BROKEN_EVERY == BROKEN_EVERY // 2:
            name, broken = BROKEN[number // BROKEN_EVERY % len(BROKEN)]
            (part / f"{number:05d}-{name}").write_bytes(broken + str(number).encode() if broken else broken)
            continue
        if number % TWICE_EVERY or not content:
            suffix = chance.choice(SUFFIXES)
            content = _text(chance, number, suffix).encode()
        (part / f"{number:05d}.{suffix}").write_bytes(content)


def _text(chance: random.Random, number: int, suffix: str) -> str:
    language = chance.choice(sorted(SENTENCES))
    paragraphs = [f"{language.upper()} {number}"]
    for _ in range(chance.randint(*PARAGRAPHS)):
        first, second = chance.sample(NAMES, 2)
        facts = {
            "a": f"{first} AG",
            "b": f"{second} Ltd",
            "day": chance.randint(10, 28),
            "year": chance.randint(10, 25),
        }
        sentences = (sentence.format(amount=chance.randint(1000, 9999), **facts) for sentence in SENTENCES[language])
        paragraphs.append(" ".join(sentences))
    if suffix == "html":
        return "<html><body>" + "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "</body></html>"
    return "\n\n".join(paragraphs)
