"""Checks for images that lie, or shine, otherwise than their peers: mirrored, turned, inverted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.flaw import Flaw, flawed
from scanwright.auditing.survey import Survey

Floats = npt.NDArray[np.float64]

EDGE = 32
FEWEST = 20
"""With fewer pictures their median is no standard."""
ALIKE = 0.35
"""Median correlation with the median picture from which on a set has a common pose."""
MARGIN = 0.1
"""By how much another pose must fit better."""
FITS = 0.7
"""Share of the usual fit that the other pose, or the negative, must reach."""
FAR = 3.0
"""Robust deviations by which the fit as it lies must fall short of its peers."""
MOST = 0.2
"""If more pictures than this differ, the set has no common pose, and none is an outlier."""

POSES = (
    "as the others",
    "turned by 90°",
    "turned by 180°",
    "turned by 270°",
    "mirrored left to right",
    "mirrored and turned by 90°",
    "mirrored top to bottom",
    "mirrored and turned by 270°",
)
"""The eight ways to lay a square on itself."""

TURNED = Flaw(
    "pose",
    Severity.WARNING,
    "lies otherwise than the rest (mirrored or turned)",
    "lie otherwise than the rest (mirrored or turned)",
    "Left and right, or above and below, are exchanged; a finding then lies on the wrong side.",
    "Look at them and turn them back, if the anatomy says so and not the disease (situs inversus).",
)
INVERTED = Flaw(
    "inverted",
    Severity.WARNING,
    "has dark and bright exchanged",
    "have dark and bright exchanged",
    "Radiographs are stored both ways (MONOCHROME1 and 2); a network takes the difference for "
    "a finding.",
    "Invert them (step “invert” of the preprocessing, or before).",
)


@dataclass(frozen=True, slots=True)
class Fit:
    """How well each picture fits the median picture.

    Parameters
    ----------
    poses
        Shape (N, 8): correlation in each pose.
    is_seen
        Shape (N,): False where the picture is flat.
    """

    poses: Floats
    is_seen: npt.NDArray[np.bool_]

    @property
    def enough(self) -> float:
        """The fit that another pose must reach to be believed."""
        return FITS * float(np.median(self.upright[self.is_seen]))

    @property
    def upright(self) -> Floats:
        """Shape (N,): correlation as it lies."""
        return self.poses[:, 0]


def check_pose(survey: Survey) -> list[Finding]:
    """Find mirrored and turned images by registration to the median picture."""
    fit = _fit(survey)
    best = fit.poses.argmax(axis=1)
    reached = fit.poses.max(axis=1)
    is_better = (best > 0) & (reached - fit.upright > MARGIN) & (reached > fit.enough)
    rows = np.flatnonzero(fit.is_seen & is_better & _falls_short(fit))
    if len(rows) > MOST * len(survey):
        raise NotChecked("the images have no common pose")
    return flawed(
        survey,
        TURNED,
        rows,
        lambda row: (
            f"{POSES[best[row]]}: fits {fit.poses[row, best[row]]:.2f}, "
            f"as it lies {fit.upright[row]:.2f}"
        ),
    )


def check_inverted(survey: Survey) -> list[Finding]:
    """Find images whose negative fits the median picture."""
    fit = _fit(survey)
    rows = np.flatnonzero(fit.is_seen & (-fit.upright > fit.enough) & _falls_short(fit))
    if len(rows) > MOST * len(survey):
        raise NotChecked("dark and bright differ too much among the images")
    return flawed(
        survey, INVERTED, rows, lambda row: f"its negative fits with {-fit.upright[row]:.2f}"
    )


def dihedral(pictures: Floats) -> list[Floats]:
    """Return pictures, shape (N, E, E), in the eight poses that put each back as `POSES` says."""
    turned = [np.rot90(pictures, -turns, axes=(1, 2)) for turns in range(4)]
    mirrored = np.flip(pictures, axis=2)
    return turned + [np.rot90(mirrored, -turns, axes=(1, 2)) for turns in range(4)]


def _fit(survey: Survey) -> Fit:
    if len(survey) < FEWEST:
        raise NotChecked(f"fewer than {FEWEST} images")
    small = survey.pictures.reshape(len(survey), EDGE, 64 // EDGE, EDGE, 64 // EDGE)
    pictures = small.mean(axis=(2, 4)).astype(np.float64)
    flat = pictures.reshape(len(survey), -1)
    is_seen = flat.std(axis=1) > 1
    if is_seen.sum() < FEWEST:
        raise NotChecked("nearly all images are flat")
    standard = _normal(np.median(_normal(flat[is_seen]), axis=0)[None])[0]
    poses = [
        _normal(posed.reshape(len(survey), -1)) @ standard / standard.size
        for posed in dihedral(pictures)
    ]
    fit = Fit(np.stack(poses, axis=1), is_seen)
    typical = float(np.median(fit.upright[is_seen]))
    if typical < ALIKE:
        raise NotChecked(f"the images differ too much for a common pose (fit {typical:.2f})")
    return fit


def _normal(flat: Floats) -> Floats:
    centred = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(centred.std(axis=1, keepdims=True), 1e-9))


def _falls_short(fit: Fit) -> npt.NDArray[np.bool_]:
    seen = fit.upright[fit.is_seen]
    centre = float(np.median(seen))
    spread = 1.4826 * float(np.median(np.abs(seen - centre)))
    return np.asarray(fit.upright < centre - FAR * max(spread, 0.02))
