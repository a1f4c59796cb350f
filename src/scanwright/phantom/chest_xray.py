"""Frontal chest X-rays: normal, with a consolidation, or with nodules."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from scanwright.image import Box, Floats, Geometry, Image, Modality
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.chest import MUSCLE, Chest, airways, draw_chest, great_vessels, vessels
from scanwright.phantom.field import smooth_field
from scanwright.phantom.order import Order, Picture, bounding_box
from scanwright.phantom.placing import place_apart
from scanwright.phantom.shapes import ramp
from scanwright.phantom.skeleton import bones
from scanwright.phantom.tubes import Tubes, chain
from scanwright.phantom.xray import DEEPEST, FOCUS_MM, Beam, XraySetting, expose, present

FINDINGS = ("normal", "consolidation", "nodule")
"""Classes; the first two unless others are asked for."""


@dataclass(frozen=True, slots=True)
class Opacity:
    """Something in the lung that should be air.

    Parameters
    ----------
    shape
        Its outline.
    density
        g/cm³ beyond lung.
    fuzz_mm
        Over which its surface fades, to both sides; negative for a haze, which has no surface:
        it fades inwards, all the way to the middle.
    patchy
        Spread of the logarithm of its density.
    """

    shape: Blob
    density: float
    fuzz_mm: float
    patchy: float


def simulate_chest_xray(order: Order) -> Picture:
    """Simulate one frontal X-ray, seen from the front: the patient's left is on the right."""
    chest = draw_chest(order.rng("anatomy"), order.sex, arms_raised=False)
    setting = draw_setting(order.site_rng(), order.rng("pose"))
    beam = Beam(order.size, setting)
    soft = beam.soft_path(chest, max(4.0, 2 * beam.spacing_mm))
    lungs = order.rng("texture")
    tree = order.rng("anatomy").spawn(1)[0]
    for flow in (vessels(chest, tree), *great_vessels(chest, 0.0), *airways(chest)):
        soft += beam.path(flow)
    bone = np.zeros(soft.shape)
    for tubes in bones(chest, tree):
        bone += beam.path(tubes)
    labels = np.zeros(soft.shape, dtype=np.uint8)
    boxes: tuple[Box, ...] = ()
    opacities, scars = draw_opacities(chest, order)
    for opacity in opacities:
        thickness, mass = cast(beam, opacity, lungs)
        soft += mass
        if opacity.fuzz_mm >= 0:
            labels[thickness > 0] = 1
            boxes += bounding_box(thickness > 0, order.finding)
    for scar in scars:
        soft += beam.path(scar)
    grey = present(expose(np.maximum(soft, 0), bone, setting, order.rng("noise")), setting)
    image = Image(
        grey[None],
        Geometry.detector((beam.spacing_mm, beam.spacing_mm)),
        Modality.XRAY,
        about={"peak_kv": round(setting.peak_kv, 1), "bits": float(DEEPEST.bit_length())},
    )
    name = order.finding if order.finding != "normal" else FINDINGS[1]
    return Picture(image, labels, (name,), boxes, "CHEST", "PA")


def draw_setting(site: Generator, pose: Generator) -> XraySetting:
    """Draw a site's machine, and one exposure on it."""
    return XraySetting(
        peak_kv=float(np.clip(site.uniform(80, 125) + pose.normal(0, 4), 60, 140)),
        filter_mm=site.uniform(2.5, 4.5),
        quanta=10 ** (site.uniform(4.2, 5.2) + pose.normal(0, 0.15)),
        scatter=max(0.05, site.uniform(0.2, 0.6) + pose.normal(0, 0.08)),
        blur=site.uniform(0.35, 0.6),
        field_mm=site.uniform(350, 385) + pose.normal(0, 12),
        gamma=site.uniform(1.0, 1.5) * np.exp(pose.normal(0, 0.1)),
        sharpen=site.uniform(0.2, 0.8) + pose.uniform(0, 0.2),
        offset_mm=(pose.normal(0, 10), pose.normal(-8, 11)),
        turn_degrees=pose.normal(0, 2.5),
    )


def draw_opacities(chest: Chest, order: Order) -> tuple[list[Opacity], list[Tubes]]:
    """Draw the finding first, if any, and the look-alikes that every chest may have.

    A normal chest has a haze, without a surface, wherever a nodule would have been, and all have
    more of them and scars: brightness tells little, surface and texture do.
    """
    rng, place = order.rng("finding"), order.rng("place")
    density = MUSCLE - chest.lung_density
    if order.lesions is not None:
        found = _asked_nodules(chest, density, order)
    elif order.finding == "consolidation":
        found = [_consolidation(chest, density, rng, place)]
    else:
        found = _nodules(chest, density, rng, place)
        if order.finding == "normal":
            found = [_haze(one.shape.centre, 0.4 * _mass(one), rng) for one in found]
    for _ in range(rng.poisson(1)):
        mass = 4 / 3 * np.pi * rng.uniform(11, 18) ** 3 * density
        found.append(_haze(lung_spot(chest, 8, place), mass, rng))
    scars = [_scar(lung_spot(chest, 8, place), density, rng) for _ in range(1 + rng.poisson(1))]
    return found, scars


