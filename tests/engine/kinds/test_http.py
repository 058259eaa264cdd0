"""http: a server's answers as completions; its faults retried, put down to one prompt, or said at once."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from helpers.fault_server import FaultServer, fault_server

from qwen_batch.cli import exit_code_of
from qwen_batch.config import EngineSettings, HttpSettings
from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.engine import EngineKind, EnginePlan
from qwen_batch.engine.kinds.http import ENGINE
from qwen_batch.engine.kinds.http.plan import ServedModel, served_model, server_plan
from qwen_batch.engine.plan import plan_warnings
from qwen_batch.errors import ConfigError, ServerError
from qwen_batch.records import Chunk, Completion, Prompt
from qwen_batch.run.prepare import Place, prepare_run

SCHEMA = '{"type":"object","properties":{"said":{"type":"string"}},"required":["said"]}'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    monkeypatch.setenv("QB_TEST_KEY", "secret-key")
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.02)  # that it is tried again is the point
    with fault_server() as server:
        yield server


def prompt(text: str, schema: str | None = SCHEMA) -> Prompt:
    return Prompt("d", "note", Chunk(text, 0, 4), (("system", "s"), ("user", text)), (0,) * 9, schema, 0.3, 0.9, 50)


def settings(server: FaultServer | str, **more: Any) -> EngineSettings:
    url = server if isinstance(server, str) else server.base_url
    http = HttpSettings(base_url=url, api_key_env="QB_TEST_KEY", **{"timeout_s": 5, "max_retries": 2} | more)
    return EngineSettings(kind="http", model="small", http=http)


def plan(server: FaultServer | str, **more: Any) -> EnginePlan:
    return server_plan(settings(server, **more), ServedModel("small", 4321))


def bounded_plan(server: FaultServer, sequences: int) -> EnginePlan:
    bounded = settings(server).model_copy(update={"max_num_seqs": sequences})
    return server_plan(bounded, ServedModel("small", None))


def ask(made: EnginePlan, *texts: str) -> list[Completion]:
    return ask_all(made, *(prompt(text) for text in texts))


def ask_all(made: EnginePlan, *prompts: Prompt) -> list[Completion]:
    async def run() -> list[Completion]:
        return await ENGINE.start(made).generate(prompts)

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
    assert asked["logprobs"] is True


def test_without_a_schema_no_format_is_asked(server: FaultServer) -> None:
    ask_all(plan(server), prompt("hello", schema=None))
    assert "response_format" not in server.requests[0]


def test_answers_keep_the_order_and_have_tokens_and_probabilities(server: FaultServer) -> None:
    answers = ask(plan(server), "a", "b", "c")
    assert [json.loads(answer.text)["said"] for answer in answers] == ["a", "b", "c"]
    assert {(one.prompt_tokens, one.output_tokens, one.cached_tokens, one.finish_reason) for one in answers} == {
        (40, 3, 32, "stop")
    }
    assert answers[0].logprobs == (-0.25,) * 3
    assert answers[0].token_texts == ('{"', "said", '":1}')


def test_tokens_that_share_a_character_add_up_to_the_text(server: FaultServer) -> None:
    first, second = list("同".encode()[:2]), list("同".encode()[2:])
    server.logprobs = [("a", [97]), ("\\xe5\\x90", first), ("\\x8c", second), ("b", None)]
    (answer,) = ask(plan(server), "a")
    assert answer.token_texts == ("a", "", "同", "b")
    assert len(answer.logprobs) == 4


@pytest.mark.parametrize("fault", [(429, "slow down"), (500, "oops"), (503, "starting")])
def test_what_may_pass_is_tried_again(server: FaultServer, fault: tuple[int, str]) -> None:
    server.faults = [fault, fault]
    (answer,) = ask(plan(server), "a")
    assert answer.error is None
    assert len(server.requests) == 3


def test_the_server_says_how_long_to_wait(server: FaultServer) -> None:
    server.faults, server.retry_after_s = [(429, "slow down")], 1
    (answer,) = ask(plan(server), "a")
    assert answer.error is None
    assert server.arrivals_s[1] - server.arrivals_s[0] >= 1  # of itself the client waits half a second at most


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


def test_an_answer_that_breaks_off_is_asked_again(server: FaultServer) -> None:
    server.faults = [b'{"id": "a", "cho']
    (answer,) = ask(plan(server), "a")
    assert answer.error is None


def test_an_answer_that_always_breaks_off_is_the_failure_of_its_prompt(server: FaultServer) -> None:
    server.faults = [b'{"id": "a", "cho'] * 2
    (answer,) = ask(plan(server, max_retries=1), "a")
    assert "without sending complete message body" in str(answer.error)


@pytest.mark.parametrize("page", [b"<html>Welcome</html>", b'{"id": "a", "cho', b"[1]", b'{"choices": null}'])
def test_an_answer_that_is_no_completion_is_the_failure_of_its_prompt(server: FaultServer, page: bytes) -> None:
    server.page = page
    (answer,) = ask(plan(server), "a")
    assert answer.text == ""
    assert "not a chat completion" in str(answer.error) or "without a choice" in str(answer.error)


def test_what_the_server_said_is_kept_where_its_form_is_another(server: FaultServer) -> None:
    server.page, server.faults = b'{"detail": "inputs are too long"}', [(413, "")]
    (answer,) = ask(plan(server), "a")
    assert "inputs are too long" in str(answer.error)


def test_a_refusal_of_the_model_is_no_answer_to_repair(server: FaultServer) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"content": None, "refusal": "I will not"}}
    usage = {"prompt_tokens": 40, "completion_tokens": 3, "total_tokens": 43}
    server.page = json.dumps({"choices": [choice], "usage": usage}).encode()
    (answer,) = ask(plan(server), "a")
    assert (answer.text, answer.error) == ("", "the model refuses: I will not")
    assert (answer.prompt_tokens, answer.output_tokens) == (40, 3)


def test_a_server_that_hangs_is_given_up_after_its_time(server: FaultServer) -> None:
    server.faults = [1.0, 1.0]
    (answer,) = ask(plan(server, timeout_s=0.2, max_retries=1), "a")
    assert "no answer in 0.2 s" in str(answer.error)


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_without_log_probabilities_is_asked_without(server: FaultServer, status: int) -> None:
    server.refuses["logprobs"] = (status, "logprobs are not supported")
    made = plan(server)

    async def run() -> list[Completion]:
        engine = ENGINE.start(made)
        return [*await engine.generate([prompt("a")]), *await engine.generate([prompt("b")])]

    answers = asyncio.run(run())
    assert [(answer.error, answer.logprobs) for answer in answers] == [(None, ())] * 2
    assert ["logprobs" in asked for asked in server.requests] == [True, False, False]


def test_one_refused_prompt_about_logprobs_takes_them_from_no_other(server: FaultServer) -> None:
    server.refuses["bad"] = (400, "refused: bad talk of logprobs")
    bad, good = ask(bounded_plan(server, 1), "bad", "good")
    assert "bad talk" in str(bad.error)
    assert len(good.logprobs) == 3


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_everything_ends_the_run_and_never_shows_the_key(
    server: FaultServer, status: int
) -> None:
    server.faults = [(status, "no entry with secret-key")]
    with pytest.raises(ServerError, match=r"the server refuses: .*no entry with \*\*\*") as raised:
        ask(plan(server), "a")
    assert "QB_TEST_KEY" in raised.value.remedy
    assert "secret-key" not in str(raised.value)


def test_a_key_in_a_prompt_s_refusal_is_not_shown_either(server: FaultServer) -> None:
    server.faults = [(400, "bad request of secret-key")]
    (answer,) = ask(plan(server), "a")
    assert "bad request of ***" in str(answer.error)


def test_a_key_s_line_end_is_not_sent(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QB_TEST_KEY", "secret-key\n")
    ask(plan(server), "a")
    assert server.requests[0]["authorization"] == "Bearer secret-key"


@pytest.mark.parametrize("key", ["secret\nkey", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_said_but_not_shown(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("QB_TEST_KEY", key)
    for start in (ENGINE.start, lambda made: served_model(made.settings)):
        with pytest.raises(ConfigError, match="QB_TEST_KEY cannot be sent") as raised:
            start(plan(server))
        assert key not in str(raised.value)


def test_a_server_that_is_not_there_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServerError, match="cannot be reached"):
        ask(plan(url, max_retries=1), "a")
    with pytest.raises(ServerError, match="cannot be reached"):
        served_model(settings(url, max_retries=0))


def test_a_host_that_never_answers_the_knock_ends_the_run_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qwen_batch.engine.kinds.http.server.CONNECT_TIMEOUT_S", 0.2)
    with ExitStack() as open_sockets, socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        for _ in range(4):  # a full queue: Linux drops whoever knocks next
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(hole.getsockname())
        url = f"http://127.0.0.1:{hole.getsockname()[1]}/v1"
        with pytest.raises(ServerError, match="cannot be reached"):
            ask(plan(url, max_retries=0, timeout_s=60), "a")
        with pytest.raises(ServerError, match="cannot be reached"):
            served_model(settings(url, max_retries=0, timeout_s=60))


def test_no_more_requests_are_in_flight_than_sequences(server: FaultServer) -> None:
    server.delay_s = 0.05
    ask(bounded_plan(server, 3), *"abcdefghij")
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
    server.models = []
    with pytest.raises(ServerError, match="the server has: none"):
        served_model(settings(server).model_copy(update={"model": "auto"}))


@pytest.mark.parametrize("page", [b"<html>Welcome</html>", b"[1]", b'{"object": '])
def test_an_address_that_is_no_such_server_is_said(server: FaultServer, page: bytes) -> None:
    server.page = page
    with pytest.raises(ServerError, match="does not speak OpenAI's protocol"):
        served_model(settings(server))


def test_the_plan_fills_the_server_and_leaves_gpus_alone(server: FaultServer) -> None:
    made = plan(server)
    assert (made.max_model_len, made.max_num_seqs, made.gpus, made.replicas) == (4321, 256, 0, 1)
    assert made.batch_size * made.in_flight >= made.max_num_seqs
    assert plan_warnings(made) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"replicas": 2}, "engine.replicas: with engine.kind http the server decides"),
        ({"precision": "fp8", "kv_cache": "fp8"}, "engine.precision, engine.kv_cache: with engine.kind http"),
        ({"max_model_len": 100_000}, "engine.max_model_len is 100000, but the server's context has 4321 tokens"),
    ],
)
def test_what_only_the_server_can_decide_is_refused(server: FaultServer, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        server_plan(settings(server).model_copy(update=changes), ServedModel("small", 4321))


def test_the_key_does_not_reach_ray_s_logs(server: FaultServer) -> None:
    kind: EngineKind = ENGINE
    assert kind.env(plan(server)) == {}
    assert "secret-key" not in repr(plan(server))


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


@pytest.fixture
def run_said(server: FaultServer, tmp_path: Path) -> Callable[[], int]:
    """Runs a small job over six letters through Ray and the server; gives the exit code."""
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"{number}.txt").write_text(f"This is letter {number}.")
    (tmp_path / "said.py").write_text(SAID_JOB)
    http = (f"engine.http.base_url={server.base_url}", "engine.http.api_key_env=QB_TEST_KEY")
    keys = ("engine.kind=http", *http, "ocr.languages=[eng]")
    options = [part for key in keys for part in ("--set", key)]
    inputs = [str(tmp_path / "said.py"), str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    return lambda: exit_code_of(["run", *inputs, "--no-progress", *options])


@pytest.mark.ray
def test_documents_go_through_ray_to_the_server_and_into_the_table(
    server: FaultServer, run_said: Callable[[], int], tmp_path: Path
) -> None:
    server.faults = [(503, "starting"), (429, "slow down")]
    assert run_said() == 0
    rows = [row for file in tmp_path.glob("out/said/run=*/*.parquet") for row in pq.read_table(file).to_pylist()]
    assert {row["model"] for row in rows} == {"small"}
    assert {int(row["result"]["said"].split("letter ")[1][0]) for row in rows} == set(range(6))
    asked = 6 + 2 + 1  # documents, faults, and whether a schema binds
    assert [one["authorization"] for one in server.requests] == ["Bearer secret-key"] * asked


@pytest.mark.ray
def test_a_server_that_ignores_schemas_ends_the_run_before_the_first_document(
    server: FaultServer, run_said: Callable[[], int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.binds = False
    assert run_said() == 1
    said = capfd.readouterr().err
    assert "constrained decoding does not bind" in said
    assert "response_format" in said
    assert not list(tmp_path.glob("out/said/run=*"))
    assert not any("letter" in str(one["messages"]) for one in server.requests)


@pytest.mark.ray
def test_a_server_that_answers_no_question_is_not_said_to_ignore_schemas(
    server: FaultServer, run_said: Callable[[], int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.refuses["2 + 2"] = (400, "no model is loaded")
    assert run_said() == 1
    said = capfd.readouterr().err
    assert "the engine does not answer the first question: Error code: 400 - no model is loaded" in said
    assert "engine died" not in said
    assert not list(tmp_path.glob("out/said/run=*"))
