"""The table of all checks: one row each, open to other packages and to tasks to come."""

from collections.abc import Callable
from dataclasses import dataclass

from scanwright.auditing.balance import check_classes, check_sites
from scanwright.auditing.boxes import (
    check_box_copies,
    check_box_faults,
    check_box_labels,
    check_box_readers,
    check_full_boxes,
    check_tiny_boxes,
)
from scanwright.auditing.claim import check_claim
from scanwright.auditing.copies import (
    check_contradictions,
    check_copies,
    check_patients,
    check_shared_copies,
    check_shared_patients,
)
from scanwright.auditing.damage import (
    check_clipped,
    check_constant,
    check_depth,
    check_not_finite,
    check_scale,
    check_unreadable,
)
from scanwright.auditing.doubts import check_labels
from scanwright.auditing.finding import Finding
from scanwright.auditing.likeness import (
    check_like_contradictions,
    check_likeness,
    check_shared_likeness,
)
from scanwright.auditing.marks import check_borders, check_lettering
from scanwright.auditing.masks import (
    check_copied_masks,
    check_cut_outlines,
    check_empty_masks,
    check_full_outlines,
    check_rare_outlines,
    check_tiny_outlines,
)
from scanwright.auditing.mixture import (
    check_grids,
    check_kinds,
    check_modalities,
    check_strangers,
)
from scanwright.auditing.pose import check_inverted, check_pose
from scanwright.auditing.shortcut import check_shortcut
from scanwright.auditing.spelling import check_spelling
from scanwright.auditing.survey import Survey
from scanwright.base import Catalog


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for.

    Parameters
    ----------
    title
        What is looked for, as a heading.
    run
        Survey → findings; raises `NotChecked` where there is nothing to go by.
    needs_labels
        Whether it says nothing of cases without labels.
    kinds
        Kinds of task that it serves; empty for all.
    """

    title: str
    run: Callable[[Survey], list[Finding]]
    needs_labels: bool = False
    kinds: frozenset[str] = frozenset()


CLASSES = frozenset({"classes", "grade"})
CLAIMS = CLASSES | {"findings"}
ONE_LABEL = CLAIMS | {"number"}
"""Tasks in which something is true of an image as a whole."""
MASKS = frozenset({"segmentation"})
BOXES = frozenset({"detection"})

CHECKS: Catalog[Check] = Catalog(
    "check",
    {
        "unreadable": Check("Files that cannot be used", check_unreadable),
        "copies": Check("Exact copies", check_copies),
        "contradictions": Check("One picture under two labels", check_contradictions, True),
        "shared-copies": Check("Copies across the split", check_shared_copies),
        "shared-patients": Check("Patients across the split", check_shared_patients),
        "likeness": Check("Near duplicates", check_likeness),
        "like-contradictions": Check(
            "Near duplicates under two labels", check_like_contradictions, True, ONE_LABEL
        ),
        "shared-likeness": Check("Near duplicates across the split", check_shared_likeness),
        "patients": Check("Whose images they are", check_patients),
        "not-finite": Check("NaN and infinite values", check_not_finite),
        "constant": Check("Empty images", check_constant),
        "clipped": Check("Saturated images", check_clipped),
        "depth": Check("Bit depth and grey levels", check_depth),
        "scale": Check("Scale of the values", check_scale),
        "pose": Check("Mirrored and turned images", check_pose),
        "inverted": Check("Inverted images", check_inverted),
        "modalities": Check("Modalities, ranks and colours", check_modalities),
        "grids": Check("Sizes and spacings", check_grids),
        "kinds": Check("Two kinds of images by look", check_kinds),
        "strangers": Check("Single images unlike all others", check_strangers),
        "borders": Check("Empty borders", check_borders),
        "lettering": Check("Burned-in text", check_lettering),
        "spelling": Check("Spelling of labels", check_spelling, True),
        "classes": Check("Balance of the classes", check_classes, True, CLAIMS),
        "sites": Check("Sites against classes", check_sites, True, ONE_LABEL),
        "shortcut": Check("A source that gives the class away", check_shortcut, True, ONE_LABEL),
        "labels": Check("Labels in doubt", check_labels, True, CLASSES),
        "mask-empty": Check("Empty masks", check_empty_masks, True, MASKS),
        "mask-tiny": Check("Tiny outlines", check_tiny_outlines, True, MASKS),
        "mask-full": Check("Masks inside out", check_full_outlines, True, MASKS),
        "mask-edge": Check("Outlines cut by the edge", check_cut_outlines, True, MASKS),
        "mask-rare": Check("Rare structures", check_rare_outlines, True, MASKS),
        "mask-copies": Check("One mask under several images", check_copied_masks, True, MASKS),
        "box-faults": Check("Boxes that cannot be taken", check_box_faults, True, BOXES),
        "box-copies": Check("One finding in two boxes", check_box_copies, True, BOXES),
        "box-readers": Check("Readers that disagree", check_box_readers, True, BOXES),
        "box-full": Check("Boxes over the whole image", check_full_boxes, True, BOXES),
        "box-tiny": Check("Tiny boxes", check_tiny_boxes, True, BOXES),
        "box-labels": Check("Findings in few images", check_box_labels, True, BOXES),
        "claim": Check("How sure a figure can be", check_claim, True, CLAIMS),
    },
    group="scanwright.checks",
)
"""Name → check."""
