"""Axial chest CT: normal, with consolidations, or with nodules."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Geometry, Image, Modality
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.chest import MUSCLE, Chest, airways, draw_chest, great_vessels, vessels
from scanwright.phantom.ct import HIGHEST_HU, LOWEST_HU, CtSetting, scan
from scanwright.phantom.field import Field, smooth_field
from scanwright.phantom.order import Order, Picture, bounding_box
from scanwright.phantom.placing import place_apart
from scanwright.phantom.shapes import fill, paint, ramp
from scanwright.phantom.skeleton import bones
from scanwright.phantom.tubes import Tubes, chain, deposit

FINDINGS = ("normal", "consolidation", "nodule")
"""Classes; the first two unless others are asked for."""

FINE = 2
"""Elements of the phantom per element of the picture, along each edge."""


@dataclass(frozen=True, slots=True)
class Opacity:
    """Something in the lung that should be air.

    Parameters
    ----------
    shape
        Its outline.
    density
        g/cm³ inside.
    fuzz_mm
        Over which its surface fades, to both sides; 0 for a sharp one.
    patchy
        How uneven it is: 0 for uniform, 1 for patches with gaps.
    """

    shape: Blob
    density: float
    fuzz_mm: float
    patchy: float


@dataclass(frozen=True, slots=True)
class _Scene:
    """A chest with all that runs through it."""

    chest: Chest
    opacities: tuple[Opacity, ...]
    soft: tuple[Tubes, ...]
    bones: tuple[Tubes, ...]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Square slices: edge of an element, and x, y and heights of their elements, in mm."""

    step_mm: float
    x: Field
    y: Field
    heights: Field
    thickness_mm: float


def simulate_chest_ct(order: Order) -> Picture:
    """Simulate axial slices through the lungs, in HU."""
    pose = order.rng("pose")
    setting, shift = draw_setting(order.site_rng(), pose)
    heights = _heights(order, setting)
    scene = _draw_scene(order, heights)
    heights = heights + pose.normal(0, 0.8)
    fine = _grid(FINE * order.size, setting, shift, heights)
    texture, noise = order.rng("texture"), order.rng("noise")
    table = _table(fine, shift[0], scene.chest)
    volume = np.empty((len(heights), order.size, order.size), dtype=np.int16)
    for number, height in enumerate(heights):
        soft, bone = _slice(scene, fine, float(height), texture)
        hu = scan(soft + table, bone, order.size, setting, noise)
        volume[number] = np.clip(np.round(hu), LOWEST_HU, HIGHEST_HU)
    coarse = _grid(order.size, setting, shift, heights)
    places = (coarse.x[None], coarse.y[None], heights[:, None, None])
    lung = scene.chest.lung_depth(*places) > 0
    masks = [(opacity.shape.depth(*places) > 0) & lung for opacity in scene.opacities]
    return _picture(volume, masks, coarse, order, setting)


def _picture(
    volume: Array, masks: list[Array], grid: _Grid, order: Order, setting: CtSetting
) -> Picture:
    labels = np.zeros(volume.shape, dtype=np.uint8)
    for mask in masks:
        labels[mask] = 1
    side = ""
    if labels.any():
        columns = grid.x[0, np.nonzero(labels)[-1]]
        side = "" if columns.min() < 0 < columns.max() else ("L" if columns.mean() > 0 else "R")
    origin = (float(grid.x[0, 0]), float(grid.y[0, 0]), float(grid.heights[0]))
    spacing: tuple[float, ...] = (setting.thickness_mm, grid.step_mm, grid.step_mm)
    if order.slices == 0:
        volume, labels, spacing = volume[0], labels[0], spacing[1:]
        masks = [mask[0] for mask in masks]
    image = Image(
        volume[None],
        Geometry.axial(spacing, origin),
        Modality.CT,
        "HU",
        about={"peak_kv": setting.peak_kv, "slice_thickness_mm": setting.thickness_mm},
    )
    name = FINDINGS[1] if order.finding == FINDINGS[0] else order.finding
    boxes = tuple(box for mask in masks for box in bounding_box(mask, order.finding))
    return Picture(image, labels, (name,), boxes, "CHEST", laterality=side)


