"""Breast ultrasound: a benign or a malignant mass, or none."""

import numpy as np

from scanwright.image import Geometry, Image, Modality
from scanwright.phantom.blob import draw_blob
from scanwright.phantom.breast import Finding, draw_breast, insonify
from scanwright.phantom.order import Order, Picture
from scanwright.phantom.ultrasound import (
    UltrasoundSetting,
    compensate,
    compress,
    flat_places,
    line_grid,
    picture_grid,
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
    finding = None if order.finding == "normal" else draw_finding(order, setting.depth_mm)
    depth, across = line_grid(setting, max(128, int(1.25 * order.size)))
    x, y = flat_places(setting, depth, across)
    masses = () if finding is None else (finding,)
    tissue = insonify(breast, masses, x, y, order.rng("texture"))
    noise = order.rng("noise")
    echoes = compensate(received(tissue, setting, noise), setting, noise)
    envelope, inside = scan_convert(np.abs(echoes), setting, order.size)
    grey = compress(envelope, setting) * inside
    labels = np.zeros(grey.shape, dtype=np.uint8)
    if finding is not None:
        where = flat_places(setting, *picture_grid(setting, order.size))
        labels[(finding.shape.depth(*where, np.zeros((1, 1))) > 0) & (inside > 0)] = 1
    mm = spacing_mm(setting, order.size)
    image = Image(
        np.round(255 * grey).astype(np.uint8)[None],
        Geometry.detector((mm, mm)),
        Modality.ULTRASOUND,
        about={"frequency_mhz": setting.frequency_mhz, "probe": order.protocol or PROTOCOLS[0]},
    )
    name = order.finding if finding is not None else FINDINGS[0]
    side = "L" if order.rng("person").random() < 0.5 else "R"
    return Picture(image, labels, (name,), "BREAST", laterality=side)


def draw_setting(order: Order) -> UltrasoundSetting:
    """Draw a site's probe, set by hand for one picture."""
    site, pose = order.site_rng(), order.rng("pose")
    frequency = site.uniform(6, 8.5)
    depth = site.uniform(34, 42) + pose.normal(0, 2)
    curved = order.protocol == "curved"
    return UltrasoundSetting(
        frequency_mhz=frequency,
        bandwidth=site.uniform(0.5, 0.75),
        focus_mm=float(np.clip(pose.normal(0.5, 0.1) * depth, 8, depth)),
        aperture_mm=site.uniform(8, 12),
        depth_mm=depth,
        radius_mm=40.0 if curved else 0.0,
        width=58.0 if curved else 38.0,
        gain_db_per_mm=2 * frequency / 10 * (0.62 + pose.normal(0, 0.06)),
        range_db=site.uniform(48, 60),
        gain_db=site.normal(0, 2) + pose.normal(0, 4),
        noise_db=site.uniform(50, 60),
    )


def draw_finding(order: Order, depth_mm: float) -> Finding:
    """Draw a mass: how dark it is says nothing, its outline, inside and shadow do."""
    rng, place = order.rng("finding"), order.rng("place")
    radius = rng.uniform(4.2, 8)
    centre = (place.uniform(-10, 10), place.uniform(0.32, 0.58) * depth_mm, 0.0)
    if order.finding == "malignant":
        shape = draw_blob(centre, (radius * 0.95, radius * 1.02, radius), 0.46, rng, upright=True)
        echo = rng.uniform(0.1, 0.2)
        return Finding(shape, echo, 0.6, rng.uniform(1.3, 2.4), 0.3, 1.2, rng.uniform(0.9, 1.4))
    shape = draw_blob(
        centre, (radius * rng.uniform(1.1, 1.35), radius * 0.85, radius), 0.06, rng, upright=True
    )
    if rng.random() < 0.65:
        return Finding(shape, rng.uniform(0.008, 0.02), 0.2, 0.05, 0.9, 0, 0)
    return Finding(shape, rng.uniform(0.1, 0.22), 0.15, rng.uniform(0.35, 0.6), 0.5, 0, 0)
