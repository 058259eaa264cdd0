"""computing: each rule's value, the evidence of all that went into it, and how sure it is."""

from __future__ import annotations

from typing import Any

from qwen_batch.evidence.members.computing import Computed, computed_fields
from qwen_batch.evidence.members.member import Member
from qwen_batch.job.members import FromMembers, MemberField
from qwen_batch.outcomes import Evidence


def member(name: str, confidence: float = 0.9, **result: Any) -> Member:
    evidence = tuple(
        Evidence(path, str(value), f"says {value}", 2, 5, 9, (), "exact", 1.0)
        for path, value in _leaves(result)
        if value is not None
    )
    return Member(f"id-{name}", f"/in/{name}", name, result, evidence, dict.fromkeys(result, confidence))


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{path}.{key}" if path else key)]
    if isinstance(value, list):
        return [leaf for place, item in enumerate(value) for leaf in _leaves(item, f"{path}[{place}]")]
    return [(path, value)]


def made(members: list[Member], rule: Any, path: str = "", keys: tuple[str, ...] = (), **more: Any) -> Computed:
    by = {name: more.pop(name) for name in ("by", "about") if name in more}
    (one,) = computed_fields(members, [MemberField("made", FromMembers(rule, path, **by), keys, **more)])
    return one


def money(value: float | None, currency: str | None = "EUR") -> dict[str, Any]:
    return {"value": value, "currency": currency}


def test_a_sum_takes_one_currency_and_says_what_it_left_out() -> None:
    members = [
        member("a", total=money(0.1)),
        member("b", 0.4, total=money(0.2, None)),
        member("c", total=money(7, "USD")),
    ]
    total = made([*members, member("d", total=None), member("e", total=money(1))], "sum", "total.value")
    assert total.value == 1.3
    assert total.warnings == ("made: 1 values in USD were not added to those in EUR",)
    assert [(one.source_uri, one.value, one.match, one.page) for one in total.evidence] == [
        ("/in/a", "0.1", "computed", 2),
        ("/in/b", "0.2", "computed", 2),
        ("/in/e", "1", "computed", 2),
    ]
    assert total.confidence == 0.4, "no surer than the least sure"


def test_of_nothing_there_is_nothing() -> None:
    members = [member("a", total=None, day=None, names=[])]
    assert made(members, "sum", "total").value is None
    assert made(members, "latest", "day").value is None
    assert made(members, "union", "names[]").value == []
    assert made(members, "count", "names[]").value == 0


def test_the_extremes_cite_the_one_that_they_took() -> None:
    members = [member("a", day="2024-05-01", total=3), member("b", day="2025-01-01", total=-1), member("c", day=None)]
    latest = made(members, "latest", "day")
    assert (latest.value, [one.source_uri for one in latest.evidence]) == ("2025-01-01", ["/in/b"])
    assert [made(members, rule, "total").value for rule in ("min", "max")] == [-1, 3]
    assert made(members, "earliest", "day").value == "2024-05-01"


def test_a_union_has_each_name_once_with_the_evidence_of_all() -> None:
    members = [member("a", parties=[{"name": "Contoso Ltd", "quote": "q"}, {"name": "Acme", "quote": "q"}])]
    members.append(member("b", parties=[{"name": "CONTOSO LIMITED", "quote": "r"}]))
    names = made(members, "union", "parties[].name")
    assert names.value == ["Contoso Ltd", "Acme"]
    assert [(one.field, one.source_uri) for one in names.evidence] == [
        ("made[0]", "/in/a"),
        ("made[0]", "/in/b"),
        ("made[1]", "/in/a"),
    ]


def test_a_union_of_objects_has_what_its_items_have() -> None:
    members = [member("a", facts=[{"name": "x", "extra": 1}]), member("b", facts=[{"name": "X", "extra": 1}])]
    union = made(members, "union", "facts[]", ("name",))
    assert union.value == [{"name": "x"}]
    assert {(one.field, one.source_uri) for one in union.evidence} == {
        (f"made[0].{key}", f"/in/{name}") for key in ("name", "extra") for name in ("a", "b")
    }


def test_a_list_is_cut_where_the_job_says_and_tells_it() -> None:
    cut = made([member("a", names=["x", "y", "z"])], "union", "names[]", max_items=2)
    assert (cut.value, cut.is_cut) == (["x", "y"], True)
    assert cut.warnings == ("made: 2 of 3 items kept, the most that the job allows",)


def facts(name: str, *said: tuple[str, str, str]) -> Member:
    each = [{"product": product, "aspect": aspect, "value": value} for product, aspect, value in said]
    return member(name, facts=each)


def compared(members: list[Member], rule: str) -> dict[str, dict[str, str]]:
    keys = ("aspect", "about", "said")
    one = made(members, rule, "facts[].value", keys, by="aspect", about="product")
    return {row["aspect"]: {cell["document"]: cell["value"] for cell in row["said"]} for row in one.value}


PAPERS = [
    facts("a", ("A", "weight", "1.2 kg"), ("A", "ports", "two"), ("A", "price", "EUR 9"), ("A", "fan", "3 rpm")),
    facts("b", ("B", "Weight", "1,200 g"), ("B", "ports", "3"), ("B", "fan", "3 rpm"), ("the A", "price", "12 euros")),
    facts("c", ("C", "weight", "1.2 kg"), ("C", "price", "EUR 7")),
]


def test_subjects_are_compared_by_what_their_own_documents_say() -> None:
    assert compared(PAPERS, "shared") == {"weight": {"a": "1.2 kg", "b": "1,200 g", "c": "1.2 kg"}}
    assert compared(PAPERS, "differences") == {"ports": {"a": "two", "b": "3"}, "price": {"a": "EUR 9", "c": "EUR 7"}}
    assert compared(PAPERS, "conflicts") == {"price": {"a": "EUR 9", "b": "12 euros"}}
    assert list(compared(PAPERS, "table")) == ["weight", "ports", "price", "fan"]


def test_each_cell_cites_its_document() -> None:
    one = made(PAPERS, "conflicts", "facts[].value", ("aspect", "about", "said"), by="aspect", about="product")
    assert one.value[0]["about"] == "A"
    assert [(one.field, one.source_uri, one.quote) for one in one.evidence] == [
        ("made[0].said[0].value", "/in/a", "says EUR 9"),
        ("made[0].said[1].value", "/in/b", "says 12 euros"),
    ]
