"""The model card: what the bundle is, for whom, how good, and what it must not be used for."""

from typing import Any

from scanwright.recipe import TASKS, Recipe

Facts = dict[str, Any]  # Any: what JSON holds

USE_LIMITS = (
    "For research. It is no medical device and has no regulatory clearance.",
    "Its figures hold for images like those it was tested on; other scanners, sites and patients "
    "need a test of their own.",
    "It answers one question; it does not see other findings.",
)

GIVES = {
    "case": "what it says of a case as a whole, with scores",
    "element": "an outline on the grid of the image",
    "box": "boxes in index units of the image, each with a calibrated score; those from the "
    "threshold of their label on are reported",
}
"""What a network gives, in words."""
OWN_LIMITS = {
    "box": (
        "A score is the chance that a box is a finding in images like those of validation; where "
        "findings are rarer it is too high.",
        "An image without a reported box may hold a finding: sensitivity is less than 1.",
    ),
}
"""Limits of use by what a network gives, besides those of all."""


def model_card(recipe: Recipe, scores: Facts, about: Facts) -> str:
    """Return the card as Markdown (after Mitchell et al. 2019, Model Cards)."""
    task = TASKS[recipe.task.kind]
    lines = [
        "# Model card",
        "",
        f"Made with scanwright {about.get('scanwright', '')}.",
        "",
        "## What it does",
        "",
        f"- Task: {task.kind}: {', '.join(recipe.task.labels)}",
        f"- Gives: {GIVES[task.answer]}",
        f"- Network: {recipe.training.members} × {recipe.network.name}, "
        f"input {' × '.join(str(edge) for edge in recipe.network.size)}",
        f"- Modality: {about.get('modality', 'not stated')}",
        "",
        "## Data",
        "",
        *[f"- {name}: {value}" for name, value in about.get("data", {}).items()],
        "",
        "## Scores",
        "",
        *_score_table(scores),
        "",
        "## Limits of use",
        "",
        *[f"- {limit}" for limit in (*USE_LIMITS, *OWN_LIMITS.get(task.answer, ()))],
        "",
    ]
    return "\n".join(lines)


def _score_table(scores: Facts) -> list[str]:
    lines = ["| split | metric | value | 95 % interval |", "|---|---|---|---|"]
    for split, metrics in sorted(scores.items()):
        for name, score in sorted(metrics.items()):
            low, high = score.get("low"), score.get("high")
            interval = "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
            value = score.get("value")
            shown = "not defined" if value is None else f"{value:.3f}"
            lines.append(f"| {split} | {name} | {shown} | {interval} |")
    return lines
