"""A bundle and some files in, predictions out; every input is answered, refused or skipped."""

import csv
import io as text
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from scanwright.workflows.answer_rows import OUTLINES, SCORES, Answered, AnswerRows, Outline
from scanwright.workflows.inputs import Asked, Inputs, Refused
from scanwright.workflows.outline_files import write_outlines

OUTLINES_FOLDER = Path("outlines")
"""Where outlines are written, unless asked otherwise."""


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
        given = Inputs(self.predictor.limits)
        found = given.find([Path(path) for path in paths])
        answers: tuple[Answered, ...]
        if isinstance(self.predictor, SegmentationPredictor):
            cases = self._cases(found, given, SILENT)
            place = (folder, ending)
            answers = tuple(self._outlined(self.predictor, cases, given, progress, place))
        else:
            progress.begin("predicting", len(found), "cases")
            cases = self._cases(found, given, progress)
            answers = tuple(self.predictor.predict(case for _, case in cases))
            progress.end()
        if not answers and not given.refused:
            raise InputError(
                "There is no image here.",
                got=f"{len(given.skipped)} files that are no images",
                where=", ".join(str(path) for path in paths),
            )
        return Predictions(
            labels=self.bundle.recipe.task.labels,
            answers=answers,
            refused=tuple(given.refused),
            skipped=tuple(given.skipped),
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
        given = Inputs(self.predictor.limits)
        found = given.find([Path(path) for path in paths])
        cases = self._cases(found, given, SILENT)
        yield from self.predictor.predict((case for _, case in cases), progress)

    def _outlined(
        self,
        predictor: SegmentationPredictor,
        cases: Iterator[tuple[Asked, Case]],
        given: Inputs,
        progress: Progress,
        place: tuple[Path, str],
    ) -> Iterator[Outline]:
        """Write what is outlined in each case; a case that cannot be is refused."""
        folder, ending = place
        for asked, case in cases:
            try:
                prediction = predictor.predict_one(case, progress)
            except ScanwrightError as error:
                given.refused.append(Refused(asked.name, error.sentence()))
                continue
            yield write_outlines(prediction, case.image, folder, asked.stem, ending)

    def _cases(
        self, found: Sequence[Asked], given: Inputs, progress: Progress
    ) -> Iterator[tuple[Asked, Case]]:
        """Read cases one at a time; those that do not fit are refused."""
        for asked in found:
            progress.step(1)
            try:
                image = asked.reference.read()
                case = Case(asked.name, {"image": image}, source=asked.name)
                self.predictor.limits.check(case)
            except ScanwrightError as error:
                given.refused.append(Refused(asked.name, error.sentence()))
            else:
                yield asked, case


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
