"""Checks for images of another kind among the rest: by header, by layout of the grid, by look."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words
from scanwright.auditing.flaw import Flaw, flawed
from scanwright.auditing.learner import standardised
from scanwright.auditing.survey import Survey
from scanwright.image import Modality

Floats = npt.NDArray[np.float64]

FEWEST = 30
"""With fewer images no kinds can be told apart by look."""
SPACING_RATIO, SIZE_RATIO = 2.0, 4.0
"""Largest over smallest from which on spacings and sizes are said to be mixed."""
NEIGHBOURS = 5
LONELY = 6.0
"""Robust deviations of the distance to the nearest images beyond which one is a stranger."""
SEPARATE = 4.0
"""Ashman's D from which on two kinds are told apart; 2 is two humps (Ashman 1994, AJ 108:2348)."""
SMALLEST_KIND, FEWEST_OF_KIND = 0.02, 3
"""Share and number of cases that make a kind."""
CLUSTERS = range(2, 6)
"""Numbers of clusters that are tried: a small second kind is no half of the set."""

STRANGER = Flaw(
    "strangers",
    Severity.NOTE,
    "looks unlike all others",
    "look unlike all others",
    "They may be of another kind (a scout, a screenshot, another modality), or rare anatomy.",
    "Look at them; take out what does not belong.",
)


def check_modalities(survey: Survey) -> list[Finding]:
    """Find several modalities, ranks or colours, by what the files say."""
    found = []
    kinds = Counter(entry.modality.value for entry in survey.entries)
    named = {kind: count for kind, count in kinds.items() if kind != Modality.UNKNOWN.value}
    if len(named) > 1 or (named and len(kinds) > 1):
        rare = min(kinds, key=lambda kind: kinds[kind])
        found.append(
            _of_kind(
                survey, "modalities", [entry.modality.value for entry in survey.entries], rare,
                f"The files are of several modalities: {_counts(kinds)}.",
                "One network is to learn from all of them, and normalisation fits only one.",
                "Put each modality into a folder of its own and train on each.",
            )
        )  # fmt: skip
    ranks = Counter(f"{len(look.shape) - 1}-D" for look in survey.looks)
    if len(ranks) > 1:
        rare = min(ranks, key=lambda kind: ranks[kind])
        found.append(
            _of_kind(
                survey, "modalities", [f"{len(look.shape) - 1}-D" for look in survey.looks], rare,
                f"Images of different ranks are mixed: {_counts(ranks)}.",
                "One network takes one rank; training stops with an error.",
                "Put them into separate folders.",
            )
        )  # fmt: skip
    colours = ["grey" if look.is_grey else "colour" for look in survey.looks]
    counts = Counter(colours)
    if len(counts) > 1:
        rare = min(counts, key=lambda kind: counts[kind])
        found.append(
            _of_kind(
                survey, "modalities", colours, rare,
                f"Grey and colour images are mixed: {_counts(counts)}.",
                "Colour comes from another source (Doppler, a screenshot, an annotation).",
                "Look at the rarer kind; take it out or make all grey.",
            )
        )  # fmt: skip
    return found


def check_grids(survey: Survey) -> list[Finding]:
    """Find sizes and spacings that differ much."""
    found = []
    sizes = [look.shape[1:] for look in survey.looks]
    edges = [max(size) for size in sizes]
    if edges and max(edges) / min(edges) >= SIZE_RATIO:
        found.append(
            Finding(
                "grids",
                Severity.NOTE,
                f"The longer edge runs from {min(edges)} to {max(edges)} elements "
                f"({len(set(sizes))} different sizes).",
                "All are brought to one size: small ones are blown up, and sharpness then tells "
                "the source.",
                "See whether size goes with the class (the shortcut check says so).",
                numbers={"smallest": min(edges), "largest": max(edges), "sizes": len(set(sizes))},
            )
        )
    spacings = [entry.spacing_mm[-1] for entry in survey.entries if entry.spacing_mm]
    if 0 < len(spacings) < len(survey):
        found.append(
            Finding(
                "grids",
                Severity.NOTE,
                f"Only {len(spacings):,} of {len(survey):,} images say how large an element is.",
                "Nothing can be measured in mm, and the two kinds come from different exports.",
                "Export all with their spacing.",
                numbers={"known": len(spacings)},
            )
        )
    if spacings and max(spacings) / min(spacings) >= SPACING_RATIO:
        found.append(
            Finding(
                "grids",
                Severity.NOTE,
                f"An element is {min(spacings):.3g} to {max(spacings):.3g} mm wide.",
                "The same organ is of different size in pixels from case to case.",
                "Resample to one spacing (the rules do so where it pays).",
                numbers={"finest_mm": min(spacings), "coarsest_mm": max(spacings)},
            )
        )
    return found


