"""deploy/kuberay: each overlay as kustomize builds it, against the operator's own definitions."""

from __future__ import annotations

import copy
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import jsonschema
import pytest
import yaml
from helpers.places import ROOT, SHARED_DATA

from qwen_batch.cli import group
from qwen_batch.errors import EXIT_LOCKED

OVERLAYS = ROOT / "deploy" / "kuberay" / "overlays"
DEFINITIONS = SHARED_DATA.parent / "kuberay"


@pytest.fixture(scope="module", params=sorted(one.name for one in OVERLAYS.iterdir()))
def built(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl, which holds kustomize, is not here")
    folder = OVERLAYS / request.param
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that refuses fields that it does not name: the API server would drop them without a word."""
    schema = copy.deepcopy(schema)
    for part in _objects(schema):
        if "properties" in part and not part.get("x-kubernetes-preserve-unknown-fields"):
            part.setdefault("additionalProperties", False)
    return schema


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("type"), str):
            yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


def definition(kind: str) -> dict[str, Any]:
    file = DEFINITIONS / f"ray.io_{kind.lower()}s.yaml"
    if not file.exists():
        pytest.skip(f"../shared/kuberay/{file.name} is not here")
    (schema,) = (
        one["schema"]["openAPIV3Schema"]
        for one in yaml.safe_load(file.read_text("utf-8"))["spec"]["versions"]
        if one["name"] == "v1"
    )
    own = copy.deepcopy(schema)
    own["properties"]["metadata"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return strict(own)


def jobs(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The specs of the runs."""
    specs = [one["spec"] for one in documents if one["kind"].startswith("Ray")]
    return [one.get("jobTemplate", one) for one in specs]


def test_what_is_built_is_valid_against_the_operators_definitions(built: list[dict[str, Any]]) -> None:
    checked = 0
    for document in built:
        if document["apiVersion"] == "ray.io/v1":
            jsonschema.Draft202012Validator(definition(document["kind"])).validate(document)
            checked += 1
    assert checked == 1


def test_a_mistyped_field_is_refused() -> None:
    schema = definition("RayJob")
    wrong = {"apiVersion": "ray.io/v1", "kind": "RayJob", "spec": {"entrypoint": "x", "backofLimit": 3}}
    with pytest.raises(jsonschema.ValidationError, match="backofLimit"):
        jsonschema.Draft202012Validator(schema).validate(wrong)


def test_the_command_is_one_that_the_program_understands(built: list[dict[str, Any]]) -> None:
    (job,) = jobs(built)
    program, name, *arguments = shlex.split(job["entrypoint"])
    assert (program, name) == ("qwen-batch", "run")
    command = group.commands["run"]
    context = command.make_context("run", list(arguments), resilient_parsing=True)
    assert context.params["output"] is not None
    assert "resources.ray_address=auto" in arguments
    assert arguments[arguments.index("--fail-on") + 1] == "none"  # else a bad file would be a reason to try again


def test_a_try_that_failed_is_followed_by_another_and_no_second_driver_of_the_same(built: list[dict[str, Any]]) -> None:
    (job,) = jobs(built)
    assert job["backoffLimit"] >= 1
    assert job["submitterConfig"]["backoffLimit"] == 0, f"it would end with {EXIT_LOCKED}: the output is locked"
    assert job["shutdownAfterJobFinishes"] is True


def pods(job: dict[str, Any]) -> list[dict[str, Any]]:
    cluster = job["rayClusterSpec"]
    return [one["template"]["spec"] for one in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


def test_pods_run_without_rights_and_keep_their_root_as_it_is(built: list[dict[str, Any]]) -> None:
    (job,) = jobs(built)
    for pod in pods(job):
        assert pod["securityContext"]["runAsNonRoot"] is True
        mounted = {one["name"] for one in pod["volumes"]}
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert {one["name"] for one in container["volumeMounts"]} <= mounted
            assert {"tmp", "shm", "cache"} <= {one["name"] for one in container["volumeMounts"]}
            assert "ephemeral-storage" in container["resources"]["limits"]


def test_no_secret_stands_in_a_file(built: list[dict[str, Any]]) -> None:
    for pod in (pod for job in jobs(built) for pod in pods(job)):
        for variable in (one for container in pod["containers"] for one in container.get("env", [])):
            assert not any(word in variable["name"] for word in ("KEY", "TOKEN", "SECRET", "PASSWORD"))
    assert not any(document["kind"] == "Secret" for document in built)


def test_the_cluster_runs_the_ray_that_is_pinned(built: list[dict[str, Any]]) -> None:
    (job,) = jobs(built)
    assert job["rayClusterSpec"]["rayVersion"] == version("ray")
