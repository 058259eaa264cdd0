"""The settings of a run: pipeline.yaml and --set options, checked, with unknown keys refused.

Knows nothing of what the stages do with a setting. Every field's description is the one sentence
that `--help`, error messages and docs/configuration.md show.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

CountOrAuto = Annotated[int, Field(ge=1)] | Literal["auto"]


class Section(BaseModel):
    """A part of the settings: frozen, and any unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __hash__(self) -> int:  # pydantic's own stops at a mapping among the values
        return hash(self.model_dump_json())


class ReadSettings(Section):
    """Limits on reading one document."""

    timeout_s: float = Field(
        300,
        gt=0,
        description="Longest time to read one document, in seconds; OCR adds ocr.timeout_s a page.",
    )
    memory_mb: int = Field(4096, ge=256, description="Most memory that reading one document may take, in MiB.")
    max_pages: int = Field(2000, ge=1, description="A document with more pages is a failure.")
    max_megapixels: float = Field(
        120, gt=0, description="A page image with more pixels than this, in millions, is not opened."
    )
    max_file_mb: float = Field(500, gt=0, description="A larger file is a failure, in MiB.")
    max_cells: int = Field(
        5_000_000, ge=1, description="A workbook with a sheet that spans more cells than this is a failure."
    )
    max_expanded_mb: float = Field(
        1024, gt=0, description="A compressed file (docx, xlsx) that expands to more, in MiB, is a failure."
    )
    max_archive_entries: int = Field(
        10_000,
        ge=1,
        description="An archive (zip, tar) with more files in it, those of inner archives too, is a failure.",
    )
    max_archive_mb: float = Field(
        10_240, gt=0, description="An archive whose files are larger together, unpacked, in MiB, is a failure."
    )
    max_archive_ratio: float = Field(
        200, ge=1, description="A file in an archive that unpacks to so many times its packed size is a failure."
    )
    max_archive_depth: int = Field(
        5, ge=1, description="Archives in archives are opened so deep; what is packed deeper is a failure."
    )
    sandbox: bool = Field(
        True,
        description="The process that reads documents reaches no network and no other file, where Linux can do that.",
    )


class OcrSettings(Section):
    """When and how pages are recognised."""

    engine: str = Field(
        "tesseract", description="OCR engine: tesseract, or rapidocr (an extra; better on photos and Chinese, slower)."
    )
    second_engine: str | None = Field(
        "rapidocr",
        description="If installed, reads a page again that the first engine is unsure of; none: never.",
    )
    languages: tuple[str, ...] = Field(
        ("eng", "chi_sim"), min_length=1, description="Tesseract language codes to choose from."
    )
    dpi: int = Field(300, ge=72, le=600, description="Resolution at which pages are rendered for OCR, in dots an inch.")
    timeout_s: float = Field(120, gt=0, description="Longest time that OCR may spend on one page, in seconds.")
    orientation: bool = Field(True, description="Turn pages that lie sideways or upside down.")
    deskew: bool = Field(True, description="Straighten pages whose lines rise or fall.")
    retry_below: float = Field(
        0.6,
        ge=0,
        le=1,
        description="A page below this mean word confidence is read again, larger; the better text stays.",
    )
    min_confidence: float = Field(0.6, ge=0, le=1, description="A page below this mean word confidence gets a warning.")


class CleanSettings(Section):
    """What is trimmed from the text."""

    headers: bool = Field(True, description="Trim running headers.")
    footers: bool = Field(True, description="Trim running footers.")
    page_numbers: bool = Field(True, description="Trim page numbers.")
    watermarks: bool = Field(True, description="Trim words that lie across the text or up the margin of most pages.")
    line_numbers: bool = Field(True, description="Trim the numbers that count the lines of a page in its margin.")
    captions: bool = Field(False, description="Trim figures' captions and the numbers of charts' axes.")
    reading_order: bool = Field(True, description="Put columns one after the other where a file has them mixed.")
    withhold_orders: bool = Field(
        True, description="Keep sentences from the model that are written to give it orders; a warning quotes each."
    )


class CacheSettings(Section):
    """What reading and OCR found, kept by content: another job over the same folder does no OCR again."""

    enabled: bool = Field(True, description="Keep the text of documents and pages.")
    directory: str | None = Field(None, description="Folder of the cache; none is the user's cache folder.")
    max_gb: float = Field(5, gt=0, description="Size at which what was used longest ago goes, in GiB.")


