"""Breast ultrasound: a benign or a malignant mass, or none."""

import numpy as np
from numpy.random import Generator

from scanwright.image import Box, Geometry, Image, Modality
from scanwright.phantom.blob import draw_blob
from scanwright.phantom.breast import Finding, draw_breast, insonify
from scanwright.phantom.order import Order, Picture, bounding_box
from scanwright.phantom.placing import Place, place_apart
from scanwright.phantom.ultrasound import (
    UltrasoundSetting,
    compensate,
    compress,
    flat_places,
    line_grid,
    picture_grid,
    poor_contact,
    received,
    scan_convert,
    spacing_mm,
)

FINDINGS = ("benign", "malignant", "normal")
"""Classes; the first two unless others are asked for."""

PROTOCOLS = ("linear", "curved")
"""Probes."""


def simulate_breast_ultrasound(order: Order) -> Picture:
    """Simulate one picture of a breast, the probe at the top."""
    setting = draw_setting(order)
    breast = draw_breast(order.rng("anatomy"), setting.depth_mm)
    found = draw_findings(order, setting.depth_mm)
    depth, across = line_grid(setting, max(128, int(1.25 * order.size)))
    x, y = flat_places(setting, depth, across)
    masses = tuple(finding for _, finding in found)
    tissue = insonify(breast, masses, x, y, order.rng("texture"))
    tissue = poor_contact(tissue, setting, order.rng("pose").spawn(1)[0])
    noise = order.rng("noise")
    echoes = compensate(received(tissue, setting, noise), setting, noise)
    envelope, inside = scan_convert(np.abs(echoes), setting, order.size)
    grey = compress(envelope, setting) * inside
    labels = np.zeros(grey.shape, dtype=np.uint8)
    names = tuple(sorted({name for name, _ in found})) or (FINDINGS[0],)
    boxes: tuple[Box, ...] = ()
    where = flat_places(setting, *picture_grid(setting, order.size))
    for name, finding in found:
        mask = (finding.shape.depth(*where, np.zeros((1, 1))) > 0) & (inside > 0)
        labels[mask] = 1 + names.index(name)
        boxes += bounding_box(mask, name)
    mm = spacing_mm(setting, order.size)
    image = Image(
        np.round(255 * grey).astype(np.uint8)[None],
        Geometry.detector((mm, mm)),
        Modality.ULTRASOUND,
        about={"frequency_mhz": setting.frequency_mhz, "probe": order.protocol or PROTOCOLS[0]},
    )
    side = "L" if order.rng("person").random() < 0.5 else "R"
    return Picture(image, labels, names, boxes, "BREAST", laterality=side)


def draw_setting(order: Order) -> UltrasoundSetting:
    """Draw a site's probe, set by hand for one picture."""
    site, pose = order.site_rng(), order.rng("pose")
    curved = order.protocol == "curved"
    frequency = site.uniform(4.5, 6) if curved else site.uniform(6, 8.5)
    depth = (site.uniform(34, 42) + pose.normal(0, 2)) * (1.5 if curved else 1)
    return UltrasoundSetting(
        frequency_mhz=frequency,
        bandwidth=site.uniform(0.5, 0.75),
        focus_mm=float(np.clip(pose.normal(0.5, 0.1) * depth, 8, depth)),
        aperture_mm=site.uniform(8, 12),
        depth_mm=depth,
        radius_mm=40.0 if curved else 0.0,
        width=64.0 if curved else site.uniform(40, 46),
        gain_db_per_mm=2 * frequency / 10 * (0.62 + pose.normal(0, 0.12)),
        range_db=site.uniform(48, 60),
        gain_db=site.normal(0, 2) + pose.normal(0, 4.5),
        noise_db=site.uniform(50, 60),
    )


def draw_findings(order: Order, depth_mm: float) -> tuple[tuple[str, Finding], ...]:
    """Draw the masses that are asked for, or the one of the class, each with its name."""
    if order.lesions is None:
        normal = order.finding == "normal"
        return () if normal else ((order.finding, draw_finding(order, depth_mm)),)
    rng, place = order.rng("finding"), order.rng("place")
    scale = depth_mm / 38

    def draw(radius_mm: float) -> Place:
        deep = place.uniform(4 + radius_mm, max(5 + radius_mm, 0.8 * depth_mm - radius_mm))
        return scale * place.uniform(-15, 15), deep, 0.0

    radii = [lesion.diameter_mm / 2 for lesion in order.lesions]
    places = place_apart(draw, radii, 2.0)
    return tuple(
        (lesion.name, draw_mass(lesion.name, radius, spot, rng))
        for lesion, radius, spot in zip(order.lesions, radii, places, strict=True)
    )


def draw_finding(order: Order, depth_mm: float) -> Finding:
    """Draw the mass of a class, its size and place."""
    rng, place = order.rng("finding"), order.rng("place")
    scale = depth_mm / 38
    radius = scale * rng.uniform(3.4, 6.6)
    centre = (scale * place.uniform(-13, 13), place.uniform(0.25, 0.65) * depth_mm, 0.0)
    return draw_mass(order.finding, radius, centre, rng)


def draw_mass(name: str, radius: float, centre: Place, rng: Generator) -> Finding:
    """Draw a mass of a given size, in mm, at a given place.

    How dark it is and what lies behind it overlap between the classes, as fibrous masses shadow
    and soft cancers do not: outline, inside and rim tell them apart.
    """
    if name == "malignant":
        radii = (radius * rng.uniform(0.85, 1.15), radius * rng.uniform(0.9, 1.1), radius)
        shape = draw_blob(centre, radii, rng.uniform(0.36, 0.48), rng, upright=True)
        loss, rim = rng.uniform(0.3, 1.9), rng.uniform(0.9, 1.4)
        return Finding(shape, 10 ** rng.uniform(-1.7, -0.8), 0.7, loss, 0.3, 1.0, rim)
    radii = (radius * rng.uniform(1.1, 1.35), radius * rng.uniform(0.75, 0.9), radius)
    shape = draw_blob(centre, radii, 0.06, rng, upright=True)
    if rng.random() < 0.45:
        return Finding(shape, 10 ** rng.uniform(-2.1, -1.5), 0.2, rng.uniform(0.1, 0.4), 0.9, 0, 0)
    loss = rng.uniform(0.3, 1.9)
    return Finding(shape, 10 ** rng.uniform(-1.3, -0.6), 0.15, loss, 0.5, 0, 0)
