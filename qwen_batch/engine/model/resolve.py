"""From the setting `engine.model` to a model that can be loaded.

Imports neither vllm nor torch. The embedded model lives in the user's cache folder; fetch.py and gguf.py make it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qwen_batch.engine.model.fetch import QWEN_CODER_05B, GgufModel, Progress, fetch_from_hub, fetch_from_slices, verify
from qwen_batch.engine.model.gguf import convert_in_subprocess, marked_sha256, write_card
from qwen_batch.errors import ModelError
from qwen_batch.folders import cache_directory

EMBEDDED = QWEN_CODER_05B
GPU_DEFAULT = "Qwen/Qwen3-4B-Instruct-2507"
SAMPLE_BYTES = 1 << 20
FREE_SPACE_FACTOR = 4  # the file and the bfloat16 weights beside it: 3.6 times the file

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_WEIGHTS = ("*.safetensors", "*.bin")
_HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model"]
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")
_DIGESTED = frozenset({".json", ".safetensors", ".bin", ".jinja", ".model"})


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model that answers: `path_or_id` is what vLLM loads, `why` a clause for the run's first line."""

    name: str
    path_or_id: str
    why: str
    revision: str

    @property
    def label(self) -> str:
        """Name and revision, as every row of the table says it."""
        return f"{self.name}@{self.revision}" if self.revision else self.name


def resolve_model(setting: str, *, gpu: bool) -> ModelChoice:
    """The model that the setting names on this machine: auto, a local directory or a Hugging Face id.

    Raises ModelError for a directory that is no model, a path that does not exist, or an embedded
    model that has not been pulled.
    """
    if setting == "auto":
        return _hub_choice(GPU_DEFAULT, "the default with a GPU") if gpu else _embedded_choice()
    path = Path(setting).expanduser()
    if path.is_dir():
        return _local_choice(path.resolve())
    if path.exists():
        raise ModelError(f"engine.model: {setting} is a file", "give the directory that holds config.json")
    looks_like_path = setting.startswith((".", "/", "~")) or path.parent.is_dir()
    if looks_like_path or not _HUB_ID.fullmatch(setting):
        raise ModelError(
            f"engine.model: {setting} is neither an existing directory nor a Hugging Face id",
            f"give a directory with config.json, an id such as {GPU_DEFAULT}, or auto",
        )
    return _hub_choice(setting, "set by engine.model")


def local_model(choice: ModelChoice) -> Path:
    """The choice as a local directory; a Hugging Face id is fetched into the Hub's cache unless it is there.

    Raises ModelError when the Hub cannot be reached and the cache does not hold the model.
    """
    path = Path(choice.path_or_id)
    if path.is_dir():
        return path
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(choice.path_or_id, allow_patterns=_HUB_FILES))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"engine.model: {choice.path_or_id} cannot be fetched: {str(error).splitlines()[0]}",
            "check the id and the network, or give a local directory as engine.model",
        ) from error


def embedded_directory() -> Path:
    """Where the embedded model is or will be; `embedded_is_present` says which."""
    return cache_directory() / "models" / f"{EMBEDDED.name}-{EMBEDDED.sha256[:12]}"


def embedded_is_present() -> bool:
    """Whether the embedded model is there, complete and of the hash that this version expects."""
    return marked_sha256(embedded_directory()) == EMBEDDED.sha256


def pull_embedded(
    progress: Progress = lambda _: None,
    *,
    model: GgufModel = EMBEDDED,
    directory: Path | None = None,
    fetch: Callable[[GgufModel, Path, Progress], Path] | None = None,
    convert: Callable[[Path, Path], None] = convert_in_subprocess,
) -> Path:
    """Fetches and converts the embedded model unless it is there, and returns its directory.

    Safe to interrupt (the next call goes on at the next slice) and to call from several processes at
    once. `progress` gets one sentence a step. Raises ModelError.
    """
    target = directory or embedded_directory()
    with _missing(model, target, progress) as missing:
        if missing:
            _make(model, target, progress, fetch or _fetch, convert)
    return target


def fetch_embedded(
    progress: Progress = lambda _: None,
    *,
    model: GgufModel = EMBEDDED,
    directory: Path | None = None,
    fetch: Callable[[GgufModel, Path, Progress], Path] | None = None,
) -> None:
    """Fetches what `pull_embedded` converts, unless it is there; needs no packages. Raises ModelError."""
    target = directory or embedded_directory()
    with _missing(model, target, progress) as missing:
        if missing:
            _source(model, target, progress, fetch or _fetch)


