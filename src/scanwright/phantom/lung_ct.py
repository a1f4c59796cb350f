"""Thin-slice CT of part of a lung: nodules among vessels that look like them, in under a second.

Projecting every slice costs minutes per volume. Filtered back-projection is linear, so what it does
to a slice is applied to the slice itself: it passes each frequency f by the kernel's window W(f),
and its noise has the power spectrum f W(f)² (Riederer, Pelc and Chesler 1978).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Box, Floats, Geometry, Image, Modality
from scanwright.phantom.attenuation import tube_spectrum
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.chest import (
    BLOOD,
    MUSCLE,
    Chest,
    airways,
    draw_chest,
    great_vessels,
    vessels,
)
from scanwright.phantom.ct import HIGHEST_HU, LOWEST_HU
from scanwright.phantom.field import Field, smooth_field
from scanwright.phantom.order import Order, Picture, bounding_box
from scanwright.phantom.placing import Place, place_apart
from scanwright.phantom.shapes import fill, paint
from scanwright.phantom.skeleton import bones
from scanwright.phantom.tubes import Tubes, chain, deposit, grow_tree

NODULE = "nodule"
"""The one finding."""
SPACING_MM = (0.85, 1.2)
"""Smallest and largest edge of an element."""
SOLID = 0.7
"""Share of nodules that are dense through and through; the others are as thin as ground glass."""


@dataclass(frozen=True, slots=True)
class ThinSetting:
    """How one series is scanned and reconstructed.

    Parameters
    ----------
    peak_kv, filter_mm
        Tube voltage, and filter of aluminium.
    noise_hu
        Standard deviation of the noise in the shown image.
    sharpness
        Share of the Nyquist frequency at which the kernel has fallen to half.
    spacing_mm
        Edge of an element in the slice.
    thickness_mm
        Distance of slices.
    """

    peak_kv: float
    filter_mm: float
    noise_hu: float
    sharpness: float
    spacing_mm: float
    thickness_mm: float


@dataclass(frozen=True, slots=True)
class Nodule:
    """A nodule with its density in g/cm³, and over how many mm its surface fades."""

    shape: Blob
    density: float
    fuzz_mm: float


@dataclass(frozen=True, slots=True)
class Block:
    """Where the elements lie: x, y and z of a grid in mm, of shapes (X,), (Y,) and (Z,)."""

    x: Field
    y: Field
    z: Field

    @property
    def size(self) -> tuple[int, int, int]:
        """Elements per axis, slow → fast."""
        return len(self.z), len(self.y), len(self.x)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbours per axis, slow → fast."""
        z, y, x = (float(axis[1] - axis[0]) for axis in (self.z, self.y, self.x))
        return z, y, x

    def places(self, part: tuple[slice, ...] = (slice(None),) * 3) -> tuple[Field, Field, Field]:
        """Return x, y and z of a part of the block, in shapes that broadcast to it."""
        return (
            self.x[part[2]][None, None],
            self.y[part[1]][None, :, None],
            self.z[part[0]][:, None, None],
        )

    def around(self, centre: Place, reach_mm: float) -> tuple[slice, ...]:
        """Return the part within reach of a point; empty where the block does not come near."""
        parts = []
        for axis, middle in zip((self.z, self.y, self.x), reversed(centre), strict=True):
            low, high = np.searchsorted(axis, [middle - reach_mm, middle + reach_mm])
            parts.append(slice(int(low), int(high)))
        return tuple(parts)

    def density(self, parts: Sequence[tuple[Tubes, float]]) -> Field:
        """Return what tubes add to the density around, in g/cm³, each with its weight."""
        step = np.array(self.spacing_mm)
        axes = (self.z, self.y, self.x)
        low, high = (np.array([axis[end] for axis in axes], dtype=np.float64) for end in (0, -1))
        index, mass = [], []
        for tubes, weight in parts:
            points, held = self._near(tubes, low - step, high + step).masses(
                0.7 * float(step.min())
            )
            index.append((points[:, ::-1] - low) / step)
            mass.append(held * weight)
        total = deposit(np.concatenate(index), np.concatenate(mass), self.size)
        added: Field = (total / (np.prod(step) / 1000)).astype(np.float32)
        return added

    @staticmethod
    def _near(tubes: Tubes, low: Floats, high: Floats) -> Tubes:
        reach = tubes.radius_mm.max(axis=1, keepdims=True)
        first, last = low[::-1] - reach, high[::-1] + reach
        top, bottom = np.maximum(tubes.start, tubes.end), np.minimum(tubes.start, tubes.end)
        return tubes.chosen(((top > first) & (bottom < last)).all(axis=1))


