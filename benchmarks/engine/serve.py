"""vllm serve as a user would feed it: chat completions with 256 requests in flight."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from benchmarks.engine.setting import Setting
from qwen_batch.config_file import load_config
from qwen_batch.engine.choice import choose_engine
from qwen_batch.engine.kinds.vllm import ENGINE

PORT = 18_429
IN_FLIGHT = 256
START_LIMIT_S = 300


def serve_rate(setting: Setting, documents: Path, tokens: int) -> dict[str, float]:
    """Answers a second of a server with the engine's defaults and our context, all documents sent at once."""
    plan = choose_engine(load_config(None, tuple(setting.engine_settings()))).plan
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", plan.model, "--port", str(PORT)]
    command += ["--host", "127.0.0.1", "--served-model-name", "m", "--max-model-len", str(plan.max_model_len)]
    command += [
        "--dtype",
        plan.dtype,
        "--no-enable-log-requests",
        *(["--load-format", "dummy"] if setting.dummy else []),
    ]
    command += ["--enforce-eager"] if plan.eager else []
    with (setting.out / "serve.log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | ENGINE.env(plan), stdout=log, stderr=log)
    try:
        began = time.monotonic()
        _wait(server)
        started_s = time.monotonic() - began
        texts = [file.read_text() for file in sorted(documents.iterdir())]
        seconds = asyncio.run(_ask_all(texts, tokens))
        return {"rate": len(texts) / seconds, "answers": len(texts), "start_s": started_s}
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=2):
            return
        time.sleep(0.5)
    raise RuntimeError("the server did not start")


async def _ask_all(texts: list[str], tokens: int) -> float:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=f"http://127.0.0.1:{PORT}/v1", api_key="none", timeout=600)
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def ask(text: str) -> None:
        async with gate:
            await client.chat.completions.create(
                model="m",
                messages=[{"role": "user", "content": f"{text}\n\nCount the pages."}],
                max_tokens=tokens,
                temperature=0.0,
                extra_body={"ignore_eos": True},
            )

    await ask("Warm up.")
    began = time.monotonic()
    await asyncio.gather(*(ask(text) for text in texts))
    return time.monotonic() - began
