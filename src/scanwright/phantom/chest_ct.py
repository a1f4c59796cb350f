"""Axial chest CT: normal, or with a nodule."""

import numpy as np
from numpy.random import Generator

from scanwright.image import Floats, Geometry, Image, Modality
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.chest import MUSCLE, Chest, bones, draw_chest, vessels
from scanwright.phantom.ct import HIGHEST_HU, LOWEST_HU, CtSetting, scan
from scanwright.phantom.field import Field, smooth_field
from scanwright.phantom.order import Order, Picture
from scanwright.phantom.shapes import fill, paint
from scanwright.phantom.tubes import Tubes, chain, deposit

FINDINGS = ("normal", "nodule")
"""Classes."""

FINE = 2
"""Elements of the phantom per element of the picture, along each edge."""


def simulate_chest_ct(order: Order) -> Picture:
    """Simulate axial slices through the lungs, in HU."""
    chest = draw_chest(order.rng("anatomy"), order.sex, arms_raised=True)
    setting, shift = draw_setting(order.site_rng(), order.rng("pose"))
    place = order.rng("place")
    level = place.uniform(-45, 62)
    count = max(order.slices, 1)
    heights = level + (np.arange(count) - (count - 1) / 2) * setting.thickness_mm
    heights = heights + order.rng("pose").spawn(1)[0].normal(0, 0.8)
    finding, extra = _draw_finding(chest, heights, order)
    tree = order.rng("anatomy").spawn(1)[0]
    frame = bones(chest, tree)
    flow = [vessels(chest, tree), *extra]
    texture, noise = order.rng("texture"), order.rng("noise")
    fine_mm = setting.field_mm / (FINE * order.size)
    edge = _places(FINE * order.size, fine_mm)
    x, y = edge[None, :] - np.float32(shift[0]), edge[:, None] - np.float32(shift[1])
    volume = np.empty((count, order.size, order.size), dtype=np.int16)
    for number, height in enumerate(heights):
        z = np.full((1, 1), height, dtype=np.float32)
        soft = chest.density(x, y, z, fine_mm)
        lung = fill(chest.lung_depth(x, y, z), fine_mm)
        soft = soft * _grain(soft.shape, fine_mm, lung, y, texture)
        slab = (float(height), setting.thickness_mm)
        for tubes in flow:
            soft = soft + _cut(tubes, slab, (x, y), fine_mm)
        if finding is not None:
            soft = paint(soft, fill(finding.depth(x, y, z), fine_mm) * lung, MUSCLE)
        bone = sum(_cut(tubes, slab, (x, y), fine_mm) for tubes in frame)
        soft = soft + _table(x + shift[0], y, chest, fine_mm)
        hu = scan(soft, np.asarray(bone), order.size, setting, noise)
        volume[number] = np.clip(np.round(hu), LOWEST_HU, HIGHEST_HU)
    labels = np.zeros(volume.shape, dtype=np.uint8)
    coarse_mm = setting.field_mm / order.size
    grid = _places(order.size, coarse_mm)
    if finding is not None:
        at = (grid[None, None] - shift[0], grid[None, :, None] - shift[1])
        labels[finding.depth(*at, heights[:, None, None]) > 0] = 1
    origin = (float(grid[0] - shift[0]), float(grid[0] - shift[1]), float(heights[0]))
    spacing = (setting.thickness_mm, coarse_mm, coarse_mm)
    if order.slices == 0:
        volume, labels, spacing = volume[0], labels[0], spacing[1:]
    image = Image(
        volume[None],
        Geometry.axial(spacing, origin),
        Modality.CT,
        "HU",
        about={"peak_kv": setting.peak_kv, "slice_thickness_mm": setting.thickness_mm},
    )
    side = "" if finding is None else ("L" if finding.centre[0] > 0 else "R")
    return Picture(image, labels, ("nodule",), "CHEST", laterality=side)