def simulate_lung_ct(order: Order) -> Picture:
    """Simulate a block of thin slices, in HU, that holds most of one lung.

    The nodules are those of `order.lesions`; `order.slices` counts the slices.
    """
    setting = draw_setting(order.site_rng(), order.rng("pose"))
    chest = draw_chest(order.rng("anatomy"), order.sex, arms_raised=True)
    place = order.rng("place")
    side = -1.0 if place.random() < 0.5 else 1.0
    block = _draw_block(order, setting, side, place)
    lung = chest.lung_depth(*block.places())
    nodules = _draw_nodules(order, chest, block, (order.rng("finding"), place))
    density = _background(order, chest, block, lung, setting)
    labels = np.zeros(block.size, dtype=np.uint8)
    boxes: tuple[Box, ...] = ()
    for nodule in nodules:
        part = block.around(nodule.shape.centre, nodule.shape.reach_mm + nodule.fuzz_mm + 2)
        depth = nodule.shape.depth(*block.places(part))
        share = fill(depth, max(block.spacing_mm) + 2 * nodule.fuzz_mm)
        share = share * fill(lung[part], max(block.spacing_mm))
        density[part] = np.maximum(density[part], paint(density[part], share, nodule.density))
        mask = np.zeros(block.size, dtype=np.bool_)
        mask[part] = (depth > 0) & (lung[part] > 0)
        labels[mask] = 1
        boxes += bounding_box(mask, NODULE)
    hu = show(1000 * (density - 1), setting, order.rng("noise"))
    image = Image(
        np.clip(np.round(hu), LOWEST_HU, HIGHEST_HU).astype(np.int16)[None],
        Geometry.axial(block.spacing_mm, (float(block.x[0]), float(block.y[0]), float(block.z[0]))),
        Modality.CT,
        "HU",
        about={"peak_kv": setting.peak_kv, "slice_thickness_mm": setting.thickness_mm},
    )
    laterality = "L" if side > 0 else "R"
    return Picture(image, labels, (NODULE,), boxes, "CHEST", laterality=laterality)


def draw_setting(site: Generator, pose: Generator) -> ThinSetting:
    """Draw a site's scanner with one patient on its table."""
    return ThinSetting(
        peak_kv=float(site.choice([80.0, 100.0, 120.0])),
        filter_mm=6.0,
        noise_hu=site.uniform(25, 60) * float(np.exp(pose.normal(0, 0.15))),
        sharpness=site.uniform(0.6, 1.0),
        spacing_mm=float(np.clip(site.uniform(0.9, 1.1) + pose.normal(0, 0.04), *SPACING_MM)),
        thickness_mm=float(site.choice([0.8, 1.0, 1.25])),
    )


def _draw_block(order: Order, setting: ThinSetting, side: float, rng: Generator) -> Block:
    middle = np.array([side * rng.uniform(58, 66), rng.uniform(-12, 12), rng.uniform(-25, 40)])
    counts = (order.size, order.size, max(order.slices, 2))
    steps = (setting.spacing_mm, setting.spacing_mm, setting.thickness_mm)
    x, y, z = (
        (centre + (np.arange(count) - (count - 1) / 2) * step).astype(np.float32)
        for centre, count, step in zip(middle, counts, steps, strict=True)
    )
    return Block(x, y, z)


def _draw_nodules(
    order: Order, chest: Chest, block: Block, rngs: tuple[Generator, Generator]
) -> list[Nodule]:
    rng, place = rngs
    radii = [lesion.diameter_mm / 2 for lesion in order.lesions or ()]
    # A third of its radius from the pleura is enough: some nodules sit on it.
    spots = place_apart(lambda r: _spot(chest, block, 0.35 * r, r + 2, place), radii, 4.0)
    made = []
    for radius, spot in zip(radii, spots, strict=True):
        radii_mm = (radius, radius * rng.uniform(0.85, 1), radius * rng.uniform(0.85, 1))
        shape = draw_blob(spot, radii_mm, rng.uniform(0.08, 0.3), rng)
        if rng.random() < SOLID:
            made.append(Nodule(shape, MUSCLE * rng.uniform(0.94, 1.02), 0.0))
        else:
            made.append(Nodule(shape, chest.lung_density + rng.uniform(0.3, 0.55), 0.4))
    return made


def _spot(chest: Chest, block: Block, margin_mm: float, rim_mm: float, rng: Generator) -> Place:
    count = 400
    low = np.array([axis[0] for axis in (block.x, block.y, block.z)]) + rim_mm
    high = np.array([axis[-1] for axis in (block.x, block.y, block.z)]) - rim_mm
    points = low + rng.random((count, 3)) * np.maximum(high - low, 0)
    depth = chest.lung_depth(*points.astype(np.float32).T)
    fits = depth > margin_mm
    chosen = points[int(np.argmax(fits)) if fits.any() else int(depth.argmax())]
    return float(chosen[0]), float(chosen[1]), float(chosen[2])


