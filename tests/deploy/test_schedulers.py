"""deploy/systemd, schedulers and monitoring: what they start, expect and ask for exists."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from helpers.places import ROOT

from qwen_batch.cli import group
from qwen_batch.errors import EXIT_CODES
from qwen_batch.run.on_ray.engine_usage import GAUGES

DEPLOY = ROOT / "deploy"
SERVICE = (DEPLOY / "systemd" / "qwen-batch.service").read_text("utf-8")
SCHEDULERS = sorted((DEPLOY / "schedulers").glob("*.py"))


def understood(command: str) -> None:
    program, name, *arguments = shlex.split(command)
    assert program.endswith("qwen-batch")
    group.commands[name].make_context(name, arguments, resilient_parsing=True)


def test_the_timer_and_the_service_pass_systemds_own_check(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    for file in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", file.read_text("utf-8"), flags=re.MULTILINE)
        (tmp_path / file.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_starts_a_command_that_the_program_understands() -> None:
    (command,) = re.findall(r"^ExecStart=(.*)$", SERVICE, re.MULTILINE)
    understood(command)
    assert "--until" in command
    (codes,) = re.findall(r"^SuccessExitStatus=(.*)$", SERVICE, re.MULTILINE)
    assert set(map(int, codes.split())) <= set(EXIT_CODES)


@pytest.mark.parametrize("file", SCHEDULERS, ids=lambda file: file.stem)
def test_a_scheduler_s_example_is_python_whose_command_is_understood(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    (command,) = (
        node.value.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    )
    understood(str(command))


def queries() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "monitoring" / "rules.yaml").read_text("utf-8"))
    board = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text("utf-8"))
    return [rule["expr"] for one in rules["groups"] for rule in one["rules"]] + [
        target["expr"] for panel in board["panels"] for target in panel["targets"]
    ]


def test_rules_and_the_dashboard_ask_for_gauges_that_the_pipeline_sets() -> None:
    asked = {name for query in queries() for name in re.findall(r"ray_qwen_batch_(\w+)", query)}
    assert asked <= set(GAUGES)
    assert {"prompts_total", "gpu_busy_ratio", "prompts_waiting"} <= asked


def test_panels_of_the_dashboard_do_not_lie_on_each_other() -> None:
    board = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text("utf-8"))
    places = [(one["gridPos"]["x"], one["gridPos"]["y"]) for one in board["panels"]]
    assert len(set(places)) == len(places)
    assert len({one["id"] for one in board["panels"]}) == len(places)
