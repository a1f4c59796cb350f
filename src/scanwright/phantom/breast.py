"""A breast under an ultrasound probe: skin, fat with ligaments, gland, muscle and ribs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from scanwright.phantom.blob import Blob
from scanwright.phantom.field import Field, banded_field, smooth_field
from scanwright.phantom.shapes import fill, paint, ramp
from scanwright.phantom.ultrasound import Tissue

COARSE_MM = 0.4
"""Spacing of the grid on which textures are drawn."""

MARGIN_MM = 10.0
"""How far textures reach beyond the field, so that they do not meet their own period."""


@dataclass(frozen=True, slots=True)
class Breast:
    """Layers of one breast.

    Parameters
    ----------
    skin_mm, fat_mm, gland_mm, muscle_mm
        Thickness of each layer, from the probe inwards; the chest wall follows.
    echoes
        Amplitude of scattering of fat, gland and muscle.
    losses
        Their attenuation in dB/cm/MHz.
    fibrous
        Share of the gland that is fibrous and bright, 0 to 1.
    rib_mm
        Lateral place of a rib, with its shadow; far away for none.
    """

    skin_mm: float
    fat_mm: float
    gland_mm: float
    muscle_mm: float
    echoes: tuple[float, float, float]
    losses: tuple[float, float, float]
    fibrous: float
    rib_mm: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A mass in the breast.

    Parameters
    ----------
    shape
        Its outline; depth is along y.
    echo
        Amplitude of scattering inside.
    mottle
        Spread of the logarithm of that amplitude from place to place.
    loss
        Attenuation inside, in dB/cm/MHz: low brightens what lies behind, high shadows it.
    wall
        Jump of impedance at the outline.
    rim_mm, rim
        Width and amplitude of the reaction around it.
    """

    shape: Blob
    echo: float
    mottle: float
    loss: float
    wall: float
    rim_mm: float
    rim: float


def draw_breast(rng: Generator, depth_mm: float) -> Breast:
    """Draw the layers of a breast, about as thick as the depth shown."""
    share = rng.dirichlet((9, 12, 7)) * (0.95 * depth_mm)
    return Breast(
        skin_mm=rng.uniform(1.2, 2.4),
        fat_mm=float(share[0]),
        gland_mm=float(share[1]),
        muscle_mm=float(0.5 * share[2] + 4),
        echoes=(rng.uniform(0.22, 0.4), rng.uniform(0.8, 1.4), rng.uniform(0.22, 0.45)),
        losses=(rng.uniform(0.35, 0.6), rng.uniform(0.5, 0.9), rng.uniform(0.8, 1.2)),
        fibrous=rng.uniform(0.2, 0.8),
        rib_mm=rng.uniform(-25, 25) if rng.random() < 0.4 else 1e3,
    )


def insonify(
    breast: Breast, findings: tuple[Finding, ...], x: Field, y: Field, rng: Generator
) -> Tissue:
    """Return the acoustic maps of a breast with its findings.

    Parameters
    ----------
    breast
        The layers.
    findings
        Masses, laid over the layers in turn.
    x, y
        Lateral place, shape (1, lines), and depth below the skin, shape (S, 1), in mm.
    rng
        Source of textures.
    """
    texture = _Texture(x, y, rng)
    skin, fat, gland, muscle = _boundaries(breast, texture)
    echo = _fat(breast, texture)
    loss = np.full((len(y), x.shape[1]), breast.losses[0], dtype=np.float32)
    impedance = 0.25 * (y > skin) + 0.35 * (y > fat) + 0.4 * (y > gland) + 3.0 * (y > muscle)
    for surface, matter, weaken in (
        (fat, _gland(breast, texture), breast.losses[1]),
        (gland, _muscle(breast, texture), breast.losses[2]),
        (muscle, 0.5 * _muscle(breast, texture), 2.4),
    ):
        share = ramp(y - surface, -0.3, 0.3)
        echo, loss = paint(echo, share, matter), paint(loss, share, weaken)
    echo = paint(echo, 1 - ramp(y - skin, -0.15, 0.15), 1.3)
    rib = fill(1 - np.hypot((x - breast.rib_mm) / 7.5, (y - muscle + 1.5) / 3.2), 0.1)
    echo, loss = paint(echo, rib, 0.5), paint(loss, rib, 9.0)
    impedance = impedance + 2.0 * (rib > 0.5)
    for finding in findings:
        depth = finding.shape.depth(x, y, np.zeros((1, 1), dtype=np.float32))
        share = fill(depth, 0.25)
        near = np.exp(-np.maximum(-depth, 0) / np.float32(max(finding.rim_mm, 0.05)))
        echo = paint(echo, near * np.float32(finding.rim_mm > 0), finding.rim * texture.grain(1.5))
        echo = paint(echo, share, finding.echo * np.exp(finding.mottle * texture.smooth(0.9)))
        loss = paint(loss, share, finding.loss)
        impedance = np.where(depth > 0, np.float32(finding.wall), impedance)
    edges = np.diff(impedance, axis=0, prepend=impedance[:1]).astype(np.float32)
    return Tissue(echo, loss, edges * texture.grain(2.0))


