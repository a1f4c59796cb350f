"""What must hold before and after cases are divided: labels, patients enough, no empty part."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scanwright.base import LabelError, SplitError
from scanwright.data.entry import Entry
from scanwright.data.grouping import Tagger, tagger_for
from scanwright.data.index import Index, TaskHint
from scanwright.image import BoxesTarget


def check_labels(entries: Sequence[Entry], index: Index) -> None:
    """Refuse a data set without labels, or with one and the same; masks may all be alike."""
    if not entries:
        raise LabelError(
            "No case has a label.",
            next="put the images of each class into a folder, or masks or boxes beside the images, "
            "or give a table with --labels",
            where=index.root,
        )
    if index.task.kind == "detection":
        _check_boxes(entries, index)
        return
    kinds = {str(entry.target) for entry in entries}
    if len(kinds) == 1 and index.task.kind != "segmentation":
        raise LabelError(
            "All cases have the same label.",
            got=f"{len(entries)} cases of {', '.join(index.task.labels)}",
            legal="at least two different labels",
            next="add cases of another class, or name another column with --label-column",
            where=index.root,
        )


def _check_boxes(entries: Sequence[Entry], index: Index) -> None:
    known = [entry.target for entry in entries if isinstance(entry.target, BoxesTarget)]
    if len(known) == len(entries) and not any(target.boxes for target in known):
        raise LabelError(
            "No image has a box.",
            got=f"{len(entries)} images without a finding",
            legal="at least one image with a box",
            next="check that the boxes belong to these images, and what their numbers mean",
            where=index.root,
        )


def check_enough(
    groups: Sequence[Sequence[Entry]],
    label_tags: Tagger,
    task: TaskHint,
    parts: int,
    *,
    has_folds: bool,
) -> None:
    """Refuse a class with fewer patients than parts."""
    if task.kind in ("findings", "number", "segmentation", "detection"):
        if len(groups) < parts:
            fewer = "ask for fewer --folds (0 for none)" if has_folds else "hold out less"
            raise SplitError(
                "There are too few patients to split.",
                got=f"{len(groups)} that can be told apart",
                legal=f"at least {parts}",
                next=f"collect more, or {fewer}",
            )
        return
    bearing: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for group in groups:
        tags = [label for one in group for label in label_tags(one)]
        cases.update(tags)
        bearing.update(set(tags))
    for label in task.labels:
        if bearing[label] < parts:
            fewer = "ask for fewer --folds" if has_folds else "pass --set split.test=0"
            raise SplitError(
                f'Class "{label}" has too few patients to be in every part.',
                got=f"{bearing[label]} that can be told apart ({cases[label]} cases)",
                legal=f"at least {parts}",
                next=f"collect more, merge the class with another, or {fewer}",
            )


def check_parts(parts: Mapping[str, Sequence[Entry]], task: TaskHint) -> None:
    """Refuse parts of which one is empty, or lacks a class to learn from.

    Parameters
    ----------
    parts
        Part → its cases; the training part is called "train".
    """
    for part, cases in parts.items():
        if not cases:
            raise SplitError(
                f"No case is left for the {part} part.", next="collect more, or hold out less"
            )
    if task.kind not in ("classes", "grade"):
        return
    label_tags = tagger_for(task, parts["train"])
    present = {label for entry in parts["train"] for label in label_tags(entry)}
    missing = [label for label in task.labels if label not in present]
    if missing:
        raise SplitError(
            "A class has no training case.",
            got=", ".join(f'"{label}"' for label in missing),
            next="add cases, or leave the class out of --order",
        )


def check_boxes_to_learn(trains: Sequence[Sequence[Entry]], task: TaskHint) -> list[str]:
    """Refuse training parts without any box, and note labels of which none has one.

    Parameters
    ----------
    trains
        The training part of each fold.

    Raises
    ------
    SplitError
        There is nothing to learn from: all boxes are in other parts.
    """
    targets = [entry.target for cases in trains for entry in cases]
    known = [target for target in targets if isinstance(target, BoxesTarget)]
    if task.kind != "detection" or len(known) < len(targets):
        return []  # masks, whose pieces become boxes, are read later
    present = {box.label for target in known for box in target.boxes}
    if not present:
        raise SplitError(
            "No image to learn from has a box.",
            got=f"{sum(map(len, trains))} training images without a finding",
            legal="at least one with a box",
            next="move images with boxes to the training part",
        )
    missing = [label for label in task.labels if label not in present]
    if not missing:
        return []
    names = ", ".join(f'"{label}"' for label in missing)
    return [f"WARNING: no box to learn from is of {names}: it will never be found"]
