"""What boxes mean in practice: how many findings, at the price of how many false marks."""

from scanwright import metrics
from scanwright.report.box_results import BoxResults
from scanwright.report.report import SplitReport
from scanwright.report.wording import count_of, percent, range_of

OTHER_RATE = 1.0
"""False boxes per image at which the sensitivity is told besides that at the thresholds."""


def box_sentences(split: SplitReport) -> list[str]:
    """Say what is found at what price, what another price would buy, and what is never marked."""
    boxes = split.outcomes.boxes
    if boxes is None:
        return []
    return [*_at_thresholds(split, boxes), *_at_another_rate(boxes), *_of_clean_cases(split, boxes)]


def _at_thresholds(split: SplitReport, boxes: BoxResults) -> list[str]:
    scores = split.scores.scores
    share, rate, right = (scores[name] for name in ("sensitivity", "false_per_image", "precision"))
    if share.value is None or rate.value is None:
        return []
    what = f"“{split.outcomes.labels[0]}”" if len(split.outcomes.labels) == 1 else "findings"
    extent = "area" if boxes.rank == 2 else "volume"
    found = (
        f"Of {what} it finds {percent(share.value)}{range_of(share)} at {rate.value:.2g} false "
        f"marks per image; a mark counts where at least {100 * boxes.least_overlap:.0f} % of the "
        f"{extent} that it and the finding take up together is in both."
    )
    if right.value is None:
        return [found]
    return [found, f"Of its marks {percent(right.value)} are true{range_of(right)}."]


def _at_another_rate(boxes: BoxResults) -> list[str]:
    try:
        share = metrics.bind_froc(boxes.matches, [OTHER_RATE]).value()
    except metrics.UndefinedMetric:
        return []
    return [
        f"At one false mark per image it would find {percent(share)}, where a mark counts from a "
        "tenth in common."
    ]


def _of_clean_cases(split: SplitReport, boxes: BoxResults) -> list[str]:
    """Say how many cases without a finding carry no mark, and in how many others any is found."""
    true, found, false = boxes.counts
    clean, ill = true == 0, true > 0
    parts = []
    if clean.any():
        unmarked = int((clean & (false == 0)).sum())
        parts.append(
            f"{unmarked} of {count_of(int(clean.sum()), 'images')} without a finding carry no mark"
        )
    if ill.any():
        marked = int((ill & (found > 0)).sum())
        images = count_of(int(ill.sum()), "images")
        parts.append(f"in {marked} of {images} with findings at least one is found")
    if not parts:
        return []
    sentence = "; ".join(parts)
    return [f"{sentence[0].upper()}{sentence[1:]}."]