class _Texture:
    """Draws textures on a coarse grid and reads them at the places of the scan."""

    def __init__(self, x: Field, y: Field, rng: Generator) -> None:
        self._rng = rng
        self._rows = _cells(y.ravel(), MARGIN_MM)
        self._columns = _cells(x.ravel(), MARGIN_MM)
        self.size = (int(self._rows[0].max()) + 2, int(self._columns[0].max()) + 2)

    def read(self, field: Field) -> Field:
        row, down = self._rows
        lines = field[row] + down[:, None] * (field[row + 1] - field[row])
        column, across = self._columns
        values: Field = lines[:, column] + across * (lines[:, column + 1] - lines[:, column])
        return values

    def smooth(self, scale_mm: float, flat: float = 1.0) -> Field:
        spacing = (COARSE_MM * flat, COARSE_MM)
        return self.read(smooth_field(self.size, spacing, scale_mm, self._rng))

    def banded(self, wavelength_mm: float, flat: float = 1.0) -> Field:
        spacing = (COARSE_MM * flat, COARSE_MM)
        return self.read(banded_field(self.size, spacing, wavelength_mm, self._rng))

    def grain(self, scale_mm: float) -> Field:
        """Return positive values about 1."""
        grain: Field = np.exp(0.45 * self.smooth(scale_mm))
        return grain

    def line(self, scale_mm: float) -> Field:
        """Return a curve over x, shape (1, lines)."""
        values = smooth_field((self.size[1],), (COARSE_MM,), scale_mm, self._rng)
        column, across = self._columns
        curve: Field = values[column] + across * (values[column + 1] - values[column])
        return curve[None]


def _cells(places: Field, margin_mm: float) -> tuple[npt.NDArray[np.intp], Field]:
    index = (places - places.min() + np.float32(margin_mm)) / np.float32(COARSE_MM)
    low = np.floor(index).astype(np.intp)
    return low, (index - low).astype(np.float32)


def _boundaries(breast: Breast, texture: _Texture) -> tuple[Field, Field, Field, Field]:
    skin = breast.skin_mm + 0.12 * texture.line(5)
    fat = skin + breast.fat_mm + 1.6 * texture.line(5.5) + 0.5 * texture.line(2)
    sweep = 1.5 * texture.line(18)
    gland = np.maximum(fat + 3, skin + breast.fat_mm + breast.gland_mm + sweep)
    return skin, fat, gland, gland + breast.muscle_mm + 0.8 * texture.line(12)


def _fat(breast: Breast, texture: _Texture) -> Field:
    lobules = np.exp(0.25 * texture.smooth(2.5))
    folds = texture.banded(11, flat=2.0) + 0.4 * texture.smooth(2)
    ligament = np.exp(-((folds / 0.2) ** 2)) * ramp(texture.smooth(3.5), -0.2, 1.2)
    echo: Field = breast.echoes[0] * lobules + 0.6 * breast.echoes[1] * ligament
    return echo


def _gland(breast: Breast, texture: _Texture) -> Field:
    bright = ramp(texture.smooth(1.8, flat=2.2) + 2 * np.float32(breast.fibrous - 0.5), -1.2, 0.9)
    ducts = np.exp(-((texture.banded(6.5, flat=2.6) / 0.3) ** 2))
    echo: Field = breast.echoes[1] * (0.3 + 0.8 * bright) * (1 - 0.5 * ducts)
    return echo


def _muscle(breast: Breast, texture: _Texture) -> Field:
    stria = texture.banded(9, flat=7.0)
    echo: Field = breast.echoes[2] * (0.55 + 1.6 * np.exp(-((stria / 0.35) ** 2)))
    return echo
