"""A causal language model in torch: log-probabilities of many continuations in one pass, and greedy text in batches."""

from __future__ import annotations

import contextlib
import inspect
import io
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from peft import (
    LoraConfig,
    get_peft_model_state_dict,
    inject_adapter_in_model,
    set_peft_model_state_dict,
)
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache
from transformers.utils import logging as transformers_logging

from logicdistill.errors import CorruptError, one_line
from logicdistill.files import cache_folder
from logicdistill.students.weights import CausalWeights, find_causal, sha256_of

Tokens: TypeAlias = list[int]

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_PREFIX = "base_model.model."
PACKED = 768
"""Tokens of one pass: attention grows with their square."""

MANY = 8
"""Prompts from which on casting the weights to bfloat16 costs less than it saves."""

GENERATED_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after a prompt.

    Attributes:
        text: without the end of line that ended it.
        tokens_in: tokens of the prompt.
        tokens_out: tokens written, the ending one included.
        entropy_bits: sum over the written tokens of the entropy of the distribution that each was taken from.
    """

    text: str
    tokens_in: int
    tokens_out: int
    entropy_bits: float


@dataclass(slots=True)
class Forest:
    """Token sequences with their common beginnings merged: what many questions share is computed once.

    Each token is a node that attends to itself and its ancestors alone, so a sequence's result does not depend on the others.
    """

    ids: Tokens = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, tokens: Sequence[int]) -> list[int]:
        """The nodes of a sequence, one a token."""
        path: list[int] = []
        for token in tokens:
            parent = path[-1] if path else -1
            node = self._children.setdefault((parent, token), len(self.ids))
            if node == len(self.ids):
                self.ids.append(token)
                self.parents.append(parent)
                self.depths.append(len(path))
            path.append(node)
        return path

    def inputs(self) -> dict[str, Tensor]:
        """Arguments of one forward pass: ids and positions (1, nodes), and who sees whom (1, 1, nodes, nodes)."""
        sees = np.zeros((len(self.ids), len(self.ids)), bool)
        for node, parent in enumerate(self.parents):
            if parent >= 0:
                sees[node] = sees[parent]
            sees[node, node] = True
        return {
            "input_ids": torch.tensor([self.ids]),
            "position_ids": torch.tensor([self.depths]),
            "attention_mask": torch.from_numpy(sees)[None, None],
        }


class LanguageModel:
    """A causal language model with its tokenizer; its weights are float32.

    Args:
        name: see `logicdistill.students.weights.find_causal`.
        adapter: folder with a LoRA adapter that `save_adapter` wrote; it is merged into the weights.
        bf16: write in bfloat16 where there are `MANY` prompts: more than twice as fast there, on processors that have it.

    Raises:
        MissingExtraError, UnknownNameError: see `logicdistill.students.weights.find_causal`.
        CorruptError: the model or the adapter cannot be read.
    """

    def __init__(self, name: str, adapter: Path | None = None, *, bf16: bool = False) -> None:
        weights = find_causal(name)
        self.name, self._bf16 = name, bf16
        self.tokenizer: Any
        try:
            with _quiet():
                self.tokenizer, network = _pretrained(weights)
        # The loaders raise their own classes for a damaged, missing or unreachable model, some derived from Exception alone.
        except Exception as error:
            raise CorruptError(
                f"cannot load the causal model {name!r}: {one_line(error)}"
            ) from None
        self.network: Any = network.eval()
        self._cache_name = (
            "cache"
            if "cache" in inspect.signature(self.network.forward).parameters
            else "past_key_values"
        )
        self.stop = frozenset({self.tokenizer.eos_token_id, self.encode("\n")[-1]})
        if adapter is not None:
            load_adapter(self.network, adapter)

    def encode(self, text: str) -> Tokens:
        """Token ids of a text, without special tokens."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def logprobs(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[Tensor]:
        """Natural logarithms of the probabilities of the continuations' tokens, in one pass, with gradients where they are on.

        Args:
            pairs: prompt (at least one token) and continuation.

        Returns:
            One vector a pair, as long as its continuation.
        """
        return [
            logits[row, rest] - normal[row] for logits, normal, row, rest in self._following(pairs)
        ]

    def _following(
        self, pairs: Sequence[tuple[Tokens, Tokens]]
    ) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """Logits and their normalising terms of all rows; for each pair its rows, and the tokens that follow there."""
        if not pairs:
            return
        forest = Forest()
        paths = [forest.add([*prompt, *rest]) for prompt, rest in pairs]
        before = [
            path[len(prompt) - 1 : -1] for path, (prompt, _) in zip(paths, pairs, strict=True)
        ]
        kept = sorted({node for nodes in before for node in nodes})
        row = {node: index for index, node in enumerate(kept)}
        logits = (
            self.network(**forest.inputs(), use_cache=False, logits_to_keep=torch.tensor(kept))
            .logits[0]
            .float()
        )
        normal = logits.logsumexp(-1)
        for nodes, (_, rest) in zip(before, pairs, strict=True):
            yield logits, normal, torch.tensor([row[node] for node in nodes]), torch.tensor(rest)

    def would_write(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[bool]:
        """Whether each continuation is what greedy writing gives, without writing it."""
        with torch.inference_mode():
            return [
                bool((logits[row].argmax(-1) == rest).all())
                for part in packed(pairs)
                for logits, _, row, rest in self._following(part)
            ]

    def scored(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[list[float]]:
        """`logprobs` without gradients, in as many passes as the length asks for."""
        found: list[list[float]] = []
        with torch.inference_mode():
            for part in packed(pairs):
                found += [row.tolist() for row in self.logprobs(part)]
        return found

    def write(self, prompts: Sequence[str], most: int) -> list[Written]:
        """Greedy text after each prompt, up to an end of line.

        Args:
            prompts: each at least one token.
            most: tokens at most.
        """
        tokens = [self.encode(prompt) for prompt in prompts]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        found: dict[int, Written] = {}
        bf16 = self._bf16 and len(prompts) >= MANY
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            for start in range(0, len(order), GENERATED_TOGETHER):
                part = order[start : start + GENERATED_TOGETHER]
                found.update(
                    zip(part, self._write([tokens[index] for index in part], most), strict=True)
                )
        return [found[index] for index in range(len(tokens))]

    def _write(self, prompts: list[Tokens], most: int) -> list[Written]:
        """One batch: what all prompts begin with is computed once, the rest is padded on the left."""
        shared = _shared([prompt[:-1] for prompt in prompts])
        width = max(len(prompt) for prompt in prompts) - shared
        ids = torch.zeros(len(prompts), width, dtype=torch.long)
        mask = torch.ones(len(prompts), shared + width, dtype=torch.long)
        positions = torch.zeros(len(prompts), width, dtype=torch.long)
        for row, prompt in enumerate(prompts):
            pad = width - (len(prompt) - shared)
            ids[row, pad:] = torch.tensor(prompt[shared:])
            mask[row, shared : shared + pad] = 0
            positions[row, pad:] = torch.arange(shared, len(prompt))
        cache = DynamicCache()
        if shared:
            self.network(
                input_ids=torch.tensor([prompts[0][:shared]]),
                use_cache=True,
                logits_to_keep=1,
                **{self._cache_name: cache},
            )
            cache.batch_repeat_interleave(len(prompts))
        written: list[Tokens] = [[] for _ in prompts]
        bits = [0.0] * len(prompts)
        running = set(range(len(prompts)))
        while running:
            out = self.network(
                input_ids=ids,
                attention_mask=mask,
                position_ids=positions,
                use_cache=True,
                logits_to_keep=1,
                **{self._cache_name: cache},
            )
            logs = out.logits[:, -1].float().log_softmax(-1)
            entropy = -(logs.exp() * logs).sum(-1) / np.log(2)
            best = logs.argmax(-1)
            for row in sorted(running):
                written[row].append(int(best[row]))
                bits[row] += float(entropy[row])
                if written[row][-1] in self.stop or len(written[row]) == most:
                    running.discard(row)
            ids, positions = best[:, None], positions[:, -1:] + 1
            mask = torch.cat([mask, torch.ones(len(prompts), 1, dtype=torch.long)], dim=1)
        return [
            Written(
                self.tokenizer.decode([t for t in row if t not in self.stop]).strip(),
                len(prompt),
                len(row),
                total,
            )
            for row, prompt, total in zip(written, prompts, bits, strict=True)
        ]


def forest_of(pairs: Sequence[tuple[Tokens, Tokens]]) -> Forest:
    """The forest of prompts with their continuations."""
    forest = Forest()
    for prompt, rest in pairs:
        forest.add([*prompt, *rest])
    return forest


def packed(pairs: Sequence[tuple[Tokens, Tokens]]) -> Iterator[list[tuple[Tokens, Tokens]]]:
    """The pairs in order, cut into passes of at most `PACKED` tokens (a longer pair is a pass of its own)."""
    part: list[tuple[Tokens, Tokens]] = []
    forest = Forest()
    for prompt, rest in pairs:
        forest.add([*prompt, *rest])
        if part and len(forest.ids) > PACKED:
            yield part
            part, forest = [], Forest()
            forest.add([*prompt, *rest])
        part.append((prompt, rest))
    if part:
        yield part


def add_adapter(network: Any, rank: int, layers: int | None, seed: int) -> LoraConfig:
    """Put a fresh LoRA adapter (Hu et al., ICLR 2022) into the linear layers of a network's upper ``layers`` blocks (None: of all)."""
    torch.manual_seed(seed)
    output, blocks = network.get_output_embeddings(), int(network.config.num_hidden_layers)
    linear = [
        name
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not output
    ]
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules=sorted({name.rsplit(".", 1)[-1] for name in linear}),
        layers_to_transform=None
        if layers is None
        else list(range(max(0, blocks - layers), blocks)),
        task_type="CAUSAL_LM",
    )
    inject_adapter_in_model(config, network)
    return config


def save_adapter(network: Any, config: LoraConfig, folder: Path) -> None:
    """Write the adapter as peft's own files (`ADAPTER_FILES`), which ``peft.PeftModel.from_pretrained`` reads as well."""
    config.save_pretrained(str(folder))
    state = {
        f"{_PREFIX}{name}": value.contiguous()
        for name, value in get_peft_model_state_dict(network).items()
    }
    temporary = folder / ".adapter.tmp"
    save_file(state, temporary)
    temporary.replace(folder / ADAPTER_FILES[1])


def load_adapter(network: Any, folder: Path, *, merge: bool = True) -> LoraConfig:
    """Put a saved adapter into a network; ``merge`` adds it to the weights, which makes deciding faster and training impossible.

    Raises:
        CorruptError: it cannot be read, or belongs to another model.
    """
    try:
        config: LoraConfig = LoraConfig.from_pretrained(str(folder))
        state = {
            name.removeprefix(_PREFIX): value
            for name, value in load_file(folder / ADAPTER_FILES[1]).items()
        }
        inject_adapter_in_model(config, network)
        missing = set(get_peft_model_state_dict(network)) ^ set(state)
        set_peft_model_state_dict(network, state)
    # peft and safetensors raise their own classes for a damaged file, some derived from Exception alone.
    except Exception as error:
        raise CorruptError(
            f"{folder}: not a readable adapter: {one_line(error)}; train again"
        ) from None
    if missing:
        raise CorruptError(
            f"{folder}: the adapter does not fit the model ({min(missing)}); train again"
        )
    for module in network.modules() if merge else ():
        if isinstance(module, LoraLayer):
            module.merge()
    return config


def _pretrained(weights: CausalWeights) -> tuple[Any, Any]:
    """Tokenizer and network; a GGUF file is unpacked into the cache, since reading it takes transformers ten seconds and more."""
    if weights.gguf is None:
        return _loaded(weights.source)
    unpacked = cache_folder() / "causal" / sha256_of(Path(weights.source, weights.gguf))[:16]
    if unpacked.is_dir():
        with contextlib.suppress(Exception):  # whatever is wrong with it, it is made again
            return _loaded(str(unpacked))
        shutil.rmtree(unpacked, ignore_errors=True)
    found = tokenizer, network = _loaded(weights.source, gguf_file=weights.gguf)
    network.hf_quantizer = None  # the weights are float32 by now; with it they could not be saved
    vars(network.config).pop("quantization_config", None)
    with contextlib.suppress(
        OSError
    ):  # a cache that cannot be written costs time alone, and another process may have been first
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=unpacked.parent) as scratch:
            tokenizer.save_pretrained(Path(scratch, "model"))
            network.save_pretrained(Path(scratch, "model"))
            Path(scratch, "model").rename(unpacked)
    return found


def _loaded(source: str, **options: str) -> tuple[Any, Any]:
    network = AutoModelForCausalLM.from_pretrained(
        source, dtype=torch.float32, attn_implementation="sdpa", **options
    )
    return AutoTokenizer.from_pretrained(source, **options), network


def _shared(prompts: Sequence[Tokens]) -> int:
    """How many tokens all prompts begin with."""
    first, last = min(prompts), max(prompts)
    return next(
        (
            index
            for index, (one, other) in enumerate(zip(first, last, strict=False))
            if one != other
        ),
        min(len(first), len(last)),
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the loaders' progress bars and remarks."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers ships it untyped
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