def _heights(order: Order, setting: CtSetting) -> Field:
    count = max(order.slices, 1)
    level = order.rng("place").uniform(-45, 62)
    heights: Field = level + (np.arange(count) - (count - 1) / 2) * setting.thickness_mm
    return heights


def _grid(size: int, setting: CtSetting, shift: tuple[float, float], heights: Field) -> _Grid:
    step = setting.field_mm / size
    place = ((np.arange(size) - (size - 1) / 2) * step).astype(np.float32)
    x, y = place[None, :] - np.float32(shift[0]), place[:, None] - np.float32(shift[1])
    return _Grid(step, x, y, heights, setting.thickness_mm)


def _slice(scene: _Scene, grid: _Grid, height: float, rng: Generator) -> tuple[Field, Field]:
    chest, mm = scene.chest, grid.step_mm
    at = (grid.x, grid.y, np.full((1, 1), height, dtype=np.float32))
    lung = fill(chest.lung_depth(*at), mm)
    soft: Field = chest.density(*at, mm) * _grain(lung, grid, rng)
    for tubes in scene.soft:
        soft = soft + _cut(tubes, height, grid)
    for opacity in scene.opacities:
        share = fill(opacity.shape.depth(*at), mm + 2 * opacity.fuzz_mm) * lung
        patches = ramp(smooth_field(soft.shape, (mm, mm), 3.5, rng), -1.4, 0.6)
        share = share * (1 - np.float32(opacity.patchy) * (1 - patches))
        soft = np.maximum(soft, paint(soft, share, opacity.density))
    bone: Field = np.zeros_like(soft)
    for tubes in scene.bones:
        bone = bone + _cut(tubes, height, grid)
    return np.maximum(soft, 0.001), bone


def draw_setting(site: Generator, pose: Generator) -> tuple[CtSetting, tuple[float, float]]:
    """Draw a site's scanner with one patient on its table, and the patient's displacement."""
    setting = CtSetting(
        peak_kv=float(site.choice([80.0, 100.0, 120.0])),
        filter_mm=6.0,
        quanta=10 ** (site.uniform(4.7, 5.3) + pose.normal(0, 0.1)),
        electronic=8.0,
        angles=192,
        sharpness=site.uniform(0.6, 1.0),
        field_mm=site.uniform(335, 370) + pose.normal(0, 14),
        thickness_mm=float(site.choice([2.5, 3.0, 5.0])),
    )
    return setting, (pose.normal(0, 8), pose.normal(0, 8))


def _draw_scene(order: Order, heights: Field) -> _Scene:
    chest = draw_chest(order.rng("anatomy"), order.sex, arms_raised=True)
    tree = order.rng("anatomy").spawn(1)[0]
    frame = bones(chest, tree)
    contrast = max(0.0, order.site_rng().spawn(1)[0].uniform(-0.1, 0.2))
    flow: list[Tubes] = [vessels(chest, tree), *great_vessels(chest, contrast)]
    # What is no finding but as bright: a band (scar, fissure, vessel in the plane). All chests
    # have some; one that is normal has a band wherever an opacity would have been.
    rng, place = order.rng("finding"), order.rng("place").spawn(1)[0]
    opacities = _asked_nodules(order, chest, heights, (rng, place))
    for _ in range(1 + rng.poisson(1.0) if order.lesions is None else 0):
        opacity = _draw_opacity(order.finding, chest, heights, (rng, place))
        if order.finding == "normal":
            flow.append(_band(opacity.shape.centre, rng))
        else:
            opacities.append(opacity)
    flow += [_band(_lung_spot(chest, heights, 5, place), rng) for _ in range(rng.poisson(1.0))]
    return _Scene(chest, tuple(opacities), (*flow, *airways(chest)), frame)


