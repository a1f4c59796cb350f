"""Why an image is worth a label, in words."""

from collections.abc import Sequence

from scanwright.selection.choose import Choice
from scanwright.selection.pool import Pool


def reason_of(
    choice: Choice, pool: Pool, labels: Sequence[str], *, strategy: str, twin: str = ""
) -> str:
    """Say why an image was chosen.

    Parameters
    ----------
    labels
        Name of each of the K scores.
    strategy
        By which it was chosen.
    twin
        Name of the image that it nearly shows.
    """
    parts = []
    if strategy == "random":
        parts.append("drawn by lot")
    if choice.is_copy:
        parts.append(f"nearly the same as {twin or 'an image above'}, so last in the list")
    parts += _doubt(choice, pool, labels)
    if choice.is_disputed:
        parts.append("the networks disagree")
    if choice.is_unlike:
        parts.append("unlike the labelled images")
    if choice.distance is None:
        parts.append("a typical image to begin with")
    if choice.turn > 1:
        parts.append(f"image {choice.turn} of its patient in this list")
    return "; ".join(parts) or "the best of those left"


def _doubt(choice: Choice, pool: Pool, labels: Sequence[str]) -> list[str]:
    said = pool.scores[:, choice.place].mean(axis=0)
    if pool.kind == "number":
        if choice.doubt is None:
            return []
        spread = float(pool.scores[:, choice.place].std(axis=0)[0])
        return [f"the networks say {said[0]:.4g} ± {spread:.2g}"]
    if pool.kind == "independent":
        nearest = int(abs(said - 0.5).argmin())
        words = f"{labels[nearest]} {said[nearest]:.0%}"
    else:
        first, *rest = sorted(range(len(labels)), key=lambda one: (-said[one], one))[:2]
        words = ", ".join(f"{labels[one]} {said[one]:.0%}" for one in (first, *rest))
    return [f"unsure: {words}"] if choice.is_unsure else [f"the network says {words}"]