def draw_setting(site: Generator, pose: Generator) -> tuple[CtSetting, tuple[float, float]]:
    """Draw a site's scanner with one patient on its table, and the patient's displacement."""
    setting = CtSetting(
        peak_kv=float(site.choice([80.0, 100.0, 120.0])),
        filter_mm=6.0,
        quanta=10 ** (site.uniform(4.7, 5.3) + pose.normal(0, 0.1)),
        electronic=8.0,
        angles=192,
        sharpness=site.uniform(0.6, 1.0),
        field_mm=site.uniform(345, 385) + pose.normal(0, 14),
        thickness_mm=float(site.choice([2.5, 3.0, 5.0])),
    )
    return setting, (pose.normal(0, 8), pose.normal(0, 8))


def _draw_finding(chest: Chest, heights: Floats, order: Order) -> tuple[Blob | None, list[Tubes]]:
    # What is not a nodule but as bright: a band (scar, fissure, vessel in the plane), in all.
    rng, place = order.rng("finding"), order.rng("place").spawn(1)[0]
    radius = rng.uniform(6, 12)
    spot = _lung_spot(chest, heights, 0.7 * radius, place)
    bands = [_band(_lung_spot(chest, heights, 5, place), rng) for _ in range(rng.poisson(1.0))]
    shape = draw_blob(spot, (radius, radius * 0.95, radius * 0.9), 0.22, rng)
    if order.finding == "nodule":
        return shape, bands
    return None, [*bands, _band(spot, rng)]


def _band(spot: tuple[float, float, float], rng: Generator) -> Tubes:
    heading = rng.normal(0, 1, 3) * np.array([1, 1, 0.1])
    heading *= rng.uniform(26, 48) / np.linalg.norm(heading)
    share = np.linspace(-0.5, 0.5, 8)[:, None]
    bow = (0.25 - share**2) * rng.normal(0, 10, 3)
    return chain(np.array(spot) + share * heading + bow, (9.0, rng.uniform(2, 3.4)), 0.75)


def _lung_spot(
    chest: Chest, heights: Floats, margin_mm: float, rng: Generator
) -> tuple[float, float, float]:
    z = rng.uniform(heights.min(), heights.max() + 1e-6) + rng.normal(0, 1.5)
    wide = rng.uniform(-1, 1, (600, 2)) * [chest.half_width_mm, chest.half_depth_mm]
    height = np.full(600, z)
    depth = chest.lung_depth(wide[:, 0], wide[:, 1], height)
    chosen = int(np.argmax(depth > margin_mm)) if (depth > margin_mm).any() else int(depth.argmax())
    return float(wide[chosen, 0]), float(wide[chosen, 1]), float(z)


def _places(count: int, step_mm: float) -> Field:
    places: Field = ((np.arange(count) - (count - 1) / 2) * step_mm).astype(np.float32)
    return places


def _grain(size: tuple[int, ...], mm: float, lung: Field, y: Field, rng: Generator) -> Field:
    # Lung is denser where it hangs (towards the back) and uneven; solid tissue hardly so.
    mottle = 0.09 * smooth_field(size, (mm, mm), 2.0, rng)
    grain: Field = 1 + lung * (mottle + y * np.float32(0.0022)) + (1 - lung) * 0.06 * mottle
    return grain


def _cut(tubes: Tubes, slab: tuple[float, float], places: tuple[Field, Field], mm: float) -> Field:
    height, thick = slab
    x, y = places
    points, mass = tubes.between(height - thick, height + thick).masses(0.7 * mm)
    share = 1 - np.abs(points[:, 2] - height) / thick
    seen = share > 0
    index = np.stack([(points[:, 1] - y[0, 0]) / mm, (points[:, 0] - x[0, 0]) / mm], axis=1)
    total = deposit(index[seen], (mass * share)[seen], (y.shape[0], x.shape[1]))
    density: Field = (total / (mm * mm * thick / 1000)).astype(np.float32)
    return density


def _table(x: Field, y: Field, chest: Chest, mm: float) -> Field:
    below = np.float32(chest.half_depth_mm + 0.8 * sum(chest.wall_mm) + 6)
    sag = below + 14 - (x / 60) ** 2 * 2
    shell = fill(1.3 - np.abs(y - sag), mm) * (np.abs(x) < 190)
    foam = fill(np.minimum(sag - y, y - below + 2), mm) * (np.abs(x) < 190)
    table: Field = 0.55 * shell + 0.03 * foam * (1 - shell)
    return table