def _draw_opacity(
    finding: str, chest: Chest, heights: Field, rngs: tuple[Generator, Generator]
) -> Opacity:
    rng, place = rngs
    if finding == "consolidation":
        radii = (rng.uniform(14, 32), rng.uniform(12, 26), rng.uniform(16, 30))
        shape = draw_blob(_lung_spot(chest, heights, 8, place), radii, 0.4, rng)
        return Opacity(shape, rng.uniform(0.5, 0.95), 3.0, rng.uniform(0.3, 0.8))
    radius = rng.uniform(9, 17)
    spot = _lung_spot(chest, heights, 0.7 * radius, place)
    shape = draw_blob(spot, (radius, radius * 0.95, radius * 0.9), 0.22, rng)
    return Opacity(shape, MUSCLE, 0.0, 0.0)


def _asked_nodules(
    order: Order, chest: Chest, heights: Field, rngs: tuple[Generator, Generator]
) -> list[Opacity]:
    rng, place = rngs
    radii = [lesion.diameter_mm / 2 for lesion in order.lesions or ()]
    spots = place_apart(
        lambda radius: _lung_spot(chest, heights, radius, place, 0.2 * radius), radii, 4.0
    )
    made = []
    for radius, spot in zip(radii, spots, strict=True):
        shape = draw_blob(spot, (radius, radius * 0.95, radius * 0.9), 0.22, rng)
        made.append(Opacity(shape, MUSCLE, 0.0, 0.0))
    return made


def _band(spot: tuple[float, float, float], rng: Generator) -> Tubes:
    heading = rng.normal(0, 1, 3) * np.array([1, 1, 0.1])
    heading *= rng.uniform(26, 48) / np.linalg.norm(heading)
    share = np.linspace(-0.5, 0.5, 8)[:, None]
    bow = (0.25 - share**2) * rng.normal(0, 10, 3)
    return chain(np.array(spot) + share * heading + bow, (9.0, rng.uniform(2, 3.4)), 0.75)


def _lung_spot(
    chest: Chest, heights: Field, margin_mm: float, rng: Generator, beside_mm: float = 1.5
) -> tuple[float, float, float]:
    z = rng.uniform(heights.min(), heights.max() + 1e-6) + rng.normal(0, beside_mm)
    wide = rng.uniform(-1, 1, (600, 2)) * [chest.half_width_mm, chest.half_depth_mm]
    height = np.full(600, z)
    depth = chest.lung_depth(wide[:, 0], wide[:, 1], height)
    chosen = int(np.argmax(depth > margin_mm)) if (depth > margin_mm).any() else int(depth.argmax())
    return float(wide[chosen, 0]), float(wide[chosen, 1]), float(z)


def _grain(lung: Field, grid: _Grid, rng: Generator) -> Field:
    # Lung is denser where it hangs (towards the back) and uneven; solid tissue hardly so.
    mottle = np.float32(0.09) * smooth_field(lung.shape, (grid.step_mm, grid.step_mm), 2.0, rng)
    hung = mottle + grid.y * np.float32(0.0022)
    grain: Field = 1 + lung * hung + (1 - lung) * np.float32(0.06) * mottle
    return grain


def _cut(tubes: Tubes, height: float, grid: _Grid) -> Field:
    mm, thick = grid.step_mm, grid.thickness_mm
    points, mass = tubes.between(height - thick, height + thick).masses(0.7 * mm)
    share = 1 - np.abs(points[:, 2] - height) / thick
    seen = share > 0
    rows, columns = (points[:, 1] - grid.y[0, 0]) / mm, (points[:, 0] - grid.x[0, 0]) / mm
    index = np.stack([rows, columns], axis=1)
    total = deposit(index[seen], (mass * share)[seen], (grid.y.shape[0], grid.x.shape[1]))
    return (total / (mm * mm * thick / 1000)).astype(np.float32)


def _table(grid: _Grid, shift_mm: float, chest: Chest) -> Field:
    mm = grid.step_mm
    x = grid.x + np.float32(shift_mm)
    below = np.float32(chest.half_depth_mm + 0.8 * sum(chest.wall_mm) + 6)
    sag = below + 14 - 2 * (x / 60) ** 2
    reach = np.abs(x) < 190
    shell = fill(1.3 - np.abs(grid.y - sag), mm) * reach
    foam = fill(np.minimum(sag - grid.y, grid.y - below + 2), mm) * reach
    table: Field = np.float32(0.55) * shell + np.float32(0.03) * foam * (1 - shell)
    return table
