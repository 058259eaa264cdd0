"""Which column is which field by their names alone, in English and Chinese. Knows words, nothing of tables.

A name that says the same as a field's name or one of its phrases settles it. So does one of the usual other words for
the same thing, such as "Qty" or 数量 for a quantity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from qwen_batch.cjk import is_cjk
from qwen_batch.job.rows.marks import Target
from qwen_batch.job.terms import terms_of

SAME, SYNONYM, WITHIN, DESCRIBED = 1.0, 0.9, 0.8, 0.7
"""How surely a column's name is a field's: it is its name, means the same, holds it, stands in its description."""
MIN_SURE = 0.7
MIN_FUZZY = 88.0
FUZZY_LENGTH = 4
_SAME_THING = """
quantity|qty|quant|qnty|pieces|pcs|count|units|数量|件数|个数
unit price|price|price per unit|price each|rate|list price|单价|价格|售价|含税单价
amount|line total|total|sum|subtotal|line amount|extended price|net amount|金额|合计金额|总价|小计|总额
description|item description|product|product name|name|article|designation|details|goods|品名|名称|商品名称|产品名称
description|name|货物名称|描述|项目|项目名称|规格型号
item|item no|item number|item code|sku|article no|article number|part no|part number|product code|code|ref no|reference
item|item no|item number|货号|编号|编码|商品编码|物料编码|产品编号|代码
unit|uom|unit of measure|measure|单位|计量单位
date|day|日期|时间
valid from|effective|effective date|effective from|start date|from|生效日期|起始日期|开始日期
valid until|valid to|expires|expiry|expiry date|end date|until|to|失效日期|截止日期|到期日|结束日期
currency|curr|ccy|币种|货币
tax|vat|gst|tax amount|税额
tax rate|vat rate|vat %|tax %|税率
discount|rebate|折扣|优惠
position|pos|no|number|line|line no|#|序号|行号
category|group|type|class|类别|分类|种类
supplier|vendor|seller|manufacturer|供应商|厂家|厂商|卖方
customer|client|buyer|客户|买方
brand|make|品牌
remark|remarks|note|notes|comment|comments|备注|说明
weight|net weight|重量|净重
"""
_SYNONYMS = tuple(frozenset(line.split("|")) for line in _SAME_THING.split("\n") if line)
_BRACKETED = re.compile(r"[(\[（【][^)\]）】]*[)\]）】]")
_NO_WORD = re.compile(r"[^\w#%]+|_+")


def name_scores(head: str, targets: Sequence[Target]) -> list[float]:
    """For each field how surely a column of this name is it, between 0 and 1."""
    return [_score(head, target) for target in targets]


def settled_columns(head: Sequence[str], targets: Sequence[Target]) -> dict[int, int]:
    """By the number of a field the column that is surely it: its best, and no other field's as surely."""
    scores = [name_scores(name, targets) for name in head]
    pairs = sorted(
        ((scores[column][at], at, column) for column in range(len(head)) for at in range(len(targets))),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    found: dict[int, int] = {}
    for score, at, column in pairs:
        if score < MIN_SURE:
            break
        if at in found or column in found.values():
            continue
        rivals = [scores[column][other] for other in range(len(targets)) if other != at and other not in found]
        others = [scores[other][at] for other in range(len(head)) if other != column and other not in found.values()]
        if max((*rivals, *others), default=0.0) < score:
            found[at] = column
    return found


def plain_name(name: str) -> str:
    """A column's name without case, width, what stands in brackets, and signs."""
    text = unicodedata.normalize("NFKC", name).casefold()
    bare = _NO_WORD.sub(" ", _BRACKETED.sub(" ", text)).strip()
    return bare or _NO_WORD.sub(" ", text).strip()


def _score(head: str, target: Target) -> float:
    name = plain_name(head)
    if not name:
        return 0.0
    phrases = [plain_name(phrase) for phrase in (*target.phrases, target.description) if phrase]
    own, described = phrases[: len(target.phrases)], phrases[len(target.phrases) :]
    if name in phrases or any(_alike(name, phrase) for phrase in own):
        return SAME
    if any(name in group and phrase in group for group in _SYNONYMS for phrase in phrases):
        return SYNONYM
    if any(_holds(name, phrase) or _holds(phrase, name) for phrase in own):
        return WITHIN
    return DESCRIBED if any(_holds(phrase, name) for phrase in described) else 0.0


def _alike(name: str, phrase: str) -> bool:
    """Whether two names differ in an ending or a letter alone."""
    from rapidfuzz import fuzz

    if _terms(name) and _terms(name) == _terms(phrase):
        return True
    is_long = min(len(name), len(phrase)) > FUZZY_LENGTH
    return is_long and not any(map(is_cjk, name)) and fuzz.ratio(name, phrase) >= MIN_FUZZY


def _holds(outer: str, inner: str) -> bool:
    """Whether all words of one name stand in another; of Chinese all characters, in their order."""
    if any(map(is_cjk, inner)):
        return inner in outer
    return bool(_terms(inner)) and _terms(inner) <= _terms(outer)


@lru_cache(maxsize=1 << 12)
def _terms(name: str) -> frozenset[str]:
    return frozenset(terms_of(name))