@contextmanager
def _missing(model: GgufModel, target: Path, progress: Progress) -> Iterator[bool]:
    """Whether the model has to be made; no other process makes it meanwhile. Raises ModelError for a bad folder."""
    if marked_sha256(target) == model.sha256:
        yield False
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _lock(target.parent / f"{target.name}.lock", progress):
            yield marked_sha256(target) != model.sha256  # another process may have made it
    except OSError as error:
        remedy = f"make room there, or set XDG_CACHE_HOME to a writable folder with {_needed_gb(model):.0f} GB free"
        raise ModelError(f"{error.filename or target}: {error.strerror or error}", remedy) from error


def _embedded_choice() -> ModelChoice:
    if not embedded_is_present():
        raise ModelError(f"the embedded model {EMBEDDED.name} is not here yet", "run `qwen-batch model pull` once")
    why = "the embedded default without a GPU"
    return ModelChoice(EMBEDDED.name, str(embedded_directory()), why, EMBEDDED.sha256[:12])


def _hub_choice(name: str, why: str) -> ModelChoice:
    """A Hugging Face id; its revision is the commit in the Hub's cache, empty while it is not there."""
    from huggingface_hub import constants

    main = Path(constants.HF_HUB_CACHE) / f"models--{name.replace('/', '--')}" / "refs" / "main"
    revision = main.read_text("utf-8").strip()[:12] if main.is_file() else ""
    return ModelChoice(name, name, why, revision)


def _local_choice(path: Path) -> ModelChoice:
    missing = []
    if not (path / "config.json").is_file():
        missing.append("config.json")
    if not any(weights for pattern in _WEIGHTS for weights in path.glob(pattern)):
        missing.append("weights (*.safetensors)")
    if not any((path / name).is_file() for name in _TOKENIZERS):
        missing.append("a tokenizer (tokenizer.json)")
    if missing:
        raise ModelError(
            f"engine.model: {path} is no model directory: it has no {', no '.join(missing)}",
            "give a directory as `save_pretrained` or `hf download` writes it",
        )
    return ModelChoice(path.name, str(path), "set by engine.model", _directory_digest(path))


def _directory_digest(path: Path) -> str:
    """A hash that changes with the weights but reads only samples of them: names, sizes, head, middle and tail."""
    digest = hashlib.sha256()
    for file in sorted(file for file in path.iterdir() if file.suffix in _DIGESTED):
        size = file.stat().st_size
        digest.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as content:
            for start in sorted({0, max(0, size // 2), max(0, size - SAMPLE_BYTES)}):
                content.seek(start)
                digest.update(content.read(SAMPLE_BYTES))
    return digest.hexdigest()[:12]


def _fetch(model: GgufModel, folder: Path, progress: Progress) -> Path:
    return fetch_from_hub(model, folder, progress) or fetch_from_slices(model, folder, progress)


def _make(
    model: GgufModel,
    target: Path,
    progress: Progress,
    fetch: Callable[[GgufModel, Path, Progress], Path],
    convert: Callable[[Path, Path], None],
) -> None:
    """Builds the directory under another name and renames it, so that it is there whole or not at all."""
    # A name of its own: the conversion of a puller that was killed may still be writing to the last one.
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    for stale in (target, *target.parent.glob(f"{target.name}.unfinished-*")):
        shutil.rmtree(stale, ignore_errors=True)
    source = _source(model, target, progress, fetch)
    progress("converting the model once (half a minute)")
    convert(source, unfinished)
    write_card(model, unfinished)
    unfinished.rename(target)
    shutil.rmtree(source.parent, ignore_errors=True)
    progress(f"{model.name} is ready in {target}")


def _source(
    model: GgufModel, target: Path, progress: Progress, fetch: Callable[[GgufModel, Path, Progress], Path]
) -> Path:
    """The model's file beside its directory, fetched unless it is there."""
    _check_space(model, target.parent)
    download = target.with_name(f"{target.name}.download")
    download.mkdir(exist_ok=True)
    source = download / model.filename
    if source.is_file():  # left by the installation, or by a conversion that was interrupted
        verify(source, model)
        return source
    return fetch(model, download, progress)


def _check_space(model: GgufModel, folder: Path) -> None:
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < _needed_gb(model):
        raise ModelError(
            f"{folder}: {free_gb:.1f} GB free, {_needed_gb(model):.1f} GB needed to fetch and convert {model.name}",
            "make room, or set XDG_CACHE_HOME to a folder on a larger disk",
        )


def _needed_gb(model: GgufModel) -> float:
    return FREE_SPACE_FACTOR * model.size_bytes / 1e9


@contextmanager
def _lock(path: Path, progress: Progress) -> Iterator[None]:
    """Holds the file's lock; the system drops it when the process dies, however it dies."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is fetching the model; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
