"""Whom images belong to, by their file names, where these leave no doubt."""

import re
from collections.abc import Sequence

PERSON = r"(?:(?:patient|pat|subject|subj|sub|person|participant|case)[-_ ]?[A-Za-z]{0,3}|p)"
PART = (
    r"(?:slice|slc|sl|frame|fr|img|image|view|visit|ses|session|scan|time|tp|t|z|s|left|right|"
    r"l|r|cc|mlo|ap|pa|lat)"
)
NAMED = re.compile(rf"^({PERSON}\d+)[-_ ]+{PART}(?:[-_ ]?\d+)?(?:[-_ ].*)?$", re.IGNORECASE)
"""A word for a person with a number, then a word for a part of an examination."""
BIDS = re.compile(r"^(sub-[A-Za-z0-9]+)(?:_.*)?$")
"""Brain Imaging Data Structure: names begin with the subject."""
NO_PATIENT = (
    "nothing says which images are of one patient, so each counts as its own; a table beside "
    "them can, with a column of file names and one of patients"
)
"""What to say where names do not tell patients apart."""


def patients_by_name(names: Sequence[str]) -> dict[str, str]:
    """Return name of the case → patient, or nothing where names do not say it of every case.

    Names must all follow one form, and at least one patient must have several cases: else there
    is nothing to group, and a pattern that fits by chance would do harm.

    >>> patients_by_name(["patient01_slice_3", "patient01_slice_4", "patient02_slice_3"])
    {'patient01_slice_3': 'patient01', 'patient01_slice_4': 'patient01', 'patient02_slice_3': \
'patient02'}
    >>> patients_by_name(["hippocampus_001", "hippocampus_003"])
    {}
    """
    for form in (BIDS, NAMED):
        found = [form.match(name.rpartition("/")[2]) for name in names]
        told = {
            name: match[1] for name, match in zip(names, found, strict=True) if match is not None
        }
        if told and len(told) == len(names) and 1 < len(set(told.values())) < len(names):
            return told
    return {}
