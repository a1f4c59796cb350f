"""Train, validation and test: by patient, stratified, reproducible; official parts honoured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scanwright.base import SILENT, Options, Plain, Progress, SplitError, option
from scanwright.data.entry import Entry
from scanwright.data.grouping import as_group, tag_weights, tagger_for, together
from scanwright.data.index import Index, Skipped, TaskHint
from scanwright.data.quality import (
    PRIORITY,
    contradictions,
    copies_to_drop,
    digest_pixels,
    find_shared,
    refuse_shared,
)
from scanwright.data.split_checks import (
    check_boxes_to_learn,
    check_enough,
    check_labels,
    check_parts,
)
from scanwright.data.stratify import Wanted, deal

Parts = dict[str, list[Entry]]
"""Part → its cases."""


class SplitOptions(Options):
    """How cases are divided."""

    seed: int = option(0, low=0, help="Seed of the split.")
    folds: int = option(
        0, low=0, high=20, help="Folds of cross-validation; 0 keeps one validation set."
    )
    validation: float = option(
        0.15, low=0.02, high=0.5, help="Share held out for validation where none is given."
    )
    test: float = option(
        0.2, low=0.0, high=0.5, help="Share held out for test where none is given."
    )
    fold: int = option(
        0, low=0, help="Which fold validates where a file gives the folds and --folds is 0."
    )
    pool: bool = option(
        False, help="Cross-validate over train and validation together; test stays untouched."
    )
    by_patient: bool = option(True, help="Keep the cases of a patient together.")
    shared: Literal["default", "error", "drop"] = option(
        "default",
        help="What to do with an image or patient on two sides: stop, or drop training copies.",
    )


@dataclass(frozen=True, slots=True)
class Fold:
    """One division of the cases; each part sorted by name."""

    train: tuple[Entry, ...]
    validation: tuple[Entry, ...]
    test: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Which case serves for what.

    Parameters
    ----------
    folds
        One for a hold-out, k for cross-validation; all have the same test part.
    how
        How it was made, in one sentence.
    dropped
        Names of cases left out because a copy, or their patient, is on the other side.
    skipped
        Names of cases whose pixels cannot be read.
    notes
        Warnings to show.
    """

    folds: tuple[Fold, ...]
    how: str
    dropped: tuple[Skipped, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def test(self) -> tuple[Entry, ...]:
        """The test part; empty when there is none."""
        return self.folds[0].test

    def to_plain(self) -> dict[str, Plain]:
        """Return the names of the cases of each part, for JSON."""
        return {
            "how": self.how,
            "folds": [
                {part: [entry.name for entry in getattr(fold, part)] for part in PRIORITY}
                for fold in self.folds
            ],
            "dropped": [{"case": one.source, "reason": one.reason} for one in self.dropped],
            "skipped": [{"case": one.source, "reason": one.reason} for one in self.skipped],
            "notes": list(self.notes),
        }


def split_index(
    index: Index,
    options: SplitOptions | None = None,
    progress: Progress = SILENT,
    *,
    alike: Sequence[tuple[str, ...]] = (),
) -> SplitPlan:
    """Divide the cases of an index.

    Parts that the data set defines are kept; those it lacks are drawn from its training cases
    (and from cases in no part). Cases of one patient, and identical images, stay together.

    Parameters
    ----------
    alike
        Names of cases that nearly show the same image: whatever is drawn keeps them together.

    Raises
    ------
    LabelError
        There are no labels, or all are the same.
    SplitError
        A class has too few patients for the parts, or an image or patient lies in two of the data
        set's own parts.
    """
    options = options or SplitOptions()
    entries = [
        entry
        for entry in index.entries
        if entry.target is not None
        and (entry.fold or entry.split == "test" or not index.follows_folds)
    ]
    check_labels(entries, index)
    digests = digest_pixels(entries, progress)
    readable = [entry for entry in entries if entry.name in digests.of]
    check_labels(readable, index)
    parts, notes = _official(readable, options)
    does_drop = (index.shared if options.shared == "default" else options.shared) == "drop"
    dropped = _settle_shared(parts, digests.of, options, does_drop=does_drop)
    for part, cases in parts.items():
        parts[part] = [entry for entry in cases if entry.name not in dropped]
    draw = _Draw(index.task, digests.of, options, alike)
    if index.follows_folds:
        test = parts["test"]
        folds, how = _followed(parts["train"], draw, options)
    else:
        test = parts.get("test") or draw.test_from(parts)
        folds, how = _folds(parts, draw, options)
    made = tuple(
        Fold(_sorted(train), _sorted(validation), _sorted(test)) for train, validation in folds
    )
    for fold in made:
        parts_made = {"train": fold.train, "validation": fold.validation}
        check_parts(parts_made | ({"test": fold.test} if test else {}), index.task)
    notes += check_boxes_to_learn([fold.train for fold in made], index.task)
    return SplitPlan(
        made,
        how=f"{_test_words(readable, test)}; {how}",
        dropped=tuple(Skipped(name, why) for name, why in dropped.items()),
        skipped=digests.unreadable,
        notes=(*notes, *_notes(readable, digests.of, dropped, len(digests.unreadable))),
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws parts from a pool of cases."""

    task: TaskHint
    digests: Mapping[str, str]
    options: SplitOptions
    alike: Sequence[tuple[str, ...]] = ()

    def together(self, pool: Sequence[Entry]) -> list[list[Entry]]:
        """Put the cases of a pool that may not be parted into groups."""
        by_patient = self.options.by_patient
        return together(pool, self.digests, by_patient=by_patient, alike=self.alike)

    def test_from(self, parts: Parts) -> list[Entry]:
        """Take the test part out of the training cases."""
        share = self.options.test
        if share == 0:
            return []
        # Validation, or the folds, are still to come out of the first part.
        waiting = self.options.folds - 1 if self.options.folds else int(not parts["validation"])
        rest, test = self.divide(parts["train"], (1 - share, share), step=0, waiting=waiting)
        parts["train"] = rest
        return test

    def divide(
        self, pool: Sequence[Entry], shares: tuple[float, ...], *, step: int, waiting: int = 0
    ) -> list[list[Entry]]:
        """Divide a pool by shares; `waiting` more parts will be taken from the first."""
        label_tags = tagger_for(self.task, pool)
        whole = self.together(pool)
        groups = [as_group(group, label_tags) for group in whole]
        required = _required(self.task)
        check_enough(
            whole, label_tags, self.task, len(shares) + waiting, has_folds=bool(self.options.folds)
        )
        rng = np.random.default_rng([self.options.seed, step])
        least = (1 + waiting,) + (1,) * (len(shares) - 1)
        wanted = Wanted(shares, required, tag_weights(groups), least)
        places = deal(groups, wanted, rng)
        return [
            [
                entry
                for group, at in zip(whole, places, strict=True)
                if at == part
                for entry in group
            ]
            for part in range(len(shares))
        ]


def _required(task: TaskHint) -> frozenset[str]:
    return frozenset(f"label {label}" for label in task.labels)


def _official(entries: Sequence[Entry], options: SplitOptions) -> tuple[Parts, list[str]]:
    """Return the data set's own parts; cases in none of them join the training cases."""
    parts: Parts = {part: [] for part in PRIORITY}
    loose = 0
    for entry in entries:
        loose += not entry.split
        parts[entry.split or "train"].append(entry)
    notes = []
    if 0 < loose < len(entries):
        notes.append(f"{loose} cases are in no part of the data set's split; they may train")
    if options.folds and parts["validation"]:
        if not options.pool:
            raise SplitError(
                "The data set has its own validation part, which folds would replace.",
                got=f"{len(parts['validation'])} validation cases, {options.folds} folds",
                next="pass --set split.pool=true to cross-validate over both parts together",
            )
        parts["train"] += parts["validation"]
        parts["validation"] = []
    if not parts["train"]:
        raise SplitError(
            "No case is left for training.",
            got=", ".join(f"{len(cases)} {part}" for part, cases in parts.items()),
            next="correct the split column, or name another with --column split=NAME",
        )
    return parts, notes


def _settle_shared(
    parts: Parts, digests: Mapping[str, str], options: SplitOptions, *, does_drop: bool
) -> dict[str, str]:
    """Return cases to leave out, name → reason, or refuse what lies on two sides."""
    shared = find_shared(parts, digests, by_patient=options.by_patient)
    if not does_drop:
        refuse_shared(shared)
    return copies_to_drop(shared)


def _folds(
    parts: Parts, draw: _Draw, options: SplitOptions
) -> tuple[list[tuple[list[Entry], list[Entry]]], str]:
    """Return (train, validation) of each fold, and how they came about."""
    pool = parts["train"]
    if not options.folds:
        if parts["validation"]:
            return [(pool, parts["validation"])], "validation as given by the data set"
        train, validation = draw.divide(pool, (1 - options.validation, options.validation), step=1)
        share = f"{options.validation:.0%} of the rest"
        return [(train, validation)], f"validation {share}, {_drawn_words(options)}"
    named = _named_folds(pool, draw, options)
    if named is not None:
        blocks, how = named, "folds as given by the data set"
    else:
        equal = (1 / options.folds,) * options.folds
        blocks = draw.divide(pool, equal, step=1)
        how = f"{options.folds} folds, {_drawn_words(options)}"
    names = [{entry.name for entry in block} for block in blocks]
    return [
        ([entry for entry in pool if entry.name not in held], block)
        for held, block in zip(names, blocks, strict=True)
    ], how


def _followed(
    pool: Sequence[Entry], draw: _Draw, options: SplitOptions
) -> tuple[list[tuple[list[Entry], list[Entry]]], str]:
    """Return (train, validation) of the folds that a file gives, or of one of them."""
    count = len({entry.fold for entry in pool})
    if options.folds not in (0, count) or options.fold >= count:
        raise SplitError(
            "The file gives another number of folds.",
            got=f"--folds {options.folds}, split.fold {options.fold}",
            legal=f"--folds {count} for all, or --folds 0 and one of 0 to {count - 1}",
        )
    blocks = _named_folds(pool, draw, options.model_copy(update={"folds": count}))
    assert blocks is not None, "every case has a fold"
    chosen = range(count) if options.folds else [options.fold]
    how = f"{count} folds as given" if options.folds else f"fold {options.fold} of {count} as given"
    return [
        (
            [entry for place, block in enumerate(blocks) if place != held for entry in block],
            blocks[held],
        )
        for held in chosen
    ], how


def _named_folds(
    pool: Sequence[Entry], draw: _Draw, options: SplitOptions
) -> list[list[Entry]] | None:
    """Return the data set's own folds if they are as many as asked for and keep groups whole."""
    names = sorted({entry.fold for entry in pool}, key=lambda name: (len(name), name))
    if len(names) != options.folds or "" in names:
        return None
    for group in together(pool, draw.digests, by_patient=options.by_patient):
        if len({entry.fold for entry in group}) > 1:
            raise SplitError(
                "The data set's folds part a patient or identical images.",
                got=", ".join(f"fold {one.fold}: {one.name}" for one in group[:5]),
                next="correct the fold column, or ask for another number of --folds to draw them",
            )
    return [[entry for entry in pool if entry.fold == name] for name in names]


def _notes(
    entries: Sequence[Entry], digests: Mapping[str, str], dropped: Mapping[str, str], lost: int
) -> list[str]:
    notes = []
    if lost:
        many = (
            "1 case cannot be read and is" if lost == 1 else f"{lost} cases cannot be read and are"
        )
        notes.append(f"{many} left out")
    if dropped:
        notes.append(
            f"WARNING: {len(dropped)} training or validation cases are left out because the same "
            "image or patient is on the other side of the data set's split"
        )
    opposed = contradictions(entries, digests)
    if opposed:
        pair = " and ".join(one.name for one in opposed[0][:2])
        has = "image has an identical copy" if len(opposed) == 1 else "images have identical copies"
        notes.append(f"WARNING: {len(opposed)} {has} with another label, for example {pair}")
    return notes


def _test_words(entries: Sequence[Entry], test: Sequence[Entry]) -> str:
    if not test:
        return "no test part"
    if any(entry.split == "test" for entry in entries):
        return "test as given by the data set"
    return f"test drawn ({len(test)} of {len(entries)} cases)"


def _drawn_words(options: SplitOptions) -> str:
    grouped = "grouped by patient and " if options.by_patient else ""
    return f"{grouped}stratified by label and site, seed {options.seed}"


def _sorted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.name))