class HttpSettings(Section):
    """A server that speaks OpenAI's protocol, for engine.kind http."""

    base_url: str = Field("http://127.0.0.1:8000/v1", description="Address of the server's API, up to its version.")
    api_key_env: str = Field("OPENAI_API_KEY", description="Environment variable that holds the key, if one is needed.")
    tokenizer: str | None = Field(
        None, description="Local directory of the model's tokenizer; without one tokens are estimated."
    )
    timeout_s: float = Field(600, gt=0, description="Longest time to wait for one answer, in seconds.")
    max_retries: int = Field(6, ge=0, description="How often a request is sent again after a fault that may pass.")


class EngineSettings(Section):
    """The language model and how it is run."""

    kind: str = Field(
        "vllm",
        description="vllm; http for a server that speaks OpenAI's protocol; null for a deterministic engine without a "
        "model (dry runs).",
    )
    model: str = Field(
        "auto", description="Hugging Face id or local directory; auto takes the default for this machine."
    )
    precision: Literal["auto", "fp32", "bf16", "fp16", "fp8", "int4"] = Field(
        "auto",
        description="Number format of the weights; auto is the checkpoint's own if it is quantised, else what this "
        "machine computes fastest without loss (bf16 on a GPU).",
    )
    kv_cache: Literal["auto", "fp8"] = Field(
        "auto", description="Number format of the KV cache; auto is that of the computation."
    )
    replicas: CountOrAuto = Field(
        "auto", description="Engines side by side; auto is one for each tensor_parallel GPUs."
    )
    tensor_parallel: int = Field(1, ge=1, le=64, description="GPUs that share one engine.")
    batch_size: int = Field(4, ge=1, le=256, description="Prompts in a shard, the unit of scheduling and retry.")
    in_flight: CountOrAuto = Field("auto", description="Shards in an engine at a time; auto covers max_num_seqs.")
    max_num_seqs: CountOrAuto = Field(
        "auto", description="Sequences that an engine decodes at a time; auto is 512 on a GPU, 32 without."
    )
    max_model_len: CountOrAuto = Field(
        "auto", description="Context in tokens; auto is what the run's largest document needs, from 4096."
    )
    max_batched_tokens: CountOrAuto = Field(
        "auto", description="Tokens that vLLM computes in one step; auto is 16384 on a GPU, 2048 without."
    )
    eager: bool | Literal["auto"] = Field(
        "auto", description="Start without compiling; auto does so without a GPU and for runs of few prompts."
    )
    logprobs: bool = Field(
        True,
        description="Ask for the probability of every token, which the confidence rests on; without it short documents "
        "go through a GPU faster (docs/benchmarks.md).",
    )
    deterministic: bool = Field(
        False,
        description="Make an answer independent of what else is in the batch (vLLM's batch invariance, GPUs from H100 "
        "on), so that a second run gives the same; slower.",
    )
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1, description="Part of the GPU memory that vLLM may take.")
    kv_cache_gb: float = Field(2, gt=0, description="Memory for the KV cache without a GPU, in GiB.")
    vllm: dict[str, Any] = Field(
        {}, description="Further arguments of vLLM's AsyncEngineArgs by their own names; they go over the others."
    )
    http: HttpSettings = Field(HttpSettings(), description="The server of engine.kind http.")
    seed: int = Field(0, ge=0, description="Seed of the sampling.")

    @field_validator("kind", mode="before")
    @classmethod
    def _null_is_a_name(cls, value: object) -> object:
        return "null" if value is None else value  # YAML reads `kind: null` as nothing


class PromptSettings(Section):
    """What of a document a job is shown."""

    select: Literal["auto", "whole"] | Annotated[int, Field(ge=1, le=50)] = Field(
        "auto",
        description="Passages that each field of a job is shown: a number; whole: all of the document, as `long` says; "
        "auto: passages; headings with the openings of their sections for fields marked WHOLE_DOCUMENT; all of it for "
        "a summary or a list that may be long.",
    )
    second_reading: bool = Field(
        True,
        description="Ask a job that is shown passages once more over the best passage of each field: it fills what "
        "the first answer left empty, and where both agree the confidence is higher.",
    )
    orders: Literal["fence", "ask"] = Field(
        "fence",
        description="Passages that speak to whoever extracts. fence: they are fenced, and not shown where "
        "clean.withhold_orders knows their wording; ask: the model is asked of each that is suspicious, one token, and "
        "where one is an order the document is answered without it too: what rests on it alone is null with a warning.",
    )
    examples: int = Field(
        0,
        ge=0,
        le=10,
        description="Corrected rows of the output, the nearest to a document, that its prompt shows as right answers. "
        "A value that stands in them and not in the document is left out. What is corrected later asks all anew.",
    )
    whole_tokens: int = Field(1_500, ge=0, description="A document of at most so many tokens of text is shown whole.")
    continuations: int = Field(
        3,
        ge=0,
        le=20,
        description="How often the rest of an answer that was cut off is asked for from where it broke off; after that "
        "what is there stands, and the column `incomplete` names its fields. 0 asks again for all of it.",
    )
    fits: bool = Field(
        False,
        description="Ask first, by one token on its beginning, whether a document is what the job says that it is for "
        "(`Job(fits=...)`); one that is not is a row of the table `skipped`.",
    )
    fits_threshold: float = Field(
        0.5, ge=0, le=1, description="A document that fits a job with a lower probability than this is skipped."
    )


