"""A causal language model in torch: log-probabilities of continuations, and greedy text."""

from __future__ import annotations

import contextlib
import inspect
import io
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import peft
import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache
from transformers.utils import logging as transformers_logging

from logicdistill.errors import CorruptError, one_line
from logicdistill.files import cache_folder
from logicdistill.students.saved import readable
from logicdistill.students.weights import CausalWeights, find_causal, sha256_of

Tokens: TypeAlias = list[int]

TokenPair: TypeAlias = tuple[Tokens, Tokens]
"""A prompt of at least one token, and its continuation."""

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_PREFIX = "base_model.model."

PASS_TOKENS = 768
"""Most tokens of one pass: the cost of attention grows with their square."""

BF16_PROMPTS = 8
"""Prompts from which on casting the weights to bfloat16 costs less than it saves."""

GENERATED_TOGETHER = 16
"""Prompts of one batch of greedy writing."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after a prompt.

    Attributes:
        text: without the end of line that ended it, which ``tokens_out`` counts.
        entropy_bits: sum over the written tokens of the entropy of the model's distribution.
    """

    text: str
    tokens_in: int
    tokens_out: int
    entropy_bits: float


@dataclass(slots=True)
class Forest:
    """Token sequences with their common beginnings merged, so that these are computed once.

    Each token is a node that attends to itself and its ancestors alone: a sequence's result does
    not depend on the others.
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
        """Arguments of one forward pass; the mask is True where a node attends to another."""
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
        adapter: folder with an adapter that `save_adapter` wrote; it is merged into the weights.
        bf16: write in bfloat16 from `BF16_PROMPTS` prompts on: twice as fast on fit processors.

    Raises:
        MissingExtraError, UnknownNameError: see `logicdistill.students.weights.find_causal`.
        CorruptError: the model or the adapter cannot be read.
    """

    def __init__(self, name: str, adapter: Path | None = None, *, bf16: bool = False) -> None:
        weights, self._bf16 = find_causal(name), bf16
        self.tokenizer: Any
        with _loading(name):
            self.tokenizer, network = _pretrained(weights)
        self.network: Any = network.eval()
        # Versions of transformers name the argument differently.
        arguments = inspect.signature(self.network.forward).parameters
        self._cache_name = "cache" if "cache" in arguments else "past_key_values"
        self.stop = frozenset({self.tokenizer.eos_token_id, self.encode("\n")[-1]})
        if adapter is not None:
            load_adapter(self.network, adapter)

    def encode(self, text: str) -> Tokens:
        """Token ids of a text, without special tokens."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def logprobs(self, pairs: Sequence[TokenPair]) -> list[Tensor]:
        """Log-probabilities, in nats, of the continuations' tokens, in one pass with gradients."""
        found = self._following(pairs)
        return [logits[row, rest] - normal[row] for logits, normal, row, rest in found]

    def _following(self, pairs: Sequence[TokenPair]) -> Iterator[tuple[Tensor, ...]]:
        """For each pair: all logits, their normalising terms, its rows, and the tokens there."""
        if not pairs:
            return
        forest = Forest()
        before = [forest.add([*prompt, *rest])[len(prompt) - 1 : -1] for prompt, rest in pairs]
        kept = sorted({node for nodes in before for node in nodes})
        row = {node: index for index, node in enumerate(kept)}
        wanted = {"use_cache": False, "logits_to_keep": torch.tensor(kept)}
        logits = self.network(**forest.inputs(), **wanted).logits[0].float()
        normal = logits.logsumexp(-1)
        for nodes, (_, rest) in zip(before, pairs, strict=True):
            yield logits, normal, torch.tensor([row[node] for node in nodes]), torch.tensor(rest)

    def would_write(self, pairs: Sequence[TokenPair]) -> list[bool]:
        """Whether greedy writing would give each continuation; nothing is written."""
        with torch.inference_mode():
            return [
                bool((logits[row].argmax(-1) == rest).all())
                for part in packed(pairs)
                for logits, _, row, rest in self._following(part)
            ]

    def scored(self, pairs: Sequence[TokenPair]) -> list[list[float]]:
        """`logprobs` without gradients, in passes of `PASS_TOKENS`."""
        with torch.inference_mode():
            return [row.tolist() for part in packed(pairs) for row in self.logprobs(part)]

    def write(self, prompts: Sequence[str], most: int) -> list[Written]:
        """Greedy text of at most so many tokens after each prompt, up to an end of line."""
        tokens = [self.encode(prompt) for prompt in prompts]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        found: dict[int, Written] = {}
        bf16 = self._bf16 and len(prompts) >= BF16_PROMPTS
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            for start in range(0, len(order), GENERATED_TOGETHER):
                part = order[start : start + GENERATED_TOGETHER]
                texts = self._write([tokens[index] for index in part], most)
                found.update(zip(part, texts, strict=True))
        return [found[index] for index in range(len(tokens))]

    def _write(self, prompts: list[Tokens], most: int) -> list[Written]:
        """One batch: the common beginning is computed once, the rest is padded on the left."""
        columns = zip(*(prompt[:-1] for prompt in prompts), strict=False)
        shared = len([*itertools.takewhile(lambda column: len(set(column)) == 1, columns)])
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
        kept: dict[str, Any] = {"use_cache": True, "logits_to_keep": 1, self._cache_name: cache}
        if shared:
            self.network(input_ids=torch.tensor([prompts[0][:shared]]), **kept)
            cache.batch_repeat_interleave(len(prompts))
        written: list[Tokens] = [[] for _ in prompts]
        bits = [0.0] * len(prompts)
        running = set(range(len(prompts)))
        while running:
            out = self.network(input_ids=ids, attention_mask=mask, position_ids=positions, **kept)
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
        texts = [self.tokenizer.decode([t for t in row if t not in self.stop]) for row in written]
        return [
            Written(text.strip(), len(prompt), len(row), total)
            for text, prompt, row, total in zip(texts, prompts, written, bits, strict=True)
        ]


