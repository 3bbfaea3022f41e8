"""Players of `text.py` that others wrote: SetFit, FastFit and semantic-router.

Each starts from the MiniLM weights that all have. What there is to choose of SetFit and FastFit is
chosen on validation messages of the first draw.
"""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from text_figures import Answers
from text_players import PENALTIES, Given, Trained, fit_logistic, judged, size_of, tempered

from logicdistill.students.weights import find_weights

FLAT = 0.003
"""What more steps have to gain there: a third of what chance alone moves."""
RATES, STEPS = (1e-4, 3e-4), (50, 100)
SETFIT = tuple(({"loss": "contrast", "rate": rate}, STEPS) for rate in RATES)
"""Supervised contrast in batches of 64 texts; ``cosine`` is SetFit's default, pairs in batches of
16."""
FASTFIT = tuple(({"labels": "manuals", "rate": rate}, STEPS) for rate in RATES)
"""The manuals as the labels' texts, which FastFit has a place for; ``names`` is its default."""


def chosen(
    given: Given,
    player: str,
    trials: Sequence[tuple[dict[str, Any], Sequence[int]]],
    train: Callable[..., Any],
    score: Callable[[Any], Iterable[dict[str, Any]]],
) -> dict[str, Any]:
    """The setting that is right most often on validation messages of the first draw.

    Of those within `FLAT` of it the one with the fewest steps. It is kept in a file with all that
    were tried and the processor seconds of trying.

    Args:
        given: what the player is given; the first draw's, where nothing is kept yet.
        player: names the file.
        trials: settings, each with the steps after which it is scored; the last one is the length
            of its schedule.
        train: trains with a setting and shows the model after each step.
        score: a model to its shares of right answers, with what else is chosen there.
    """
    file = given.folder.parent / f"{given.task}-{player}.json"
    if not file.is_file():
        started, found = time.process_time(), list[dict[str, Any]]()
        for setting, steps in trials:

            def seen(
                model: Any,
                step: int,
                setting: dict[str, Any] = setting,
                steps: Sequence[int] = steps,
            ) -> None:
                if step in steps:
                    at = setting | {"schedule": steps[-1], "steps": step}
                    found.extend(at | scored for scored in score(model))

            train(setting | {"schedule": steps[-1], "steps": steps[-1]}, seen)
        flat = max(one["right"] for one in found) - FLAT
        best = min(
            (one for one in found if one["right"] >= flat),
            key=lambda one: (one["steps"], -one["right"]),
        )
        spent = round(time.process_time() - started)
        file.write_text(json.dumps({"setting": best, "search_seconds": spent, "tried": found}))
    return dict(json.loads(file.read_text()))


