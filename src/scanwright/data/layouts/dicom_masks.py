"""DICOM series with DICOM Segmentations of them, or with label maps beside their files."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from scanwright.base import Progress
from scanwright.data.dicom_seg import SegHeader, read_seg_header
from scanwright.data.index import Index, IndexOptions, Verdict
from scanwright.data.label_names import find_label_names, read_label_names
from scanwright.data.mask_case import MaskPlan
from scanwright.data.mask_index import Outline, Pair, Paired, index_pairs
from scanwright.data.mask_pairing import HAS_MASK_WORD, stem_of
from scanwright.data.probing import Found, Probed, case_name, group_cases, probe_files, unique_names
from scanwright.data.side_table import find_side_table
from scanwright.data.table import is_table
from scanwright.data.walk import Tree, list_files, sample_objects
from scanwright.io import format_of_suffix

VOLUMES = (".nii", ".nii.gz", ".nrrd", ".mha", ".mhd")
NO_SERIES = "a segmentation of a series that is not here"
SEVERAL_IMAGES = "a segmentation of several images of a series, or of one that is not here"


class DicomMasks:
    """Series know their patients; segmentations know their series."""

    accepts = "DICOM series with DICOM SEG objects, or with label maps beside their files"
    takes_columns = True

    def recognises(self, path: Path, options: IndexOptions) -> Verdict | None:
        """Recognise a segmentation, or a label map in a folder of DICOM files."""
        if options.task not in ("auto", "segmentation") or not path.is_dir():
            return None
        if options.label_column or options.mask_column:
            return None
        tree = list_files(path)
        strength = 8 if options.task == "segmentation" else 4
        if any(read_seg_header(file) is not None for file in sample_objects(tree.files, "seg")):
            return Verdict(strength, "it holds DICOM segmentations")
        if any(_label_maps_beside(tree)):
            return Verdict(strength, "label maps lie beside DICOM files")
        return None

    def index(self, path: Path, options: IndexOptions, progress: Progress) -> Index:
        """Index the series that have masks.

        Raises
        ------
        LabelError
            No series has a mask that can be used.
        """
        tree = list_files(path)
        files = [file for file in tree.files if not is_table(file) and file.suffix != ".json"]
        probed = probe_files(files, progress)
        segs = {
            file: header
            for file in probed.unreadable
            if (header := read_seg_header(file)) is not None
        }
        dicom = {file: header for file, header in probed.headers.items() if header.study_uid}
        cases, unstackable = group_cases(dicom)
        masks, lonely = _masks_of(cases, segs, probed, tree)
        names = unique_names(case_name(case, path) for case in cases)
        pairs = tuple(
            Pair(name, (case.reference.files,), tuple(masks.get(case.first_file, ())))
            for name, case in zip(names, cases, strict=True)
        )
        names_file = None if segs else find_label_names(path)
        unreadable = {file: why for file, why in probed.unreadable.items() if file not in segs}
        return index_pairs(
            Paired(
                root=path,
                layout="dicom-masks",
                intro="a DICOM tree with "
                + ("DICOM segmentations" if segs else "label maps beside the series"),
                tree=tree,
                pairs=pairs,
                plan=MaskPlan(read_label_names(names_file) if names_file else None),
                skipped={**unreadable, **unstackable, **lonely},
                other={names_file: "the names of the labels"} if names_file else {},
                otherwise="neither a series nor a mask of one",
                table=find_side_table(path, names, options),
                notes=_notes(pairs, segs),
            ),
            options,
            progress,
        )


def _may_be_of(seg: SegHeader, case: Found) -> bool:
    """Whether a segmentation may be of an image of its series.

    The images of an X-ray series stand for themselves: the segmentation says which it is of.
    """
    is_volume = len(case.size) > 2
    return is_volume or not seg.instance_uids or case.header.instance_uid in seg.instance_uids


def _label_maps_beside(tree: Tree) -> Iterator[Path]:
    """Give the volumes in a folder of DICOM files, and those called masks above or beside it."""
    volumes = [file for file in tree.files if file.name.lower().endswith(VOLUMES)]
    slices = {
        file.parent
        for file in tree.files
        if (not file.suffix or format_of_suffix(file) == "dicom") and file not in volumes
    } if volumes else set()  # fmt: skip
    for file in volumes:
        is_near = _is_called_mask(file) and bool(_nearest(file, slices, tree.root))
        if file.parent in slices or is_near:
            yield file


def _is_called_mask(file: Path) -> bool:
    words = (stem_of(file.name), file.parent.name)
    return any(HAS_MASK_WORD.search(word) for word in words)


def _nearest(file: Path, folders: Collection[Path], root: Path) -> list[Path]:
    """Return the folders of series in or below the folder of a file, else in or below the next."""
    above = [file.parent, *([file.parent.parent] if file.parent != root else [])]
    for place in above:
        inside = [one for one in folders if place == one or place in one.parents]
        if inside:
            return inside
    return []


def _masks_of(
    cases: Sequence[Found], segs: dict[Path, SegHeader], probed: Probed, tree: Tree
) -> tuple[dict[Path, list[Outline]], dict[Path, str]]:
    """Return first file of a series → its masks, and masks without a series → a word."""
    masks: dict[Path, list[Outline]] = defaultdict(list)
    lonely: dict[Path, str] = {}
    by_series: dict[str, list[Found]] = defaultdict(list)
    by_study: dict[str, list[Found]] = defaultdict(list)
    for case in cases:
        by_series[case.header.series_uid].append(case)
        by_study[case.header.study_uid].append(case)
    for file, header in segs.items():
        near_by = by_series[header.series_uid] if header.series_uid else by_study[header.study_uid]
        meant = [case for case in near_by if _may_be_of(header, case)]
        if len(meant) == 1:
            masks[meant[0].first_file].append(Outline(file))
        else:
            lonely[file] = SEVERAL_IMAGES if near_by else NO_SERIES
    folders = {case.first_file.parent for case in cases}
    for file in () if segs else _label_maps_beside(tree):
        near = _nearest(file, folders, tree.root)
        fitting = [
            case
            for case in cases
            if file in probed.headers
            and case.first_file.parent in near
            and sorted(case.size) == sorted(probed.headers[file].size)
        ]
        if len(fitting) == 1 and not masks[fitting[0].first_file]:
            masks[fitting[0].first_file].append(Outline(file))
        elif len(fitting) == 1 and HAS_MASK_WORD.search(stem_of(file.name)):
            lonely[file] = "a second mask of one series; give a table with columns path and mask"
        else:
            lonely[file] = "no series of its size lies beside it, or several"
    return masks, lonely


def _notes(pairs: Sequence[Pair], segs: dict[Path, SegHeader]) -> tuple[str, ...]:
    every = {name for header in segs.values() for name in header.names}
    used = [
        {name for one in pair.masks for name in segs[one.file].names}
        for pair in pairs
        if pair.masks and all(one.file in segs for one in pair.masks)
    ]
    lacking = sum(held != every for held in used)
    if not lacking:
        return ()
    return (
        f"{lacking} of {len(used)} series lack a segment that others have; that is read as "
        "nothing to outline there, which is wrong if it was not looked for",
    )
