"""One row per kind of task: how truth becomes numbers, and numbers become an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Never, cast

import numpy as np

from scanwright.base import Catalog, LabelError, RecipeError
from scanwright.image import (
    BoxesTarget,
    ClassTarget,
    Floats,
    GradeTarget,
    LabelsTarget,
    MaskTarget,
    NumberTarget,
    Target,
)
from scanwright.inference import Decision
from scanwright.metrics import (
    UndefinedMetric,
    bind_labels_log_loss,
    labels_auc,
    log_loss,
    macro_auc,
    r_squared,
)
from scanwright.nets import Answer
from scanwright.recipe.balance import (
    Truth,
    Weigh,
    balance_each,
    balance_nothing,
    balance_one,
)
from scanwright.recipe.decide import (
    DecisionChoice,
    decide_each,
    decide_grade,
    decide_nothing,
    decide_one,
)


@dataclass(frozen=True, slots=True)
class Task:
    """All that differs between kinds of task; code elsewhere asks the row.

    Parameters
    ----------
    kind
        Name of the row.
    target
        Class of target that cases must carry.
    encode
        (target, labels) → a number, or a row of K numbers.
    outputs
        (number of labels, whether they exclude each other) → number of network outputs.
    decode
        Network outputs (N, outputs) → scores (N, K): probabilities, or the number itself.
    decide
        (scores (N, K), thresholds (K,)) → boolean (N, K), or the number unchanged.
    losses
        Losses that fit, the default first.
    overlapping_losses
        The same for labels that overlap, where that makes a difference.
    fit_decision
        (outputs, truth, choice, decode) → temperature and thresholds.
    balance
        (truth, classes, weigh) → a weight per class, by how many cases it has.
    judge
        (truth, scores) → (loss, figure of merit); training keeps what has the highest merit.
    merit
        Name of the figure of merit.
    is_scored_by_class
        Whether a case has a probability of each label.
    answer
        What the network answers for: a case, each of its elements, or boxes in it. For the latter
        two, what this row says of scores of cases is refused.
    """

    kind: str
    target: type
    encode: Callable[[Target, Sequence[str]], Any]  # Any: a number or a list of numbers
    outputs: Callable[[int, bool], int]
    decode: Callable[[Floats], Floats]
    decide: Callable[[Floats, Floats], Floats]
    losses: tuple[str, ...]
    fit_decision: Callable[[Floats, Truth, DecisionChoice, Callable[[Floats], Floats]], Decision]
    balance: Callable[[Truth, int, Weigh], list[float]]
    judge: Callable[[Truth, Floats], tuple[float, float]]
    merit: str
    is_scored_by_class: bool = True
    answer: Answer = "case"
    overlapping_losses: tuple[str, ...] = ()

    def encode_all(self, targets: Sequence[object], labels: Sequence[str]) -> Truth:
        """Encode the truths of many cases.

        Raises
        ------
        LabelError
            A case has no truth, or one of another kind.
        """
        wrong = [target for target in targets if not isinstance(target, self.target)]
        if wrong:
            raise LabelError(
                "Cases have no label of the task's kind.",
                got=f"{len(wrong)} of {len(targets)}, for example {wrong[0]!r}",
                legal=self.target.__name__,
            )
        return np.array([self.encode(cast(Target, target), labels) for target in targets])


def softmax(logits: Floats) -> Floats:
    """Return probabilities (N, K) that sum to 1 from logits (N, K)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    weights = np.exp(shifted)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def sigmoid(logits: Floats) -> Floats:
    """Return independent probabilities from logits, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))


def ordinal(logits: Floats) -> Floats:
    """Return class probabilities (N, K) from the K - 1 logits of the continuation-ratio model.

    P(k) = Π_{j<k} σ(z_j) · (1 - σ(z_k)), as in `scanwright.losses.Ordinal`.
    """
    passing = sigmoid(logits)
    ones = np.ones((len(logits), 1))
    reached = np.concatenate([ones, np.cumprod(passing, axis=1)], axis=1)
    return np.asarray(reached * np.concatenate([1.0 - passing, ones], axis=1))


def _encode_class(target: Target, labels: Sequence[str]) -> int:
    assert isinstance(target, ClassTarget)
    if target.label not in labels:
        raise LabelError("A label is unknown.", got=target.label, legal=", ".join(labels))
    return list(labels).index(target.label)


def _encode_findings(target: Target, labels: Sequence[str]) -> list[float]:
    assert isinstance(target, LabelsTarget)
    unknown = target.labels - set(labels)
    if unknown:
        raise LabelError("A label is unknown.", got=sorted(unknown), legal=", ".join(labels))
    return [float(label in target.labels) for label in labels]


def _encode_grade(target: Target, labels: Sequence[str]) -> int:
    assert isinstance(target, GradeTarget)
    if target.grade >= len(labels):
        raise LabelError("A grade is unknown.", got=target.grade, legal=f"0 to {len(labels) - 1}")
    return target.grade


def _encode_number(target: Target, labels: Sequence[str]) -> list[float]:
    assert isinstance(target, NumberTarget)
    return [target.value]


def _decide_one(scores: Floats, thresholds: Floats) -> Floats:
    """Decide for one label: by the threshold of the last where K = 2, else by the highest score.

    Thresholds of more than two labels, where there are any above 0, divide their scores.
    """
    if scores.shape[1] == 2:
        chosen = (scores[:, 1] >= thresholds[-1]).astype(int)
    else:
        chosen = (scores / np.where(thresholds > 0, thresholds, 1.0)).argmax(axis=1)
    return np.asarray(np.eye(scores.shape[1])[chosen])


def _decide_each(scores: Floats, thresholds: Floats) -> Floats:
    return (scores >= thresholds).astype(np.float64)


def _keep(scores: Floats, thresholds: Floats) -> Floats:
    return scores


def _judge_one(truth: Truth, scores: Floats) -> tuple[float, float]:
    loss = log_loss(truth, scores)
    return loss, _or_loss(lambda: macro_auc(truth, scores), loss)


def _judge_each(truth: Truth, scores: Floats) -> tuple[float, float]:
    loss = bind_labels_log_loss(truth, scores).value()
    return loss, _or_loss(lambda: labels_auc(truth, scores), loss)


def _judge_number(truth: Truth, scores: Floats) -> tuple[float, float]:
    loss = float(np.mean((truth - scores) ** 2))
    return loss, _or_loss(lambda: r_squared(truth[:, 0], scores[:, 0]), loss)


def _or_loss(merit: Callable[[], float], loss: float) -> float:
    """Judge by the loss where validation is too small for the figure of merit to exist."""
    try:
        return merit()
    except UndefinedMetric:
        return -loss


def _same(count: int, is_exclusive: bool) -> int:
    return count


def _with_background(count: int, is_exclusive: bool) -> int:
    """Return a channel for each label, and one for background where labels compete."""
    return count + 1 if is_exclusive else count


def _refuse(*_: object) -> Never:
    """Refuse what is for scores of cases.

    Raises
    ------
    RecipeError
        Always.
    """
    raise RecipeError(
        "The task asks about parts of a case; its cases have no scores.",
        legal=", ".join(kind for kind, task in TASKS.items() if task.answer == "case"),
        where="task.kind",
    )


def _identity(values: Floats) -> Floats:
    return values


TASKS: Catalog[Task] = Catalog(
    "task",
    {
        "classes": Task(
            kind="classes",
            target=ClassTarget,
            encode=_encode_class,
            outputs=_same,
            decode=softmax,
            decide=_decide_one,
            losses=("cross_entropy", "focal", "ldam", "logit_adjusted"),
            fit_decision=decide_one,
            balance=balance_one,
            judge=_judge_one,
            merit="auc",
        ),
        "findings": Task(
            kind="findings",
            target=LabelsTarget,
            encode=_encode_findings,
            outputs=_same,
            decode=sigmoid,
            decide=_decide_each,
            losses=("binary_cross_entropy",),
            fit_decision=decide_each,
            balance=balance_each,
            judge=_judge_each,
            merit="auc",
        ),
        "grade": Task(
            kind="grade",
            target=GradeTarget,
            encode=_encode_grade,
            outputs=lambda count, _: count - 1,
            decode=ordinal,
            decide=_decide_one,
            losses=("ordinal",),
            fit_decision=decide_grade,
            balance=balance_one,
            judge=_judge_one,
            merit="auc",
        ),
        "number": Task(
            kind="number",
            target=NumberTarget,
            encode=_encode_number,
            outputs=lambda *_: 1,
            decode=_identity,
            decide=_keep,
            losses=("mean_squared_error", "huber", "mean_absolute_error"),
            fit_decision=decide_nothing,
            balance=balance_nothing,
            judge=_judge_number,
            merit="r2",
            is_scored_by_class=False,
        ),
        "segmentation": Task(
            kind="segmentation",
            target=MaskTarget,
            encode=_refuse,
            outputs=_with_background,
            decode=_refuse,
            decide=_refuse,
            losses=(
                "dice_cross_entropy",
                "dice_focal",
                "dice_boundary",
                "tversky_cross_entropy",
                "focal_tversky",
            ),
            overlapping_losses=(
                "dice_binary_cross_entropy",
                "dice_binary_focal",
                "dice_binary_boundary",
                "tversky_binary_cross_entropy",
                "binary_focal_tversky",
            ),
            fit_decision=_refuse,
            balance=balance_nothing,
            judge=_refuse,
            merit="dice",
            is_scored_by_class=False,
            answer="element",
        ),
        "detection": Task(
            kind="detection",
            target=BoxesTarget,
            encode=_refuse,
            outputs=_same,
            decode=sigmoid,
            decide=_refuse,
            losses=("task_aligned", "atss"),
            fit_decision=_refuse,
            balance=balance_nothing,
            judge=_refuse,
            merit="ap",
            is_scored_by_class=False,
            answer="box",
        ),
    },
)