def watching(steps: int, seen: Callable[[Any, int], None] | None) -> Any:
    """Shows the model after each step, and ends the training after so many."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        def on_step_end(self, _: Any, state: Any, control: Any, **known: Any) -> None:
            if seen is not None:
                seen(known["model"], state.global_step)
            control.should_training_stop = state.global_step >= steps

    return Watch()


def setfit(given: Given) -> Trained:
    """SetFit: its loss, the body's rate, the steps and the head's C chosen on validation."""
    import setfit
    import torch
    from datasets import Dataset
    from sentence_transformers.training_args import BatchSamplers
    from setfit.losses import SupConLoss

    torch.set_num_threads(given.threads)
    names = sorted({label for _, label in given.train})
    texts = [text for text, _ in given.train]
    labels = [names.index(label) for _, label in given.train]
    rows = Dataset.from_dict({"text": texts, "label": labels})

    def train(setting: dict[str, Any], seen: Callable[[Any, int], None] | None = None) -> Any:
        model = setfit.SetFitModel.from_pretrained(str(find_weights("minilm")))
        contrast = setting["loss"] == "contrast"
        arguments = setfit.TrainingArguments(
            output_dir=str(given.folder / "checkpoints"),
            **({"loss": SupConLoss} if contrast else {}),
            batch_size=64 if contrast else 16,
            max_steps=setting["schedule"],
            body_learning_rate=setting["rate"],
            seed=given.draw,
            save_strategy="no",
            report_to="none",
            show_progress_bar=False,
        )
        watch = watching(setting["steps"], seen)
        trainer = setfit.Trainer(model=model, args=arguments, train_dataset=rows, callbacks=[watch])
        if contrast:  # as SetFit means to, but it compares the loss with its class
            trainer.st_trainer.args.batch_sampler = BatchSamplers.GROUP_BY_LABEL
        trainer.train_embeddings(texts, labels)
        return model

    asked, right = judged(given)

    def score(model: Any) -> Iterator[dict[str, Any]]:
        rows, held = model.encode(texts), model.encode(asked)
        for penalty in (1.0, *PENALTIES):
            best = fit_logistic(rows, labels, penalty).predict(held)
            yield {
                "C": penalty,
                "right": statistics.mean(
                    names[index] == label for index, label in zip(best, right, strict=True)
                ),
            }

    choice = chosen(given, "setfit", SETFIT, train, score)
    started = time.process_time()
    train(choice["setting"]).save_pretrained(str(given.folder / "model"))
    model = setfit.SetFitModel.from_pretrained(str(given.folder / "model"))  # in whole precision
    model.model_head = fit_logistic(model.encode(texts), labels, choice["setting"]["C"])
    seconds = time.process_time() - started
    model.save_pretrained(str(given.folder / "model"))

    def predict(messages: Sequence[str]) -> Any:
        return np.asarray(model.predict_proba(list(messages)))

    size = size_of(given.folder / "model")
    answers = tempered(predict, names, given)
    return Trained(answers, lambda message: predict([message]), size, seconds, choice)


def fastfit(given: Given) -> Trained:
    """FastFit: rate, steps and label texts (names or manuals) chosen on validation.

    Its release of 2024 calls what datasets and transformers have renamed since. It embeds the label
    texts anew for each message; here they are embedded once.
    """
    import datasets
    import torch
    import transformers

    datasets.load_metric = lambda *_, **__: None  # imported, and asked for nothing here
    from fastfit import train as library

    torch.set_num_threads(given.threads)
    manual_of = {label: text for text, label in given.train[-len(given.base.functions) :]}
    names, tell = sorted(manual_of), given.folder / "manuals.json"
    given.folder.mkdir(parents=True, exist_ok=True)
    tell.write_text(json.dumps(manual_of))
    words = transformers.AutoTokenizer.from_pretrained(str(find_weights("minilm")))

    def train(setting: dict[str, Any], seen: Callable[[Any, int], None] | None = None) -> Any:
        watch = watching(setting["steps"], seen)
        library.Trainer = lambda tokenizer, **rest: transformers.Trainer(
            processing_class=tokenizer, callbacks=[watch], **rest
        )
        told = setting["labels"] == "manuals"
        known = given.train[: -len(names)] if told else given.train
        rows = datasets.Dataset.from_dict(
            {"text": [text for text, _ in known], "intent": [label for _, label in known]}
        )
        shutil.rmtree(given.folder / "unused", ignore_errors=True)
        made = library.FastFitTrainer(
            train_dataset=rows,
            test_dataset=rows,  # wanted, and not looked at
            **({"doc_mapper": str(tell)} if told else {}),
            model_name_or_path=str(find_weights("minilm")),
            text_column_name="text",
            label_column_name="intent",
            per_device_train_batch_size=32,
            learning_rate=setting["rate"],
            max_steps=setting["schedule"],
            seed=given.draw,
            output_dir=str(given.folder / "unused"),
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        return made.train()

    def scores(model: Any, messages: Sequence[str]) -> Any:
        model.eval()
        rows = list[Any]()
        for start in range(0, len(messages), 128):
            batch = list(messages[start : start + 128])
            read = words(batch, padding=True, truncation=True, return_tensors="pt")
            rows.append(model.inference_forward(read["input_ids"], read["attention_mask"]))
        return torch.cat(rows)

    asked, right = judged(given)

    def score(model: Any) -> Iterator[dict[str, Any]]:
        best = scores(model, asked).argmax(dim=1).tolist()
        yield {
            "right": statistics.mean(
                names[index] == label for index, label in zip(best, right, strict=True)
            )
        }

    choice = chosen(given, "fastfit", FASTFIT, train, score)
    started = time.process_time()
    model = train(choice["setting"])
    model.eval()
    encode, (labels, mask) = model.encode_one, model.all_docs
    with torch.no_grad():
        kept = encode(labels, mask)
    model.encode_one = lambda tokens, seen: kept if tokens is labels else encode(tokens, seen)
    seconds = time.process_time() - started
    file = given.folder / "model.pt"
    torch.save(model.state_dict(), file)

    def predict(messages: Sequence[str]) -> Any:
        return scores(model, messages).softmax(dim=1).numpy()

    size = file.stat().st_size
    answers = tempered(predict, names, given)
    return Trained(answers, lambda message: predict([message]), size, seconds, choice)


def semantic_router(given: Given) -> Trained:
    import torch
    from semantic_router import IndexedRouter, Route
    from semantic_router.encoders.local import LocalEncoder

    torch.set_num_threads(given.threads)
    by_intent: dict[str, list[str]] = {}
    for text, label in given.train:
        by_intent.setdefault(label, []).append(text)
    encoder = LocalEncoder(name=str(find_weights("minilm")))
    started = time.process_time()
    router = IndexedRouter(
        encoder=encoder,
        routes=[
            Route(name=intent, utterances=texts) for intent, texts in sorted(by_intent.items())
        ],
    )
    seconds = time.process_time() - started

    def answers(messages: Sequence[str]) -> Answers:
        choices = [router(message) for message in messages]
        return Answers(
            [choice.name or "" for choice in choices],
            [choice.confidence or 0.0 for choice in choices],
        )

    return Trained(
        answers, router, size_of(find_weights("minilm")) + 4 * 384 * len(given.train), seconds
    )