class LongSettings(Section):
    """How documents are asked that are long: in one prompt, or in chunks whose answers are put together."""

    mode: Literal["auto", "single", "map_reduce"] = Field(
        "auto",
        description="single: the whole document in one prompt, a failure if it does not fit; map_reduce: chunks of "
        "chunk_tokens; auto: single up to single_tokens where the context allows, else map_reduce.",
    )
    single_tokens: int = Field(
        30_000, ge=256, description="Longest document that auto asks in one prompt, in tokens of its text."
    )
    chunk_tokens: int = Field(12_000, ge=256, description="Longest chunk of a longer document, in tokens of its text.")


class ConfidenceSettings(Section):
    """How confidence is told from its parts."""

    calibration: str | None = Field(
        None, description="File that `qwen-batch eval --calibrate` wrote; none leaves confidence uncalibrated."
    )
    reject_below: Literal["auto"] | Annotated[float, Field(ge=0, le=1)] = Field(
        "auto",
        description="A quoted fact that may be null is left out where its confidence is lower; the candidate stays in "
        "the evidence as rejected. auto: 0.5 with a calibration, 0.15 without.",
    )
    self_check: bool = Field(
        False,
        description="Ask the model of each value whether it is right, and count that in: one token a field, at most "
        "one more reading of the document where the engine no longer remembers it.",
    )


class SinkSettings(Section):
    """How results are written."""

    format: str = Field("parquet", description="File format of the tables: parquet, or jsonl.")
    catalog: str = Field(
        "plain", description="Who is told which files make up a table; plain is nobody, the folder says it."
    )
    rows_per_file: int = Field(50_000, ge=1, description="Rows in one published file, at most.")
    flush_seconds: float = Field(5, gt=0, description="How often finished rows are staged on disk, in seconds.")
    publish_every_minutes: float | None = Field(
        None,
        gt=0,
        description="How often a run publishes what is finished, in minutes, each time as a run of its own; "
        "none publishes at the end alone.",
    )


class ResourceSettings(Section):
    """What Ray may use of this machine."""

    num_cpus: CountOrAuto = Field("auto", description="Logical CPUs for Ray; auto is the machine's, at least 4.")
    read_tasks: CountOrAuto = Field("auto", description="Documents read at a time; auto is one a CPU core.")
    gpu_hour_price: float | None = Field(
        None, ge=0, description="What one GPU costs an hour, in any currency: `qwen-batch plan` tells money by it."
    )
    object_store_mb: int = Field(512, ge=80, description="Memory of Ray's object store, in MiB.")
    ray_address: str | None = Field(None, description="An existing Ray cluster; none starts one for this run.")
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65_535,
        description="Port on which the run's own Ray answers Prometheus, its engine's gauges (ray_qwen_batch_*) among "
        "its own; needs the extra `metrics`. A cluster has a port of its own.",
    )


class Config(Section):
    """All settings of a run."""

    jobs_dir: str = Field(
        "jobs", description="Folder in which job names are looked up, relative to the working directory."
    )
    execution: Literal["auto", "ray", "in_process"] = Field(
        "auto",
        description="What runs the stages: ray; in_process for worker processes of the command itself, which start "
        "sooner, for extract and engines without a model; auto: in_process where Ray brings nothing.",
    )
    read: ReadSettings = ReadSettings()
    ocr: OcrSettings = OcrSettings()
    clean: CleanSettings = CleanSettings()
    cache: CacheSettings = CacheSettings()
    engine: EngineSettings = EngineSettings()
    prompt: PromptSettings = PromptSettings()
    long: LongSettings = LongSettings()
    confidence: ConfidenceSettings = ConfidenceSettings()
    sink: SinkSettings = SinkSettings()
    resources: ResourceSettings = ResourceSettings()
