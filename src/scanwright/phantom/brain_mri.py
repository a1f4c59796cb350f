"""Axial brain MRI: normal, or with a tumour and its oedema."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Floats, Geometry, Image, Modality
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.brain import (
    PROTONS,
    T1_MS,
    T2_MS,
    Brain,
    draw_brain,
    head_maps,
    laid_over,
)
from scanwright.phantom.field import Field, smooth_field
from scanwright.phantom.mri import MriSetting, acquire, coil_bias, spin_echo
from scanwright.phantom.order import Labels, Order, Picture
from scanwright.phantom.shapes import fill

FINDINGS = ("normal", "tumour")
"""Classes."""

PROTOCOLS = {"flair": (9000.0, 110.0), "t1": (500.0, 12.0), "t2": (4500.0, 95.0)}
"""TR and TE in ms."""

INVERSION_MS = {1.5: 2450.0, 3.0: 2500.0}
"""TI that silences cerebrospinal fluid, for a TR of 9 s."""

FINE = 2
"""Elements of the phantom per element of the picture, along each edge."""

Grid = tuple[Field, Field, Field]
"""x, y and z of a grid in mm, of shapes (1, 1, X), (1, Y, 1) and (Z, 1, 1)."""


def simulate_brain_mri(order: Order) -> Picture:
    """Simulate axial slices of a head."""
    brain = draw_brain(order.rng("anatomy"), order.sex, order.age_years)
    setting, shift = draw_setting(order)
    heights = _heights(order, setting)
    grid = _grid(heights, FINE * order.size, setting.field_mm, shift)
    fine_mm = setting.field_mm / (FINE * order.size)
    spacing = (setting.thickness_mm, fine_mm, fine_mm)
    maps = head_maps(brain, *grid, spacing, order.rng("anatomy").spawn(1)[0])
    finding = _draw_finding(brain, heights, order)
    mottle = smooth_field(maps["white"].shape, spacing, 3.5, order.rng("texture"))
    maps = _infiltrate(maps, finding, grid, mottle, fine_mm)
    signal = _signal(maps, setting, mottle)
    bias = coil_bias(signal.shape, spacing, setting.bias, order.rng("pose").spawn(1)[0])
    white = _tissue_signal("white", setting)
    shown = acquire(signal * bias, order.size, setting.noise * white, order.rng("noise"))
    gain = order.rng("look").uniform(250, 900) / white
    volume = np.clip(np.round(shown * gain), 0, 65535).astype(np.uint16)
    labels = _labels(finding, order, heights, setting, shift)
    return _picture(volume, labels, order, setting, (heights, shift, finding))


def draw_setting(order: Order) -> tuple[MriSetting, tuple[float, float]]:
    """Draw a site's scanner with one patient in it, and the patient's displacement."""
    site, pose = order.site_rng(), order.rng("pose")
    tesla = float(site.choice([1.5, 3.0]))
    protocol = order.protocol or next(iter(PROTOCOLS))
    repetition, echo = PROTOCOLS[protocol]
    setting = MriSetting(
        tesla=tesla,
        repetition_ms=repetition * site.uniform(0.92, 1.08) if protocol != "flair" else repetition,
        echo_ms=echo * site.uniform(0.88, 1.12),
        inversion_ms=INVERSION_MS[tesla] if protocol == "flair" else 0.0,
        bias=abs(pose.normal(0.16, 0.06)),
        noise=site.uniform(0.02, 0.06) * (1.5 / tesla) ** 0.5,
        field_mm=site.uniform(205, 225) + pose.normal(0, 5),
        thickness_mm=float(site.choice([3.0, 4.0, 5.0])),
    )
    return setting, (pose.normal(0, 4), pose.normal(0, 4))


def _heights(order: Order, setting: MriSetting) -> Floats:
    count = max(order.slices, 1)
    level = order.rng("place").uniform(-4, 36 if order.slices == 0 else 20)
    heights: Floats = level + (np.arange(count) - (count - 1) / 2) * setting.thickness_mm
    return heights


def _grid(heights: Floats, size: int, field_mm: float, shift: tuple[float, float]) -> Grid:
    place = ((np.arange(size) - (size - 1) / 2) * (field_mm / size)).astype(np.float32)
    return (
        (place - np.float32(shift[0]))[None, None, :],
        (place - np.float32(shift[1]))[None, :, None],
        heights.astype(np.float32)[:, None, None],
    )


class _Finding:
    """A tumour with its oedema, or what only looks as bright."""

    def __init__(self, tumour: Blob | None, oedema: Blob | None, patches: list[Blob]) -> None:
        self.tumour, self.oedema, self.patches = tumour, oedema, patches


def _draw_finding(brain: Brain, heights: Floats, order: Order) -> _Finding:
    # Every head has patches of bright white matter; one without a tumour has as much more.
    rng, place = order.rng("finding"), order.rng("place").spawn(1)[0]
    radius = rng.uniform(8, 15)
    spot = _spot(brain, heights, place)
    radii = (radius, radius * rng.uniform(0.8, 1.1), radius * 0.95)
    tumour = draw_blob(spot, radii, 0.3, rng)
    swell = rng.uniform(1.35, 1.75)
    oedema = draw_blob(spot, tuple(swell * r for r in radii), 0.45, rng)  # type: ignore[arg-type]  # three
    patches = [_patch(brain, heights, place, rng) for _ in range(rng.poisson(3))]
    if order.finding == "tumour":
        return _Finding(tumour, oedema, patches)
    return _Finding(None, None, patches + [_patch(brain, heights, place, rng) for _ in range(9)])


def _patch(brain: Brain, heights: Floats, place: Generator, rng: Generator) -> Blob:
    radius = rng.uniform(3, 6.5)
    return draw_blob(_spot(brain, heights, place), (radius, radius * 1.4, radius), 0.4, rng)


def _spot(brain: Brain, heights: Floats, rng: Generator) -> tuple[float, float, float]:
    turn, far = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0.1, 0.5))
    u = far * np.cos(turn) * brain.half_width_mm * 0.9
    v = far * np.sin(turn) * brain.half_length_mm * 0.9
    angle = np.deg2rad(brain.turn_degrees)
    x = u * np.cos(angle) - v * np.sin(angle) + brain.centre_mm[0]
    y = u * np.sin(angle) + v * np.cos(angle) + brain.centre_mm[1]
    return float(x), float(y), float(rng.uniform(heights.min(), heights.max() + 1e-6))


def _infiltrate(
    maps: dict[str, Field], finding: _Finding, grid: Grid, mottle: Field, edge: float
) -> dict[str, Field]:
    white = maps["white"] + maps["deep"]
    grey = maps["grey"]
    for patch in finding.patches:
        share = fill(patch.depth(*grid), 3 * edge) * white * 0.8
        maps = laid_over(maps, "oedema", share)
    if finding.tumour is None or finding.oedema is None:
        return maps
    # Oedema runs along white matter and spares the cortex.
    depth = finding.oedema.depth(*grid) + 1.5 * mottle
    maps = laid_over(maps, "oedema", fill(depth, 4 * edge) * np.minimum(white + 0.15 * grey, 1))
    inside = 1 - maps["air"] - maps["fat"] - maps["bone"] - maps["marrow"]
    tumour = finding.tumour.depth(*grid)
    maps = laid_over(maps, "lesion", fill(tumour, 1.5 * edge) * inside)
    core = replace(finding.tumour, radii=tuple(0.5 * r for r in finding.tumour.radii))  # type: ignore[arg-type]  # three
    return laid_over(maps, "csf", fill(core.depth(*grid) + mottle, 2 * edge) * 0.7 * inside)


def _tissue_signal(name: str, setting: MriSetting) -> float:
    share = (setting.tesla - 1.5) / 1.5
    t1 = T1_MS[name][0] * (1 - share) + T1_MS[name][1] * share
    return float(spin_echo(t1, T2_MS[name], PROTONS[name], setting))


def _signal(maps: dict[str, Field], setting: MriSetting, mottle: Field) -> Field:
    signal = np.zeros_like(mottle)
    for name, share in maps.items():
        signal += share * np.float32(_tissue_signal(name, setting))
    return signal * (1 + np.float32(0.025) * mottle)


def _labels(
    finding: _Finding,
    order: Order,
    heights: Floats,
    setting: MriSetting,
    shift: tuple[float, float],
) -> Labels:
    labels = np.zeros((len(heights), order.size, order.size), dtype=np.uint8)
    grid = _grid(heights, order.size, setting.field_mm, shift)
    if finding.oedema is not None and finding.tumour is not None:
        labels[finding.oedema.depth(*grid) > 0] = 2
        labels[finding.tumour.depth(*grid) > 0] = 1
    return labels


def _picture(
    volume: Array,
    labels: Labels,
    order: Order,
    setting: MriSetting,
    what: tuple[Floats, tuple[float, float], _Finding],
) -> Picture:
    heights, shift, finding = what
    mm = setting.field_mm / order.size
    first = -(order.size - 1) / 2 * mm
    origin = (first - shift[0], first - shift[1], float(heights[0]))
    spacing: tuple[float, ...] = (setting.thickness_mm, mm, mm)
    if order.slices == 0:
        volume, labels, spacing = volume[0], labels[0], spacing[1:]
    about: dict[str, str | float] = {
        "field_strength_t": setting.tesla,
        "repetition_ms": setting.repetition_ms,
        "echo_ms": setting.echo_ms,
        "inversion_ms": setting.inversion_ms,
        "slice_thickness_mm": setting.thickness_mm,
        "sequence": order.protocol or next(iter(PROTOCOLS)),
    }
    image = Image(volume[None], Geometry.axial(spacing, origin), Modality.MRI, about=about)
    side = "" if finding.tumour is None else ("L" if finding.tumour.centre[0] > 0 else "R")
    return Picture(image, labels, ("tumour", "oedema"), "HEAD", laterality=side)
