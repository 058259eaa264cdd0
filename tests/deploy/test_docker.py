"""deploy/docker: the main rules of hadolint and of the compose format; no image is built here."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from helpers.places import ROOT

FOLDER = ROOT / "deploy" / "docker"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")


def instructions() -> list[tuple[str, str]]:
    """Instructions with their arguments, continued lines joined."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    return [(words[0], " ".join(words[1:])) for line in joined.splitlines() if (words := line.split())]


def stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions by stage."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            name = rest.split(" AS ")[1]
        found.setdefault(name, []).append((word, rest))
    return found


def test_each_base_has_a_version() -> None:
    (base,) = (rest for word, rest in instructions() if word == "ARG" and rest.startswith("BASE="))
    assert re.search(r":\d+\.\d+\.\d+|@sha256:", base)
    names = set(stages())
    for word, rest in instructions():
        if word == "FROM":
            assert rest.split()[0] in {"${BASE}", *names}


@pytest.mark.parametrize("target", ["cpu", "gpu"])
def test_the_image_runs_without_rights_and_starts_the_program(target: str) -> None:
    own = stages()[target]
    users = [rest for word, rest in own if word == "USER"]
    assert users == ["10001:10001"]
    assert own.index(("USER", users[0])) > max(at for at, (word, _) in enumerate(own) if word in {"RUN", "COPY"})
    assert ("ENTRYPOINT", '["qwen-batch"]') in own


def test_packages_come_with_their_hashes_and_lists_do_not_stay() -> None:
    for word, rest in instructions():
        assert word not in {"ADD", "MAINTAINER"}
        if word != "RUN":
            continue
        assert "sudo" not in rest.split()
        for part in rest.split("&&"):
            if "pip install" not in part:
                continue
            assert "--no-cache" in part
            assert "--require-hashes" in part or "torch==" in part or part.rstrip().endswith((" .", " . "))
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "apt-get install -y" in rest
            assert "rm -rf /var/lib/apt/lists" in rest


def test_what_is_copied_exists_and_is_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"}
    for word, rest in instructions():
        if word == "COPY":
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists()
                assert source.split("/")[0] in let_through


def test_no_model_and_no_secret_is_baked_in() -> None:
    assert not re.search(r"model pull|HF_TOKEN|AWS_|PASSWORD", DOCKERFILE)


@pytest.fixture
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
    return read


def test_the_compose_file_holds_together(compose: dict[str, Any]) -> None:
    assert set(compose) == {"name", "services", "volumes"}
    (service,) = compose["services"].values()
    assert (FOLDER / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == FOLDER / "Dockerfile"
    assert service["build"]["target"] in stages()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    named = {one.split(":")[0] for one in service["volumes"] if isinstance(one, str)}
    assert named == set(compose["volumes"])
    assert service["environment"]["HF_TOKEN"] is None  # the caller's, by name
    (device,) = service["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
