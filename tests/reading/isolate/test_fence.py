"""fence: what a child that was taken over can reach. Each test is a way out that must be shut."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import break_outs
from landlockpy import abi_version

from qwen_batch.reading.isolate import fence
from qwen_batch.reading.isolate.fence import Held, Places, fence_in, without_secrets
from qwen_batch.reading.isolate.isolator import Isolator

pytestmark = pytest.mark.subprocess

TCP_ABI, SIGNALS_ABI = 4, 6


@pytest.fixture(scope="module")
def held() -> Held:
    with Isolator(timeout_s=20, memory_mb=512) as isolator:
        told = isolator.call(fence_in, (), ())
        assert isinstance(told, Held)
        return told


@pytest.fixture
def fenced() -> Iterator[Isolator]:
    with Isolator(timeout_s=20, memory_mb=512, fenced=True) as instance:
        yield instance


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("mine")
    (tmp_path / "secret.txt").write_text("not yours")
    return tmp_path / "in" / "a.txt"


@pytest.fixture
def holds_files(held: Held) -> None:
    if not held.files:
        pytest.skip("this kernel has no Landlock")


@pytest.fixture
def holds_network(held: Held) -> None:
    if not held.network:
        pytest.skip("this machine allows no user namespace")


@pytest.mark.usefixtures("holds_files")
def test_a_document_reads_itself_and_nothing_else(fenced: Isolator, document: Path) -> None:
    other = str(document.parents[1] / "secret.txt")
    assert fenced.call(break_outs.read, document) == "mine"
    assert fenced.call(break_outs.run_program, document) == "mine"
    for attempt in (break_outs.read_another, break_outs.write_another):
        assert fenced.call(attempt, document, other) == "PermissionError"
    assert fenced.call(break_outs.list_folder, document, str(Path.home())) == "PermissionError"
    assert fenced.call(break_outs.change_it, document) == "PermissionError"
    assert fenced.call(break_outs.remove_it, document) == "PermissionError"
    assert Path(other).read_text() == "not yours"
    assert document.read_text() == "mine"


@pytest.mark.usefixtures("holds_files")
def test_a_link_to_another_file_opens_only_what_was_asked(fenced: Isolator, document: Path) -> None:
    link = document.parent / "link.txt"
    link.symlink_to(document.parents[1] / "secret.txt")
    assert fenced.call(break_outs.read_another, document, str(link)) == "PermissionError"


@pytest.mark.usefixtures("holds_files")
def test_a_document_elsewhere_is_read_too_and_by_a_new_child(fenced: Isolator, document: Path, tmp_path: Path) -> None:
    assert fenced.call(break_outs.read, document) == "mine"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.txt").write_text("mine too")
    assert fenced.call(break_outs.read, elsewhere / "b.txt") == "mine too"
    assert fenced.call(break_outs.read, document) == "mine"


def test_a_scratch_folder_is_its_own_and_goes_with_it(fenced: Isolator) -> None:
    folder = fenced.call(break_outs.write_scratch)
    assert isinstance(folder, str)
    assert Path(folder).is_dir()
    fenced.close()
    assert not Path(folder).exists()


@pytest.mark.usefixtures("holds_network")
def test_nothing_leaves_by_the_network(fenced: Isolator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert fenced.call(break_outs.connect_tcp, server.getsockname()[1]) != ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.2)
        fenced.call(break_outs.send_udp, receiver.getsockname()[1])
        with pytest.raises(TimeoutError):
            receiver.recv(100)


@pytest.mark.usefixtures("holds_files")
@pytest.mark.skipif(abi_version() < TCP_ABI, reason="Landlock of this kernel does not know the network")
def test_without_a_namespace_landlock_still_shuts_tcp() -> None:
    with Isolator(timeout_s=20, memory_mb=512) as isolator, socket.create_server(("127.0.0.1", 0)) as server:
        assert isolator.call(break_outs.connect_tcp_without_a_namespace, server.getsockname()[1]) == "PermissionError"


@pytest.mark.usefixtures("holds_files")
def test_the_parent_is_out_of_reach(fenced: Isolator) -> None:
    assert fenced.call(break_outs.environment_of_parent) == "PermissionError"
    if abi_version() >= SIGNALS_ABI:
        assert fenced.call(break_outs.signal_parent) == "PermissionError"


def test_secrets_of_the_environment_are_not_handed_on(fenced: Isolator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION", "HF_TOKEN", "MY_API_KEY", "db_password"):
        monkeypatch.setenv(name, "hush")
    monkeypatch.setenv("LANG", "C.UTF-8")
    told = fenced.call(break_outs.environment)
    assert isinstance(told, dict)
    assert "hush" not in told.values()
    assert told["LANG"] == "C.UTF-8"
    assert without_secrets({"TESSDATA_PREFIX": "a"}) == {"TESSDATA_PREFIX": "a"}


def test_an_answer_that_would_run_code_here_is_refused(fenced: Isolator, tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no data"):
        fenced.call(break_outs.answer_with_code, str(tmp_path / "made"))
    assert not (tmp_path / "made").exists()


def test_folders_of_one_tree_are_opened_together_and_never_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence.Path, "home", lambda: Path("/home/ann"))
    places = Places()
    assert places.admit([Path("/home/ann/docs/2024/a.pdf")], [])
    assert not places.admit([Path("/home/ann/docs/2024/b.pdf")], [])
    assert places.admit([Path("/home/ann/docs/2025/c.pdf")], [])
    assert places.read == {Path("/home/ann/docs")}
    assert places.admit([Path("/home/ann/mail/d.eml")], [])
    assert places.read == {Path("/home/ann/docs"), Path("/home/ann/mail")}
    assert places.admit([Path("/srv/x/e.pdf")], [tmp_path / "made"])
    assert places.write == {tmp_path.resolve()}