def merged_tokens(pairs: Sequence[TokenPair]) -> int:
    """Tokens that the model reads for prompts and continuations, common beginnings merged."""
    forest = Forest()
    for prompt, rest in pairs:
        forest.add([*prompt, *rest])
    return len(forest.ids)


def packed(pairs: Sequence[TokenPair]) -> Iterator[list[TokenPair]]:
    """The pairs in order, in passes of at most `PASS_TOKENS`; a longer pair has its own pass."""
    part, forest = list[TokenPair](), Forest()
    for prompt, rest in pairs:
        forest.add([*prompt, *rest])
        if part and len(forest.ids) > PASS_TOKENS:
            yield part
            part, forest = [], Forest()
            forest.add([*prompt, *rest])
        part.append((prompt, rest))
    if part:
        yield part


def add_adapter(network: Any, rank: int, layers: int | None, seed: int) -> peft.LoraConfig:
    """Put a fresh LoRA adapter (Hu et al., ICLR 2022) into a network's linear layers, in place.

    ``layers`` is how many blocks, from the top, get one; None: all.
    """
    torch.manual_seed(seed)
    output, blocks = network.get_output_embeddings(), int(network.config.num_hidden_layers)
    linear = {
        name.rsplit(".", 1)[-1]
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not output
    }
    upper = None if layers is None else list(range(max(0, blocks - layers), blocks))
    where: dict[str, Any] = {"target_modules": sorted(linear), "layers_to_transform": upper}
    config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, task_type="CAUSAL_LM", **where)
    peft.inject_adapter_in_model(config, network)
    return config


def save_adapter(network: Any, config: peft.LoraConfig, folder: Path) -> None:
    """Write the adapter as `ADAPTER_FILES`, which ``peft.PeftModel.from_pretrained`` reads, too."""
    config.save_pretrained(str(folder))
    state = peft.get_peft_model_state_dict(network)
    temporary = folder / ".adapter.tmp"
    save_file({f"{_PREFIX}{name}": state[name].contiguous() for name in state}, temporary)
    temporary.replace(folder / ADAPTER_FILES[1])


def load_adapter(network: Any, folder: Path, *, merge: bool = True) -> peft.LoraConfig:
    """Put a saved adapter (`ADAPTER_FILES`) into a network, in place.

    ``merge`` adds it to the weights: deciding is faster, training is impossible.

    Raises:
        CorruptError: it cannot be read, or belongs to another model.
    """
    with readable(folder / ADAPTER_FILES[1]):
        config: peft.LoraConfig = peft.LoraConfig.from_pretrained(str(folder))
        saved = load_file(folder / ADAPTER_FILES[1])
        state = {name.removeprefix(_PREFIX): value for name, value in saved.items()}
        peft.inject_adapter_in_model(config, network)
        if missing := set(peft.get_peft_model_state_dict(network)) ^ set(state):
            raise ValueError(f"the adapter does not fit the model ({min(missing)})")
        peft.set_peft_model_state_dict(network, state)
    for module in network.modules() if merge else ():
        if isinstance(module, LoraLayer):
            module.merge()
    return config


def _pretrained(weights: CausalWeights) -> tuple[Any, Any]:
    """Tokenizer and network; a GGUF file is unpacked into the cache, since reading it is slow."""
    if weights.gguf is None:
        return _loaded(weights.source)
    unpacked = cache_folder() / "causal" / sha256_of(Path(weights.source, weights.gguf))[:16]
    if unpacked.is_dir():
        with contextlib.suppress(Exception):  # a damaged cache is replaced
            return _loaded(str(unpacked))
        shutil.rmtree(unpacked, ignore_errors=True)
    found = tokenizer, network = _loaded(weights.source, gguf_file=weights.gguf)
    network.hf_quantizer = None  # the weights are float32 now, and could not be saved with it
    vars(network.config).pop("quantization_config", None)
    # A cache that cannot be written costs time alone; another process may have been first.
    with contextlib.suppress(OSError):
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


@contextlib.contextmanager
def _loading(name: str) -> Iterator[None]:
    """Without the loaders' progress bars and remarks; a failure is one line."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # untyped
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    # The loaders raise classes of their own, some derived from Exception alone.
    except Exception as error:
        raise CorruptError(f"cannot load the causal model {name!r}: {one_line(error)}") from None
    finally:
        transformers_logging.set_verbosity(level)
