"""engines.http: a server's answers as completions; its faults retried, put down to one prompt, or said at once."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fault_server import FaultServer, fault_server

from qwen_batch.cli import exit_code_of
from qwen_batch.config import EngineSettings, HttpSettings, load_config
from qwen_batch.engines import EngineKind, EnginePlan, ServedModel
from qwen_batch.engines._auto import plan_warnings, server_plan
from qwen_batch.engines.http import ENGINE, served_model
from qwen_batch.errors import ServerError
from qwen_batch.prepare import Place, choose_engine, prepare_run
from qwen_batch.records import Chunk, Completion, Prompt

SCHEMA = '{"type":"object","properties":{"said":{"type":"string"}},"required":["said"]}'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    monkeypatch.setenv("QB_TEST_KEY", "secret-key")
    with fault_server() as server:
        yield server


def prompt(text: str) -> Prompt:
    return Prompt("d", "note", Chunk(text, 0, 4), (("system", "s"), ("user", text)), (0,) * 9, SCHEMA, 0.3, 0.9, 50)


def settings(server: FaultServer | str, **more: Any) -> EngineSettings:
    url = server if isinstance(server, str) else server.base_url
    http = HttpSettings(base_url=url, api_key_env="QB_TEST_KEY", **{"timeout_s": 5, "max_retries": 2} | more)
    return EngineSettings(kind="http", model="small", http=http)


def plan(server: FaultServer | str, **more: Any) -> EnginePlan:
    return server_plan(settings(server, **more), ServedModel("small", 4321))


def ask(made: EnginePlan, *texts: str) -> list[Completion]:
    async def run() -> list[Completion]:
        return await ENGINE.start(made).generate([prompt(text) for text in texts])

    return asyncio.run(run())


def test_the_request_says_all_that_the_job_wants(server: FaultServer) -> None:
    ask(plan(server), "hello")
    (asked,) = server.requests
    assert asked["model"] == "small"
    assert asked["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "hello"}]
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], asked["seed"]) == (0.3, 0.9, 50, 0)
    wanted = {"name": "note", "schema": json.loads(SCHEMA), "strict": True}
    assert asked["response_format"] == {"type": "json_schema", "json_schema": wanted}
    assert asked["authorization"] == "Bearer secret-key"


def test_answers_keep_the_order_and_have_tokens_and_probabilities(server: FaultServer) -> None:
    answers = ask(plan(server), "a", "b", "c")
    assert [json.loads(answer.text)["said"] for answer in answers] == ["a", "b", "c"]
    assert {(one.prompt_tokens, one.output_tokens, one.cached_tokens, one.finish_reason) for one in answers} == {
        (40, 3, 32, "stop")
    }
    assert answers[0].logprobs == (-0.25,) * 3
    assert answers[0].token_texts == ('{"', "said", '":1}')


@pytest.mark.parametrize("fault", [(429, "slow down"), (500, "oops"), (503, "starting")])
def test_what_may_pass_is_tried_again(server: FaultServer, fault: tuple[int, str]) -> None:
    server.faults = [fault, fault]
    (answer,) = ask(plan(server), "a")
    assert answer.error is None
    assert len(server.requests) == 3


def test_what_does_not_pass_is_the_failure_of_its_prompt(server: FaultServer) -> None:
    server.faults = [(500, "oops")] * 3
    (answer,) = ask(plan(server), "a")
    assert "oops" in str(answer.error)


def test_a_prompt_that_the_server_refuses_hurts_no_other(server: FaultServer) -> None:
    server.refuses["too long"] = (400, "maximum context length is 4321 tokens")
    good, bad = ask(plan(server), "fine", "too long")
    assert good.error is None
    assert "maximum context length" in str(bad.error)
    assert bad.finish_reason == "error"


def test_a_server_that_hangs_is_given_up_after_its_time(server: FaultServer) -> None:
    server.faults = [1.0, 1.0]
    (answer,) = ask(plan(server, timeout_s=0.2, max_retries=1), "a")
    assert "no answer in 0.2 s" in str(answer.error)


def test_a_server_without_log_probabilities_is_asked_without(server: FaultServer) -> None:
    server.refuses["logprobs"] = (400, "logprobs are not supported")
    made = plan(server)

    async def run() -> list[Completion]:
        engine = ENGINE.start(made)
        return [*await engine.generate([prompt("a")]), *await engine.generate([prompt("b")])]

    answers = asyncio.run(run())
    assert [(answer.error, answer.logprobs) for answer in answers] == [(None, ())] * 2
    assert ["logprobs" in asked for asked in server.requests] == [True, False, False]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_everything_ends_the_run_and_never_shows_the_key(
    server: FaultServer, status: int
) -> None:
    server.faults = [(status, "no entry")]
    with pytest.raises(ServerError, match=r"the server refuses: .*no entry") as raised:
        ask(plan(server), "a")
    assert "QB_TEST_KEY" in raised.value.remedy
    assert "secret-key" not in str(raised.value)


def test_a_server_that_is_not_there_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServerError, match="cannot be reached"):
        ask(plan(url, max_retries=1), "a")
    with pytest.raises(ServerError, match="cannot be reached"):
        served_model(settings(url, max_retries=0))


def test_no_more_requests_are_in_flight_than_sequences(server: FaultServer) -> None:
    server.delay_s = 0.05
    made = plan(server)
    ask(server_plan(made.settings.model_copy(update={"max_num_seqs": 3}), ServedModel("small", None)), *"abcdefghij")
    assert server.most_inside == 3


def test_the_model_is_the_one_that_the_server_has(server: FaultServer) -> None:
    assert served_model(settings(server)) == ServedModel("small", 4321)
    assert served_model(settings(server).model_copy(update={"model": "auto"})) == ServedModel("small", 4321)
    with pytest.raises(ServerError, match="there is no big, and the server has: small"):
        served_model(settings(server).model_copy(update={"model": "big"}))
    server.models = [{"id": name, "object": "model"} for name in ("a", "b")]
    with pytest.raises(ServerError, match=r"engine\.model is auto, and the server has: a, b"):
        served_model(settings(server).model_copy(update={"model": "auto"}))
    assert served_model(settings(server).model_copy(update={"model": "b"})) == ServedModel("b", None)


def test_the_plan_fills_the_server_and_leaves_gpus_alone(server: FaultServer) -> None:
    made = plan(server)
    assert (made.max_model_len, made.max_num_seqs, made.gpus, made.replicas) == (4321, 256, 0, 1)
    assert made.batch_size * made.in_flight >= made.max_num_seqs
    assert plan_warnings(made) == ()


def test_the_key_reaches_the_engine_s_process(server: FaultServer) -> None:
    kind: EngineKind = ENGINE
    assert kind.env(plan(server)) == {"QB_TEST_KEY": "secret-key"}


def test_a_run_is_prepared_with_what_the_server_says(server: FaultServer, tmp_path: Path, jobs_dir: Path) -> None:
    (tmp_path / "a.txt").write_text("A letter.")
    config = load_config(None, ("engine.kind=http", f"engine.http.base_url={server.base_url}", "ocr.languages=[eng]"))
    prepared = prepare_run(["contract_summary", str(tmp_path)], config, jobs_dir, Place(str(tmp_path / "out")))
    assert prepared.messages == (f"model: small (served at {server.base_url})",)
    assert choose_engine(config).plan.max_model_len == 4321


SAID_JOB = """
from pydantic import BaseModel, Field
from qwen_batch import Job
class Said(BaseModel):
    said: str = Field(max_length=9000)
JOB = Job("said", Said, "Say it again.")
"""


@pytest.mark.ray
def test_documents_go_through_ray_to_the_server_and_into_the_table(server: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"{number}.txt").write_text(f"This is letter {number}.")
    (tmp_path / "said.py").write_text(SAID_JOB)
    server.faults = [(503, "starting"), (429, "slow down")]
    keys = ("engine.kind=http", f"engine.http.base_url={server.base_url}", "ocr.languages=[eng]")
    options = [part for key in keys for part in ("--set", key)]
    output = tmp_path / "out"
    inputs = [str(tmp_path / "said.py"), str(tmp_path / "in"), "--output", str(output)]
    assert exit_code_of(["run", *inputs, "--no-progress", *options]) == 0
    rows = [row for file in output.glob("said/run=*/*.parquet") for row in pq.read_table(file).to_pylist()]
    assert {row["model"] for row in rows} == {"small"}
    assert {int(row["result"]["said"].split("letter ")[1][0]) for row in rows} == set(range(6))
    assert len(server.requests) == 8
