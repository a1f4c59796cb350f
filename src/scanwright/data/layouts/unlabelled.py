"""Images as they lie, without labels: what prediction takes, and what a first look shows."""

from dataclasses import replace
from pathlib import Path

from scanwright.base import FileError, Progress
from scanwright.data.entry import Entry
from scanwright.data.index import PLACED, Index, IndexOptions, TaskHint, Verdict, account_for
from scanwright.data.probing import entry_from, group_cases, probe_files, unique_names
from scanwright.data.walk import Tree, list_files, relative_name

FORCED = 9
"""Stronger than all other verdicts: it was asked for."""


class Unlabelled:
    """Every image is a case about which nothing is known."""

    accepts = "a folder of images without labels (to look at, or to predict)"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise anything when asked to, else a folder with files when nothing else does."""
        if options.unlabelled:
            return Verdict(FORCED, "as asked")
        if options.labels is not None or not path.is_dir() or options.task in PLACED:
            return None
        return Verdict(0, "a folder") if any(path.iterdir()) else None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index all images below a folder, or one file.

        Raises
        ------
        FileError
            There is no image.
        """
        tree = list_files(path) if path.is_dir() else Tree(path.parent, (path,), {}, {})
        probed = probe_files(tree.files, progress)
        cases, unstackable = group_cases(probed.headers)
        names = unique_names(relative_name(case.first_file, tree.root) for case in cases)
        entries: list[Entry] = [
            replace(entry_from(case, name, options), target=None)
            for case, name in zip(cases, names, strict=True)
        ]
        skipped = {**tree.unreadable, **probed.unreadable, **unstackable}
        if not entries:
            reasons = "; ".join(f"{file.name}: {why}" for file, why in list(skipped.items())[:3])
            raise FileError(
                "There is no image that can be read.",
                got=reasons or f"{len(tree.files)} files, none of them an image",
                where=path,
            )
        return Index(
            root=path,
            layout="unlabelled",
            described=f"{len(entries)} images without labels",
            entries=tuple(entries),
            task=TaskHint("classes", (), "nothing says what the labels are"),
            files=account_for(
                entries,
                tree.files,
                skipped=skipped,
                missing={},
                other={**tree.hidden, **probed.other},
                otherwise="not an image",
            ),
            notes=(
                "to learn from them, put the images of each class into a folder, or give a table "
                "with --labels",
            ),
        )
