"""ISO 4217: the codes of currencies, and how documents write them."""

from __future__ import annotations

import re
from functools import cache

_ALL = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CODES = frozenset(re.findall(r"\w+", _ALL))
_WRITTEN = {
    "USD": ("us$", "$", "dollar", "美元", "美金"),
    "EUR": ("€", "euro", "欧元"),
    "GBP": ("£", "pound", "sterling", "英镑"),
    "CNY": ("rmb", "人民币", "元", "¥", "￥", "renminbi", "yuan"),
    "JPY": ("¥", "￥", "yen", "日元", "円"),
    "HKD": ("hk$", "$", "港元", "港币"),
    "TWD": ("nt$", "$", "新台币", "新臺幣"),
    "MYR": ("rm", "ringgit"),
    "SGD": ("s$", "$"),
    "INR": ("₹", "rs.", "rs", "rupee"),
    "KRW": ("₩", "won"),
    "CAD": ("c$", "ca$", "$", "dollar"),
    "AUD": ("a$", "au$", "$", "dollar"),
    "NZD": ("nz$", "$", "dollar"),
    "CHF": ("sfr", "franc"),
    "THB": ("฿", "baht"),
    "VND": ("₫", "dong"),
    "BRL": ("r$", "real", "reais"),
    "MXN": ("mx$", "peso"),
    "PHP": ("₱", "peso"),
    "RUB": ("₽", "ruble", "rouble"),
    "TRY": ("₺", "lira"),
    "ILS": ("₪", "shekel"),
    "NGN": ("₦", "naira"),
    "SEK": ("krona", "kronor"),
    "NOK": ("krone", "kroner"),
    "DKK": ("krone", "kroner"),
    "PLN": ("zł", "zloty"),
    "CZK": ("kč", "koruna"),
    "ZAR": ("rand",),
    "IDR": ("rp", "rupiah"),
}
_SIGN = re.compile(r"[^\w\s]+")


def to_code(written: str) -> str | None:
    """The ISO code of a currency as a model may write it: "usd", "RMB", "€"; None where it is none."""
    text = written.strip()
    if text.upper() in CODES:
        return text.upper()
    return next((code for code, signs in _WRITTEN.items() if text.lower() in signs), None)


def is_named(code: str, text: str) -> bool:
    """Whether a text writes a currency, by its code, sign or name."""
    lower = text.lower()
    return any(_stands_in(sign, lower) for sign in (code.lower(), *_WRITTEN.get(code, ())))


@cache
def meanings() -> dict[str, frozenset[str]]:
    """The currencies that a sign, a name or its plural may mean, in lower case; of the codes the better known ones.

    Codes such as ALL and TOP are English words: beside a figure only `to_code` takes them for currencies.
    """
    found: dict[str, set[str]] = {}
    for code, signs in _WRITTEN.items():
        for sign in (code.lower(), *signs, *(f"{sign}s" for sign in signs if _is_word(sign))):
            found.setdefault(sign, set()).add(code)
    return {sign: frozenset(codes) for sign, codes in found.items()}


def _is_word(sign: str) -> bool:
    return sign.isascii() and sign.isalpha() and len(sign) > len("USD")


def _stands_in(sign: str, text: str) -> bool:
    if not sign.isascii() or _SIGN.fullmatch(sign[-1]) or len(sign) > len("USD"):
        return sign in text
    return bool(re.search(rf"(?<![a-z]){re.escape(sign)}(?![a-z])", text))
