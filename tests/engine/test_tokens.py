"""tokens: counting and rendering, with a real (tiny) tokenizer and a real chat template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from qwen_batch.engine.tokens import ApproximateTokenizer, ModelTokenizer
from qwen_batch.errors import ModelError

TEMPLATE = """\
{%- for message in messages %}
    {%- if message.role not in ["system", "user", "assistant"] %}
        {{- raise_exception("unknown role " ~ message.role) }}
    {%- endif %}
    {{- "<|im_start|>" ~ message.role ~ "\\n" ~ message.content ~ "<|im_end|>\\n" }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- "<|im_start|>assistant\\n" }}
{%- endif %}
"""
MESSAGES = (("system", "Be brief."), ("user", "你好 {{ x }} é"))
RENDERED = (
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n你好 {{ x }} é<|im_end|>\n<|im_start|>assistant\n"
)


def byte_tokenizer() -> Tokenizer:
    """A byte-level BPE, as Qwen's: every byte is a token but for one merge, `Be`."""
    vocabulary = {symbol: number for number, symbol in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocabulary["Be"] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, [("B", "e")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(text, special=True) for text in ("<|im_start|>", "<|im_end|>")])
    return tokenizer


def model_directory(folder: Path, template: str | None = TEMPLATE, **settings: Any) -> Path:
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    if template is not None:
        settings["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", []),
        ("a", [1]),
        ("abcd", [4]),
        ("abcde", [4, 5]),
        ("abcdefgh", [4, 8]),
        ("合同 of Q", [1, 2, 6, 7]),
        ("12.5 |", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_an_approximate_token_is_four_characters_of_prose_or_another_one(text: str, ends: list[int]) -> None:
    assert ApproximateTokenizer().token_ends(text) == ends


def test_approximate_rendering_counts_every_message() -> None:
    messages = (("system", "a" * 4), ("user", "b" * 5), ("assistant", ""))
    assert ApproximateTokenizer().render(messages) == (0, 0, 0)


def test_rendering_follows_the_chat_template_and_opens_the_answer(tmp_path: Path) -> None:
    ids = ModelTokenizer(model_directory(tmp_path)).render(MESSAGES)
    assert byte_tokenizer().decode(list(ids), skip_special_tokens=False) == RENDERED


def test_special_tokens_are_single_tokens(tmp_path: Path) -> None:
    ids = ModelTokenizer(model_directory(tmp_path)).render(MESSAGES)
    assert ids.count(byte_tokenizer().token_to_id("<|im_start|>")) == 3
    assert ids.count(byte_tokenizer().token_to_id("<|im_end|>")) == 2


def test_the_template_file_wins_over_the_settings(tmp_path: Path) -> None:
    directory = model_directory(tmp_path, template="old")
    (directory / "chat_template.jinja").write_text("{{ messages[0].content }}!", "utf-8")
    ids = ModelTokenizer(directory).render((("user", "Be"),))
    assert byte_tokenizer().decode(list(ids)) == "Be!"
    assert len(ids) == 2


@pytest.mark.parametrize("token", ["<|im_end|>", {"content": "<|im_end|>", "special": True}])
def test_templates_may_use_the_special_tokens_of_the_settings(tmp_path: Path, token: object) -> None:
    directory = model_directory(tmp_path, template="{{ eos_token }}{{ bos_token }}", eos_token=token, bos_token=None)
    assert ModelTokenizer(directory).render(MESSAGES) == (byte_tokenizer().token_to_id("<|im_end|>"),)


def test_templates_may_use_tojson_and_loop_controls(tmp_path: Path) -> None:
    template = "{% for message in messages %}{{ message.content | tojson }}{% break %}{% endfor %}"
    ids = ModelTokenizer(model_directory(tmp_path, template)).render((("user", '甲"<b>'), ("user", "x")))
    assert byte_tokenizer().decode(list(ids)) == '"甲\\"<b>"'


def test_a_template_that_refuses_the_messages_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="unknown role tool"):
        ModelTokenizer(model_directory(tmp_path)).render((("tool", "x"),))


def test_a_template_cannot_reach_python(tmp_path: Path) -> None:
    from jinja2.exceptions import SecurityError

    directory = model_directory(tmp_path, template="{{ messages.__class__.__mro__[1].__subclasses__() }}")
    with pytest.raises(SecurityError):
        ModelTokenizer(directory).render(MESSAGES)


def test_token_ends_are_character_offsets_that_reach_the_end(tmp_path: Path) -> None:
    tokenizer = ModelTokenizer(model_directory(tmp_path))
    assert tokenizer.token_ends("Bee") == [2, 3]
    assert tokenizer.token_ends("") == []


def test_a_chinese_character_of_three_tokens_ends_thrice_at_the_same_place(tmp_path: Path) -> None:
    tokenizer = ModelTokenizer(model_directory(tmp_path))
    assert tokenizer.token_ends("合同a") == [1, 1, 1, 2, 2, 2, 3]


def test_token_texts_make_up_the_text_whatever_characters_they_split(tmp_path: Path) -> None:
    tokenizer = ModelTokenizer(model_directory(tmp_path))
    ids = byte_tokenizer().encode("Be 合 é").ids
    texts = tokenizer.token_texts([*ids, byte_tokenizer().token_to_id("<|im_end|>")])
    assert texts == ("Be", " ", "", "", "合", " ", "", "é", "")


def test_token_texts_make_up_the_text_where_a_space_is_lost_at_the_beginning_only(tmp_path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel({"▁pays": 0, "▁rent": 1, "s": 2}, "s"))
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}), "utf-8")
    assert ModelTokenizer(tmp_path).token_texts([0, 1, 2]) == ("pays", " rent", "s")


def test_a_directory_without_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no tokenizer\.json") as caught:
        ModelTokenizer(tmp_path)
    assert caught.value.message.startswith(str(tmp_path))


@pytest.mark.parametrize("template", [None, [{"name": "default", "template": "x"}]])
def test_a_model_without_a_chat_template_is_refused(tmp_path: Path, template: Any) -> None:
    with pytest.raises(ModelError, match="no chat template") as caught:
        ModelTokenizer(model_directory(tmp_path, template))
    assert "instruct model" in caught.value.remedy
