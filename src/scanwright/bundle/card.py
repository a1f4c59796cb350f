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
        *[f"- {limit}" for limit in USE_LIMITS],
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
