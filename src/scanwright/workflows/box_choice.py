"""How proposals become findings: views, fusion, chances and thresholds, chosen on validation."""

from collections.abc import Sequence
from dataclasses import replace

from scanwright.data import Entry
from scanwright.inference import (
    Decision,
    Fused,
    FusionOptions,
    calibrated,
    candidate_fusions,
    choose_fusion,
    choose_threshold,
    chosen_fusion,
    fit_calibrations,
)
from scanwright.metrics import (
    COCO_OVERLAPS,
    BoxMatches,
    BoxMatchOptions,
    UndefinedMetric,
    bind_box_average_precision,
    match_boxes,
)
from scanwright.report import LEAST_OVERLAP
from scanwright.training import Fit, Trained
from scanwright.workflows.box_answers import BoxAnswers, Proposed, with_flips

LEAST_GAIN = 0.002
"""Average precision that mirroring must add: it makes an answer slower."""

NOTHING_FOUND = (
    "the networks propose no box in any validation case: they have learnt too little to find "
    "anything, and more time may help (--budget)"
)
"""A note for runs whose scores are all 0."""

Chosen = tuple[BoxAnswers, list[Proposed], Decision]


def choose_boxes(
    answers: BoxAnswers, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
) -> Chosen:
    """Choose all that validation decides.

    Returns
    -------
    What answers with all of it, the validation cases as it sees them, and how scores become a
    report.
    """
    answers, validated = _choose_views(answers, fit, members, entries)
    answers = _choose_fusion(answers, validated)
    decision = _decide(answers, validated)
    if validated and not any(one.proposals for one in validated):
        answers = replace(answers, notes=(*answers.notes, NOTHING_FOUND))
    calibrate = answers.recipe.decision.calibrate
    recipe = answers.recipe.changed(
        {"decision.calibrate": calibrate}, f"a box is reported from: {decision.rule}"
    )
    return replace(answers, recipe=recipe), validated, decision


def precision_of(
    proposed: Sequence[Proposed], fused: Sequence[Fused], labels: int, rank: int
) -> float:
    """Return the average precision; 0 where there is nothing to find."""
    cases = [one.beside(found) for one, found in zip(proposed, fused, strict=True)]
    overlaps = COCO_OVERLAPS if rank < 3 else (0.1, 0.3, 0.5)
    matches = match_boxes(cases, labels, BoxMatchOptions(overlaps=overlaps))
    try:
        return bind_box_average_precision(matches, overlaps).value()
    except UndefinedMetric:
        return 0.0


def _choose_views(
    answers: BoxAnswers, fit: Fit, members: Sequence[Trained], entries: Sequence[Entry]
) -> tuple[BoxAnswers, list[Proposed]]:
    """Look at mirrored windows too where that pays."""
    recipe = answers.recipe
    plain = answers.held_out(fit, members, entries)
    axes = recipe.augmentation.flips
    if recipe.inference.tried == "none" or recipe.inference.flips or not axes or not plain:
        return answers, plain
    other = with_flips(answers, axes)
    mirrored = other.held_out(fit, members, entries)
    before, after = (_precision(answers, seen, recipe.fusion) for seen in (plain, mirrored))
    says = f"mirrored windows bring the average precision from {before:.4f} to {after:.4f}"
    if after - before >= LEAST_GAIN:
        kept = other.recipe.changed({"inference.flips": axes}, says)
        return replace(other, recipe=kept, notes=answers.notes), mirrored
    kept = recipe.changed({"inference.flips": ()}, f"{says}: not kept")
    return replace(answers, recipe=kept), plain


def _choose_fusion(answers: BoxAnswers, validated: Sequence[Proposed]) -> BoxAnswers:
    """Choose on validation from which overlap boxes are one finding, and what becomes of them."""
    recipe = answers.recipe
    default = recipe.fusion
    candidates = candidate_fusions(default)
    trials = choose_fusion(
        [one.proposals for one in validated],
        default,
        candidates,
        lambda fused: precision_of(validated, fused, len(recipe.task.labels), recipe.network.rank),
    )
    before = trials[0].before
    kept = [trial for trial in trials if trial.is_kept]
    reason = f"none of {len(trials)} other ways raises the average precision of {before:.4f} enough"
    if kept:
        reason = f"brings the average precision from {before:.4f} to {kept[0].after:.4f}"
    chosen = chosen_fusion(default, trials)
    changes = {"fusion.method": chosen.method, "fusion.overlap": chosen.overlap}
    return replace(answers, recipe=recipe.changed(changes, reason))


def _decide(answers: BoxAnswers, validated: Sequence[Proposed]) -> Decision:
    """Fit chances to scores, and choose a threshold for each label."""
    recipe = answers.recipe
    labels = len(recipe.task.labels)
    overlap = LEAST_OVERLAP[recipe.network.rank]
    matches = _matched(answers, validated, recipe.fusion, overlap)
    if matches is None:
        return Decision(thresholds=(0.5,) * labels, rule="one half: validation found no box")
    is_true = matches.state[:, 0] == 1
    temperature, shifts = 1.0, (0.0,) * labels
    if recipe.decision.calibrate:
        temperature, shifts = fit_calibrations(matches.scores, is_true, matches.label, labels)
    decision = Decision(temperature=temperature, shift=shifts)
    chances = calibrated(matches.scores, matches.label, decision)
    thresholds = []
    for label in range(labels):
        own = matches.label == label
        truths = int(matches.true_counts(label).sum())
        thresholds.append(choose_threshold(chances[own], is_true[own], truths))
    rule = (
        "highest F1 of each label in validation, where a box is true from an overlap of "
        f"{overlap:g}"
    )
    return decision.model_copy(update={"thresholds": tuple(thresholds), "rule": rule})


def _matched(
    answers: BoxAnswers, validated: Sequence[Proposed], fusion: FusionOptions, overlap: float
) -> BoxMatches | None:
    if not validated:
        return None
    cases = [one.beside(one.proposals.fused(fusion)) for one in validated]
    options = BoxMatchOptions(overlaps=(overlap,))
    found = match_boxes(cases, len(answers.recipe.task.labels), options)
    return found if len(found.scores) else None


def _precision(answers: BoxAnswers, seen: Sequence[Proposed], fusion: FusionOptions) -> float:
    recipe = answers.recipe
    fused = [one.proposals.fused(fusion) for one in seen]
    return precision_of(seen, fused, len(recipe.task.labels), recipe.network.rank)
