"""What few comparisons change: ``compare --set KEY=VALUE``."""

from __future__ import annotations

from dataclasses import field

from pydantic.dataclasses import dataclass

from logicdistill.pipeline.settings import NO_OTHERS, Count, Natural, TeacherSettings, Whole


@dataclass(frozen=True, slots=True, config=NO_OTHERS)
class CompareSettings:
    """How a comparison trains and plays.

    Attributes:
        train_episodes: training episodes of LD; imitators get three times as many. 0 takes the
            task's own number.
        encoder: name, path or hub name of the sentence encoder of LD and of kd-encoder.
        fine_tune: train LD's encoder itself; by default a head is fitted on it as it is.
        train_steps: most steps of LD's fine-tuning; None takes the recipe's.
        train_examples: examples that each other player is shown in training, repeats counted; None
            takes 20,000 for kd-encoder, 500 for others.
        causal: the causal players' model: smollm2, a folder, or a Hugging Face name.
        jobs: processes that train and play; -1 takes one a core.
        dask: address of a Dask scheduler, such as tcp://host:8786, whose workers play.
        teacher: limits of a live teacher.
    """

    train_episodes: Natural = 0
    encoder: str = "minilm"
    fine_tune: bool = False
    train_steps: Natural | None = None
    train_examples: Count | None = None
    causal: str = "smollm2"
    jobs: Whole = -1
    dask: str | None = None
    teacher: TeacherSettings = field(default_factory=TeacherSettings)