def _background(
    order: Order, chest: Chest, block: Block, lung: Field, setting: ThinSetting
) -> Field:
    """Return the density without findings, bones as the tissue that weakens as much."""
    edge = max(block.spacing_mm)
    density = chest.density(*block.places(), edge)
    share = fill(lung, edge)
    # Lung is uneven, and denser where it hangs, towards the back.
    hung = block.places()[1] * np.float32(0.0022)
    density *= 1 + share * (np.float32(0.06) * _mottle(block, order.rng("texture")) + hung)
    tree = order.rng("anatomy").spawn(1)[0]
    frame = bones(chest, tree)
    twigs = _lookalikes(chest, block, order.rng("texture").spawn(1)[0])
    flow = block.density([(tubes, 1.0) for tubes in (vessels(chest, tree), *twigs)])
    # Where pieces meet their masses would add up; blood is no denser there.
    density += np.minimum(flow, np.float32(BLOOD - chest.lung_density))
    contrast = max(0.0, order.site_rng().spawn(1)[0].uniform(-0.1, 0.2))
    beam = tube_spectrum(setting.peak_kv, setting.filter_mm)
    weight = beam.attenuation("bone") / beam.attenuation("water")
    wide = (*great_vessels(chest, contrast), *airways(chest))
    density += block.density([(tubes, 1.0) for tubes in wide] + [(one, weight) for one in frame])
    return np.maximum(density, np.float32(0.001))


def _mottle(block: Block, rng: Generator) -> Field:
    """Draw an uneven texture, on half the grid for speed."""
    half = tuple(-(-count // 2) for count in block.size)
    spacing = tuple(2 * step for step in block.spacing_mm)
    field = smooth_field(half, spacing, 2.5, rng)
    for axis in range(len(half)):
        field = field.repeat(2, axis)
    return field[tuple(slice(count) for count in block.size)]


def _lookalikes(chest: Chest, block: Block, rng: Generator) -> list[Tubes]:
    """Draw what is no nodule: twigs that branch, vessels that coil, scars."""
    made = []
    for _ in range(6 + rng.poisson(4)):
        heading = rng.normal(0, 1, (2, 3))
        heading /= np.linalg.norm(heading, axis=1, keepdims=True)
        root = np.array(_spot(chest, block, 4, 0, rng))
        made.append(grow_tree(root, heading, rng.uniform(1.2, 2.6), 3, rng))
    made += [_coil(_spot(chest, block, 6, 0, rng), rng) for _ in range(2 + rng.poisson(2))]
    excess = BLOOD - chest.lung_density
    held = []
    for tubes in made:
        dense = Tubes(
            tubes.start, tubes.end, tubes.radius_mm, np.full(len(tubes.start), excess), tubes.up
        )
        held.append(dense.chosen(chest.lung_depth(*dense.end.T) > 1))
    return held


def _coil(spot: Place, rng: Generator) -> Tubes:
    """Draw a thick vessel that bends, at least five times as long as wide."""
    radius = rng.uniform(1.8, 4.2)
    length = radius * rng.uniform(11, 16)
    share = np.linspace(-0.5, 0.5, 14)[:, None]
    heading = rng.normal(0, 1, 3)
    heading *= length / np.linalg.norm(heading)
    bow = np.sin(np.pi * (2 * share + rng.uniform(0, 1))) * rng.normal(0, 0.12 * length, 3)
    return chain(np.array(spot) + share * heading + bow, (radius, radius), 1.0)


def show(hu: Field, setting: ThinSetting, rng: Generator) -> Array:
    """Return slices as a scanner with this kernel and noise reconstructs them.

    Parameters
    ----------
    hu
        Shape (Z, Y, X): what is there.
    setting
        The scanner's.
    rng
        Source of noise.
    """
    from scipy import fft

    rows, columns = hu.shape[1:]
    across = np.fft.rfftfreq(columns)[None] * 2
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None] * 2, across)
    window = np.cos(np.clip(frequency / setting.sharpness, 0, 2) * np.pi / 4) ** 2
    noise = rng.standard_normal(hu.shape, dtype=np.float32)
    power = frequency * window**2
    # Frequencies of a real signal count twice but for those of the first and last column.
    twice = np.full(across.shape, 2.0)
    twice[:, 0] = 1
    if columns % 2 == 0:
        twice[:, -1] = 1
    power *= setting.noise_hu**2 / ((power * twice).sum() / (rows * columns))
    waves = fft.rfft2(hu) * window.astype(np.float32)
    waves += fft.rfft2(noise) * np.sqrt(power).astype(np.float32)
    shown: Array = fft.irfft2(waves, s=(rows, columns))
    return shown