def _nodules(chest: Chest, density: float, rng: Generator, place: Generator) -> list[Opacity]:
    made = []
    for _ in range(2 + rng.poisson(2)):
        radius = rng.uniform(12, 21)
        spot = lung_spot(chest, 0.7 * radius, place)
        shape = draw_blob(spot, (radius, radius * 0.95, radius * 0.9), 0.14, rng)
        made.append(Opacity(shape, density, 0.0, 0.0))
    return made


def _asked_nodules(chest: Chest, density: float, order: Order) -> list[Opacity]:
    rng, place = order.rng("finding"), order.rng("place")
    radii = [lesion.diameter_mm / 2 for lesion in order.lesions or ()]
    spots = place_apart(lambda radius: lung_spot(chest, radius, place), radii, 4.0, axes=(0, 2))
    made = []
    for radius, spot in zip(radii, spots, strict=True):
        shape = draw_blob(spot, (radius, radius * 0.95, radius * 0.9), 0.14, rng)
        made.append(Opacity(shape, density, 0.0, 0.0))
    return made


def _mass(opacity: Opacity) -> float:
    return opacity.shape.volume_mm3 * opacity.density


def _haze(spot: tuple[float, float, float], mass: float, rng: Generator) -> Opacity:
    radius = rng.uniform(30, 40)
    shape = draw_blob(spot, (radius, radius, radius), 0.0, rng)
    # A ramp from the surface to the centre fills a fifth of a ball, so the mass is kept.
    return Opacity(shape, mass / (0.2 * shape.volume_mm3), -radius, 0.2)


def _scar(spot: tuple[float, float, float], density: float, rng: Generator) -> Tubes:
    heading = rng.normal(0, 1, 3) * np.array([1, 0.3, 0.7])
    heading *= rng.uniform(22, 45) / np.linalg.norm(heading)
    share = np.linspace(-0.5, 0.5, 8)[:, None]
    bow = (0.25 - share**2) * rng.normal(0, 8, 3)
    return chain(np.array(spot) + share * heading + bow, (2.6, 5.5), density)


def _consolidation(chest: Chest, density: float, rng: Generator, place: Generator) -> Opacity:
    radii = (rng.uniform(24, 36), rng.uniform(26, 40), rng.uniform(22, 36))
    shape = draw_blob(lung_spot(chest, 14, place), radii, 0.3, rng)
    return Opacity(shape, 0.62 * density, 5.0, 0.5)


def lung_spot(chest: Chest, margin_mm: float, rng: Generator) -> tuple[float, float, float]:
    """Draw a place in the lungs that a frontal view shows: not behind heart or diaphragm."""
    count = 300
    low = np.array([-0.95 * chest.half_width_mm, -0.8 * chest.half_depth_mm, chest.dome_mm[1]])
    high = np.array([0.95 * chest.half_width_mm, 0.8 * chest.half_depth_mm, chest.apex_mm - 25])
    points = low + rng.random((count, 3)) * (high - low)
    x, y, z = points.T
    line = np.linspace(-0.6, 0.6, 7)[:, None] * chest.half_depth_mm
    open_share = (chest.lung_depth(x, line, z) > 2).mean(axis=0)
    fits = (chest.lung_depth(x, y, z) > margin_mm) & (open_share > 0.8)
    chosen = int(np.argmax(fits))
    return float(x[chosen]), float(y[chosen]), float(z[chosen])


def cast(beam: Beam, opacity: Opacity, rng: Generator) -> tuple[Floats, Floats]:
    """Project one opacity.

    Returns
    -------
    Shape (Y, X) each: the length of each ray inside the outline in mm, and the mass on it in
    g/cm².
    """
    shape, size = opacity.shape, beam.size
    length, mass = np.zeros((size, size)), np.zeros((size, size))
    index, grow = beam.place(np.array([shape.centre]))
    reach = shape.reach_mm + max(opacity.fuzz_mm, 0)
    half = reach * grow[0] / beam.spacing_mm + 2
    low = np.clip(np.floor(index[0] - half).astype(int), 0, size)
    high = np.clip(np.ceil(index[0] + half).astype(int) + 1, 0, size)
    box = (slice(low[0], high[0]), slice(low[1], high[1]))
    rays = beam.directions()[box]
    if rays.size == 0:
        return length, mass
    steps = 32
    step = 2 * reach / steps
    y = shape.centre[1] + reach - step * (np.arange(steps) + 0.5)
    along = (beam.focus[1] - y) / -rays[..., 1:2]
    depth = shape.depth(rays[..., :1] * along, y, rays[..., 2:] * along)
    share = (depth > 0).astype(np.float64)
    if opacity.fuzz_mm > 0:
        share = ramp(depth, -opacity.fuzz_mm, opacity.fuzz_mm).astype(np.float64)
    elif opacity.fuzz_mm < 0:
        share = ramp(depth, 0, -opacity.fuzz_mm).astype(np.float64)
    slant = step / -rays[..., 1]
    length[box] = (depth > 0).sum(axis=-1) * slant
    mass[box] = share.sum(axis=-1) * slant / 10 * opacity.density
    if opacity.patchy > 0:
        mm = beam.spacing_mm * (beam.focus[1] - shape.centre[1]) / FOCUS_MM
        patch = np.exp(opacity.patchy * smooth_field((size, size), (mm, mm), 4.0, rng))
        mass *= patch / np.exp(opacity.patchy**2 / 2)
    return length, mass
