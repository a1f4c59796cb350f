"""DICOM images beside structured reports that say where findings are (PS3.16, TID 1500)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from scanwright.base import InputError, Progress
from scanwright.data.box_flaw import BoxFault
from scanwright.data.box_given import BoxedImage, given_boxes
from scanwright.data.box_index import Boxed, index_boxed
from scanwright.data.dicom_seg import read_seg_header
from scanwright.data.dicom_sr import NO_REPORT, SrReport, is_report, read_report
from scanwright.data.image_planes import ImagePlanes, planes_of
from scanwright.data.index import Index, IndexOptions, Verdict, reason_of
from scanwright.data.probing import Found, Probed, case_name, group_cases, probe_files
from scanwright.data.seg_region import SegmentPiece, instance_of, read_pieces
from scanwright.data.side_table import find_side_table
from scanwright.data.sr_boxes import Pieces, Reader, Reported
from scanwright.data.table import is_table
from scanwright.data.walk import list_files, relative_name, sample_objects

NO_OUTLINE = "a finding in it has no outline"


class DicomFindings:
    """Reports know the images that they are about, and where in them a finding is."""

    accepts = "DICOM images with structured reports (SR, TID 1500) of findings in them"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a tree in which a report gives a finding its place."""
        if options.task not in ("auto", "detection") or not path.is_dir():
            return None
        if options.label_column:
            return None
        sampled = sample_objects(list_files(path).files, "sr")
        reports = [read_report(file) for file in sampled if is_report(file)]
        known = [report for report in reports if isinstance(report, SrReport)]
        if any(report.has_regions for report in known):
            strength = 8 if options.task == "detection" else 4
            return Verdict(strength, "it holds structured reports of findings")
        is_asked = options.task == "detection" and known
        if is_asked and not any(read_seg_header(file) is not None for file in sampled):
            return Verdict(1, "it holds structured reports of measurements")
        return None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the images that reports are about.

        Raises
        ------
        LabelError
            No report gives a finding a place in an image that is here.
        """
        tree = list_files(path)
        probed = probe_files([file for file in tree.files if not is_table(file)], progress)
        objects = _sorted(probed)
        dicom = {file: header for file, header in probed.headers.items() if header.study_uid}
        cases, unstackable = group_cases(dicom)
        images, faulty = _planes(cases, probed)
        reader = Reader(images, _pieces_of(objects.segmentations))
        missing: dict[str, str] = {}
        for file, report in objects.current.items():
            for number, why in reader.add(report).items():
                missing[f"{relative_name(file, path)}, group {number}"] = why
        boxed = [
            _boxed(image.case, said, path)
            for image, said in zip(images, reader.reported, strict=True)
        ]
        lost = {
            file: NO_OUTLINE
            for image, one in zip(images, boxed, strict=True)
            if one is None
            for file in image.case.reference.files
        }
        kept = tuple(one for one in boxed if one is not None)
        return index_boxed(
            Boxed(
                root=path,
                layout="dicom-findings",
                intro=f"a DICOM tree with {len(objects.current)} structured reports of findings",
                tree=tree,
                images=kept,
                reason="DICOM SR",
                skipped={**objects.damaged, **unstackable, **faulty, **lost},
                missing=missing,
                other=objects.other,
                otherwise="neither a DICOM image nor a report",
                table=find_side_table(path, [one.name for one in kept], options),
                notes=objects.notes,
            ),
            options,
            progress,
        )


@dataclass(frozen=True, slots=True)
class _Objects:
    """The DICOM objects of a tree that are no images."""

    reports: dict[Path, SrReport] = field(default_factory=dict)
    segmentations: list[Path] = field(default_factory=list)
    damaged: dict[Path, str] = field(default_factory=dict)
    other: dict[Path, str] = field(default_factory=dict)

    @property
    def current(self) -> dict[Path, SrReport]:
        """Each report once, without those that a later version replaces."""
        replaced = {uid for report in self.reports.values() for uid in report.replaces}
        seen = {report.uid: file for file, report in reversed(self.reports.items())}
        return {
            file: report
            for file, report in self.reports.items()
            if report.uid not in replaced and seen[report.uid] == file
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the reports."""
        old = len(self.reports) - len(self.current)
        if not old:
            return ()
        return (f"{old} reports are copies or earlier versions of others and are passed over",)


def _sorted(probed: Probed) -> _Objects:
    """Tell reports, segmentations and what cannot be read apart."""
    objects = _Objects()
    for file, why in probed.unreadable.items():
        report = read_report(file) if is_report(file) else None
        if isinstance(report, SrReport):
            objects.reports[file] = report
            objects.other[file] = "a report of findings"
        elif report == NO_REPORT:
            objects.other[file] = report
        elif report is None and read_seg_header(file) is not None:
            objects.segmentations.append(file)
            objects.other[file] = "a segmentation"
        else:
            objects.damaged[file] = report or why
    return objects


def _pieces_of(segmentations: Sequence[Path]) -> Pieces:
    """Return what reads a segmentation by its identifier, once."""
    files = {uid: file for file in segmentations if (uid := instance_of(file))}

    @cache
    def pieces_of(uid: str) -> tuple[SegmentPiece, ...]:
        pieces = read_pieces(files[uid]) if uid in files else ()
        return () if isinstance(pieces, str) else pieces

    return pieces_of


def _planes(cases: Sequence[Found], probed: Probed) -> tuple[list[ImagePlanes], Mapping[Path, str]]:
    """Return the images whose planes are known, and the files of others → why they are not."""
    images: list[ImagePlanes] = []
    faulty: dict[Path, str] = {}
    for case in cases:
        try:
            images.append(planes_of(case, probed.headers))
        except InputError as error:
            faulty |= dict.fromkeys(case.reference.files, reason_of(error))
    return images, faulty


def _boxed(case: Found, said: Reported, root: Path) -> BoxedImage | None:
    """Return the image with its boxes; None where a finding is known to be in it, but not where."""
    name, files = case_name(case, root), case.reference.files
    rows, labels = said.distinct
    if not rows and said.is_named:
        return None
    if not rows and not said.is_listed:
        return BoxedImage(name, files, None)
    flaws = tuple((label, BoxFault.EMPTY) for label in said.lost)
    return BoxedImage(name, files, given_boxes(rows, labels, len(case.size)), flaws=flaws)