def check_kinds(survey: Survey) -> list[Finding]:
    """Find two kinds of images by look alone, where no header tells."""
    if len(survey) < FEWEST:
        raise NotChecked(f"fewer than {FEWEST} images")
    described = look_features(survey)
    members, separation = find_second_kind(described)
    if separation < SEPARATE:
        return []
    rows = np.flatnonzero(members)
    return [
        Finding(
            "kinds",
            Severity.WARNING,
            f"By look the images fall into two kinds: {len(survey) - len(rows):,} and "
            f"{count_words(len(rows), 'other')} (distance {separation:.1f}, two humps from 2 on).",
            "Two modalities, body parts or sources may have got into one folder by mistake.",
            "Look at the second kind; put it into a folder of its own if it does not belong.",
            tuple((survey.entries[row].name,) for row in rows.tolist()),
            {survey.entries[row].name: "second kind" for row in rows.tolist()},
            {"cases": len(rows), "separation": separation},
        )
    ]


def check_strangers(survey: Survey) -> list[Finding]:
    """Find single images that look unlike all others."""
    if len(survey) < FEWEST:
        raise NotChecked(f"fewer than {FEWEST} images")
    lonely = loneliness(look_features(survey))
    rows = np.flatnonzero(lonely > LONELY)
    rows = rows[np.argsort(-lonely[rows], kind="stable")]
    if len(rows) > 0.05 * len(survey):
        raise NotChecked("the images are too varied for one to stand out")
    return flawed(survey, STRANGER, rows, lambda row: f"{lonely[row]:.0f} times as far as usual")


def look_features(survey: Survey) -> Floats:
    """Describe the look of each image, shape (N, F): brightness, texture, where its light lies."""
    pictures = survey.pictures.astype(np.float32) / 255
    flat = pictures.reshape(len(pictures), -1)
    bins = [((flat >= k / 8) & (flat < (k + 1) / 8 + (k == 7))).mean(axis=1) for k in range(8)]
    down, right = np.gradient(pictures, axis=(1, 2))
    size = np.hypot(down, right).reshape(len(pictures), -1)
    coarse = pictures.reshape(-1, 8, 8, 8, 8).mean(axis=(2, 4))
    ring = np.ones((8, 8), dtype=bool)
    ring[1:-1, 1:-1] = False
    columns = [
        *bins,
        size.mean(axis=1),
        np.percentile(size, 90, axis=1),
        coarse[:, ring].mean(axis=1),
        coarse[:, ~ring].mean(axis=1),
        coarse.reshape(len(pictures), -1).std(axis=1),
        (pictures - np.repeat(np.repeat(coarse, 8, 1), 8, 2)).std(axis=(1, 2)),
        np.abs(pictures - pictures[:, :, ::-1]).mean(axis=(1, 2)),
        np.abs(pictures - pictures[:, ::-1]).mean(axis=(1, 2)),
    ]
    return standardised(np.column_stack(columns).astype(np.float64))


def find_second_kind(described: Floats) -> tuple[npt.NDArray[np.bool_], float]:
    """Find the cases, a minority, that are set apart most clearly from all others.

    Returns
    -------
    Members, shape (N,), and Ashman's D between them and the rest along the line between the two;
    nobody and 0 where no cluster of two to five is a minority large enough.
    """
    from sklearn.cluster import KMeans

    nobody = np.zeros(len(described), dtype=bool)
    best: tuple[npt.NDArray[np.bool_], float] = (nobody, 0.0)
    least = max(FEWEST_OF_KIND, SMALLEST_KIND * len(described))
    for count in CLUSTERS:
        found = KMeans(count, n_init=4, random_state=0).fit(described)
        for cluster in range(count):
            members = np.asarray(found.labels_ == cluster)
            if not least <= members.sum() <= len(described) / 2:
                continue
            separation = _separation(described, members)
            if separation > best[1]:
                best = (members, separation)
    return best


def _separation(described: Floats, members: npt.NDArray[np.bool_]) -> float:
    line = described[members].mean(axis=0) - described[~members].mean(axis=0)
    along = described @ (line / max(float(np.linalg.norm(line)), 1e-12))
    one, other = along[members], along[~members]
    spread = np.sqrt((one.var() + other.var()) / 2)
    return float(abs(one.mean() - other.mean()) / max(spread, 1e-9))


def loneliness(described: Floats) -> Floats:
    """Return the distance to the fifth nearest case, shape (N,), in units of the usual one.

    The logarithm is compared with its median and median deviation, so that tight sets do not
    make strangers of ordinary cases.
    """
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(described) - 1)
    far = NearestNeighbors(n_neighbors=count + 1).fit(described).kneighbors(described)[0][:, -1]
    logged = np.log(np.maximum(far, 1e-6))
    centre = float(np.median(logged))
    spread = max(1.4826 * float(np.median(np.abs(logged - centre))), 0.1)
    return np.asarray((logged - centre) / spread)


def _of_kind(
    survey: Survey, kind: str, values: Sequence[str], rare: str, what: str, *words: str
) -> Finding:
    rows = [row for row, value in enumerate(values) if value == rare]
    meaning, advice = words
    return Finding(
        kind,
        Severity.ALARM if kind == "modalities" and "ranks" in what else Severity.WARNING,
        what,
        meaning,
        advice,
        tuple((survey.entries[row].name,) for row in rows),
        {survey.entries[row].name: rare for row in rows},
        dict(Counter(values)),
    )


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
