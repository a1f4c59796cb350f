"""A bundle and some files in, predictions out; every input is answered, refused or skipped."""

import csv
import io as text
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanwright.base import SILENT, BundleError, InputError, Plain, Progress, ScanwrightError
from scanwright.bundle import (
    AnyPredictor,
    Bundle,
    bundle_digest,
    predictor_of,
    read_bundle,
    read_golden,
    run_golden_test,
)
from scanwright.image import Case, MaskPrediction
from scanwright.inference import Predictor, SegmentationPredictor, choose_compute
from scanwright.io import read, read_series, recognise, scan_series
from scanwright.workflows.answer_rows import OUTLINES, SCORES, Answered, AnswerRows, Outline
from scanwright.workflows.outline_files import write_outlines

OUTLINES_FOLDER = Path("outlines")
"""Where outlines are written, unless asked otherwise."""
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
    rows
        How answers become rows of a table.
    """

    labels: tuple[str, ...]
    answers: tuple[Answered, ...]
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()
    bundle: str = ""
    rows: AnswerRows = SCORES

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "bundle": self.bundle,
            "labels": list(self.labels),
            "predictions": [self.rows.plain(answer) for answer in self.answers],
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
        head = self.rows.head(self.labels)
        table.writerow([*head, "refused"])
        for answer in self.answers:
            table.writerow([*self.rows.cells(answer, self.labels), ""])
        for refused in self.refused:
            table.writerow([refused.source, *[""] * (len(head) - 1), refused.reason])
        return stream.getvalue()


@dataclass(slots=True)
class Model:
    """A bundle, loaded and self-tested, ready to answer."""

    bundle: Bundle
    predictor: AnyPredictor
    digest: str = ""
    _refused: list[Refused] = field(default_factory=list)
    _skipped: list[Refused] = field(default_factory=list)

    @property
    def outlines(self) -> bool:
        """Whether it answers with outlines, which are written to files."""
        return isinstance(self.predictor, SegmentationPredictor)

    @property
    def scorer(self) -> Predictor:
        """What gives scores for a whole case.

        Raises
        ------
        BundleError
            The bundle outlines.
        """
        if not isinstance(self.predictor, Predictor):
            raise BundleError(
                "This bundle outlines; it gives no scores for a whole case.",
                legal="a bundle of classes, findings, grades or numbers",
            )
        return self.predictor

    def predict(
        self,
        inputs: str | Path | Sequence[str | Path],
        progress: Progress = SILENT,
        *,
        folder: Path = OUTLINES_FOLDER,
        ending: str = ".nii.gz",
    ) -> Predictions:
        """Answer about files and folders.

        A folder is searched: its DICOM series are put together where the bundle takes volumes,
        every other file is one image.

        Parameters
        ----------
        folder, ending
            Where outlines are written, and how label maps of volumes end: ".nii.gz" or ".nrrd".

        Raises
        ------
        InputError
            An input does not exist, or there is no image in any of them.
        """
        paths = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        self._refused, self._skipped = [], []
        found = [item for path in paths for item in self._find(Path(path))]
        progress.begin("predicting", len(found), "cases")
        cases = self._cases(found, progress)
        answers: tuple[Answered, ...]
        if isinstance(self.predictor, SegmentationPredictor):
            names = _stems(found)
            answers = tuple(self._outlined(self.predictor, cases, names, folder, ending))
        else:
            answers = tuple(self.predictor.predict(cases))
        progress.end()
        if not answers and not self._refused:
            raise InputError(
                "There is no image here.",
                got=f"{len(self._skipped)} files that are no images",
                where=", ".join(str(path) for path in paths),
            )
        return Predictions(
            labels=self.bundle.recipe.task.labels,
            answers=answers,
            refused=tuple(self._refused),
            skipped=tuple(self._skipped),
            bundle=self.digest,
            rows=OUTLINES if self.outlines else SCORES,
        )

    def outline(
        self, inputs: str | Path | Sequence[str | Path], progress: Progress = SILENT
    ) -> Iterator[MaskPrediction]:
        """Outline cases one at a time, nothing being written.

        Raises
        ------
        BundleError
            The bundle does not outline, or a case does not fit it.
        """
        if not isinstance(self.predictor, SegmentationPredictor):
            raise BundleError("This bundle gives scores; it does not outline.")
        paths = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        found = [item for path in paths for item in self._find(Path(path))]
        yield from self.predictor.predict(self._cases(found, SILENT), progress)

    def _outlined(
        self,
        predictor: SegmentationPredictor,
        cases: Iterator[Case],
        names: Mapping[str, str],
        folder: Path,
        ending: str,
    ) -> Iterator[Outline]:
        """Write what is outlined in each case; a case that cannot be is refused."""
        for case in cases:
            try:
                prediction = predictor.predict_one(case)
            except ScanwrightError as error:
                self._refused.append(Refused(case.name, error.sentence()))
                continue
            yield write_outlines(prediction, case.image, folder, names[case.name], ending)

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
            name = _name_of(files)
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
    ensemble = bundle.ensemble(compute)
    run_golden_test(ensemble, read_golden(place))
    predictor = predictor_of(ensemble)
    if isinstance(predictor, SegmentationPredictor):
        predictor = predictor.quickened()
    digest = bundle_digest(place) if place.is_dir() else ""
    return Model(bundle, predictor, digest)


def _name_of(files: tuple[Path, ...]) -> str:
    return str(files[0] if len(files) == 1 else files[0].parent)


def _stems(found: Sequence[tuple[Path, ...]]) -> dict[str, str]:
    """Return the stem of the files to write for each case; no two are alike."""
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for files in found:
        name = _name_of(files)
        plain = Path(name).name
        for ending in (".nii.gz", Path(plain).suffix):
            plain = plain.removesuffix(ending) if ending else plain
        stem, count = plain or "case", 1
        while stem in taken:
            count += 1
            stem = f"{plain}-{count}"
        taken.add(stem)
        stems[name] = stem
    return stems
