"""engine.kinds: what every kind of engine must say for itself, and that nobody else asks which one it is."""

from __future__ import annotations

import re

import pytest
from helpers.places import ROOT

from qwen_batch.config import Config, EngineSettings
from qwen_batch.engine.engine import ENGINES, EngineKind
from qwen_batch.engine.plan import engine_plan
from qwen_batch.engine.tokens import ApproximateTokenizer
from qwen_batch.packages import Check


@pytest.fixture(params=ENGINES.names())
def kind(request: pytest.FixtureRequest) -> EngineKind:
    return ENGINES.load(request.param)


def test_its_name_is_that_of_its_module(kind: EngineKind) -> None:
    assert isinstance(kind, EngineKind)
    assert ENGINES.load(kind.name) is kind


def test_what_it_decides_itself_are_settings_that_there_are(kind: EngineKind) -> None:
    assert kind.decides_itself <= set(EngineSettings.model_fields)


def test_its_environment_is_text(kind: EngineKind) -> None:
    plan = engine_plan(EngineSettings(kind=kind.name), "/models/m", gpus=0, cpu_dtype="float32")
    assert all(isinstance(text, str) for pair in kind.env(plan).items() for text in pair)


def test_doctor_gets_lines_with_a_remedy_where_something_is_missing(kind: EngineKind) -> None:
    settings = {"kind": kind.name, "model": "/nowhere", "http": {"base_url": "http://127.0.0.1:9/v1", "max_retries": 0}}
    found = kind.checks(Config(engine=settings))
    assert all(isinstance(check, Check) and (check.ok or check.remedy) for check in found)
    assert len({check.name for check in found}) == len(found)


def test_one_that_loads_no_model_here_counts_tokens_without_one(kind: EngineKind) -> None:
    plan = engine_plan(EngineSettings(kind=kind.name), "a model elsewhere", gpus=0, cpu_dtype="float32")
    if not kind.loads_a_model:
        assert isinstance(kind.tokenizer(plan), ApproximateTokenizer)
    assert bool(kind.packages) == (kind.name != "null")


def test_nobody_else_asks_which_kind_it_is() -> None:
    asks = re.compile(r"""kind\s*(==|!=|in)\s*[\["'({]+(vllm|http|null)\b""")
    package = ROOT / "qwen_batch"
    files = [file for file in package.rglob("*.py") if not file.is_relative_to(package / "engine" / "kinds")]
    assert len(files) > 100
    assert [str(file.relative_to(ROOT)) for file in files if asks.search(file.read_text())] == []
