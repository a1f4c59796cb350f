"""A bundle and some files in, predictions out; every input is answered, refused or skipped."""

import csv
import io as text
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanwright.base import SILENT, InputError, Plain, Progress, ScanwrightError
from scanwright.bundle import (
    Bundle,
    bundle_digest,
    read_bundle,
    read_golden,
    run_golden_test,
)
from scanwright.image import Case, Prediction
from scanwright.inference import Predictor, choose_compute
from scanwright.io import read, read_series, recognise, scan_series

VOLUME = 3
"""Rank of the images that a DICOM series makes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An input without an answer, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a bundle says of some inputs.

    Parameters
    ----------
    labels
        What each score is for.
    answers
        In the order of the inputs.
    refused
        Images that the bundle does not fit, and files that cannot be read.
    skipped
        Files that are no images.
    bundle
        Hash of the bundle; empty for a zip.
    """

    labels: tuple[str, ...]
    answers: tuple[Prediction, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()
    bundle: str = ""

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "bundle": self.bundle,
            "labels": list(self.labels),
            "predictions": [_plain(answer) for answer in self.answers],
            "refused": [{"source": r.source, "reason": r.reason} for r in self.refused],
            "skipped": [{"source": s.source, "reason": s.reason} for s in self.skipped],
        }

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.to_plain(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return one row per input: answered first, then refused."""
        stream = text.StringIO()
        table = csv.writer(stream, lineterminator="\n")
        scores = [f"score {label}" for label in self.labels]
        spreads = [f"spread {label}" for label in self.labels]
        table.writerow(["case", "decision", *scores, *spreads, "warnings", "refused"])
        for answer in self.answers:
            row = [f"{value:.6g}" for value in (*answer.scores, *answer.spread)]
            warnings = "; ".join(answer.warnings)
            table.writerow([answer.case, "|".join(answer.decision), *row, warnings, ""])
        for refused in self.refused:
            blank = [""] * (2 * len(self.labels))
            table.writerow([refused.source, "", *blank, "", refused.reason])
        return stream.getvalue()


@dataclass(slots=True)
class Model:
    """A bundle, loaded and self-tested, ready to answer."""

    bundle: Bundle
    predictor: Predictor
    digest: str = ""
    _refused: list[Refused] = field(default_factory=list)
    _skipped: list[Refused] = field(default_factory=list)

    def predict(
        self, inputs: str | Path | Sequence[str | Path], progress: Progress = SILENT
    ) -> Predictions:
        """Answer about files and folders.

        A folder is searched: its DICOM series are put together where the bundle takes volumes,
        every other file is one image.

        Raises
        ------
        InputError
            An input does not exist, or there is no image in any of them.
        """
        paths = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        self._refused, self._skipped = [], []
        found = [item for path in paths for item in self._find(Path(path))]
        progress.begin("predicting", len(found), "cases")
        answers = tuple(self.predictor.predict(self._cases(found, progress)))
        progress.end()
        if not answers and not self._refused:
            raise InputError(
                "There is no image here.",
                got=f"{len(self._skipped)} files that are no images",
                where=", ".join(str(path) for path in paths),
            )
        return Predictions(
            labels=self.predictor.answer.labels,
            answers=answers,
            refused=tuple(self._refused),
            skipped=tuple(self._skipped),
            bundle=self.digest,
        )

    def _find(self, path: Path) -> Iterator[tuple[Path, ...]]:
        """Yield the files of each case."""
        if not path.exists():
            raise InputError("There is no such file or folder.", where=path)
        if path.is_file():
            yield (path,)
            return
        files = sorted(file for file in path.rglob("*") if file.is_file())
        taken: set[Path] = set()
        if self.predictor.limits.rank == VOLUME:
            for series in scan_series(path).series:
                taken.update(series.paths)
                yield tuple(series.paths)
        for file in files:
            if file in taken or file.name.startswith("."):
                continue
            try:
                known = recognise(file)
            except ScanwrightError as error:
                self._refused.append(Refused(str(file), error.sentence()))
                continue
            if known is None:
                self._skipped.append(Refused(str(file), "not an image of a known format"))
            else:
                yield (file,)

    def _cases(self, found: Sequence[tuple[Path, ...]], progress: Progress) -> Iterator[Case]:
        for files in found:
            name = str(files[0] if len(files) == 1 else files[0].parent)
            progress.step(1)
            try:
                image = read(files[0]) if len(files) == 1 else read_series(files)
                case = Case(name, {"image": image}, source=name)
                self.predictor.limits.check(case)
            except ScanwrightError as error:
                self._refused.append(Refused(name, error.sentence()))
            else:
                yield case


def load(path: str | Path, device: str = "auto") -> Model:
    """Load a bundle and repeat its self-test on this machine.

    Raises
    ------
    BundleError
        It is damaged, or its self-test fails here.
    """
    place = Path(path)
    bundle = read_bundle(place)
    recipe = bundle.recipe
    compute = choose_compute(device, recipe.training.precision)
    predictor = bundle.predictor(compute)
    run_golden_test(predictor, read_golden(place))
    digest = bundle_digest(place) if place.is_dir() else ""
    return Model(bundle, predictor, digest)


def _plain(answer: Prediction) -> dict[str, Plain]:
    scores = zip(answer.labels, answer.scores.tolist(), strict=True)
    spread = zip(answer.labels, answer.spread.tolist(), strict=True)
    return {
        "case": answer.case,
        "decision": list(answer.decision),
        "scores": dict(scores),
        "spread": dict(spread),
        "warnings": list(answer.warnings),
    }
