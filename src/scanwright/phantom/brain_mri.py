"""Axial brain MRI: normal, or with a tumour and its oedema."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from scanwright.image import Array, Floats, Geometry, Image, Modality
from scanwright.phantom.blob import Blob, draw_blob
from scanwright.phantom.brain import (
    PROTONS,
    T1_MS,
    T2_MS,
    Brain,
    Triple,
    draw_brain,
    head_maps,
    laid_over,
)
from scanwright.phantom.field import Field, smooth_field
from scanwright.phantom.mri import MriSetting, acquire, coil_bias, spin_echo
from scanwright.phantom.order import Labels, Order, Picture, bounding_box
from scanwright.phantom.placing import place_apart
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
    setting, shift = draw_setting(order)
    heights = _heights(order, setting)
    head = _draw_head(order, setting, heights, shift)
    fine_mm = setting.field_mm / (FINE * order.size)
    spacing = (setting.thickness_mm, fine_mm, fine_mm)
    mottle = smooth_field(head.maps["white"].shape, spacing, 3.5, order.rng("texture"))
    signal = _signal(head.maps, setting, mottle)
    bias = coil_bias(signal.shape, spacing, setting.bias, order.rng("pose").spawn(1)[0])
    white = _tissue_signal("white", setting)
    shown = acquire(signal * bias, order.size, setting.noise * white, order.rng("noise"))
    gain = order.rng("look").uniform(250, 900) / white
    volume = np.clip(np.round(shown * gain), 0, 65535).astype(np.uint16)
    labels = np.where(head.oedema > 0.5, 2, 0).astype(np.uint8)
    coarse = _grid(heights, order.size, setting.field_mm, shift)
    masks = [(one.depth(*coarse) > 0) & (head.brain > 0.5) for one in head.tumours]
    for mask in masks:
        labels[mask] = 1
    seen = [mask if order.slices else mask[0] for mask in masks]
    boxes = tuple(box for mask in seen for box in bounding_box(mask, FINDINGS[1]))
    return replace(_picture(volume, labels, order, setting, (heights, shift)), boxes=boxes)


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
    heights: Floats = (
        level + (np.arange(count, dtype=np.float64) - (count - 1) / 2) * setting.thickness_mm
    )
    return heights


def _grid(heights: Floats, size: int, field_mm: float, shift: tuple[float, float]) -> Grid:
    place = ((np.arange(size) - (size - 1) / 2) * (field_mm / size)).astype(np.float32)
    return (
        (place - np.float32(shift[0]))[None, None, :],
        (place - np.float32(shift[1]))[None, :, None],
        heights.astype(np.float32)[:, None, None],
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """Tissue shares on the fine grid; brain and oedema, as shares, on the picture's own."""

    maps: dict[str, Field]
    tumours: tuple[Blob, ...]
    brain: Field
    oedema: Field


def _draw_head(
    order: Order, setting: MriSetting, heights: Floats, shift: tuple[float, float]
) -> _Head:
    brain = draw_brain(order.rng("anatomy"), order.sex, order.age_years)
    grid = _grid(heights, FINE * order.size, setting.field_mm, shift)
    fine_mm = setting.field_mm / (FINE * order.size)
    spacing = (setting.thickness_mm, fine_mm, fine_mm)
    maps = head_maps(brain, *grid, spacing, order.rng("anatomy").spawn(1)[0])
    # Every head has patches of bright white matter; one without a tumour has as much more.
    rng, place = order.rng("finding"), order.rng("place").spawn(1)[0]
    found, spare = _draw_found(order, brain, heights, (rng, place))
    count = rng.poisson(3) + spare
    for _ in range(count):
        patch = _patch(_spot(brain, heights, place), rng)
        share = fill(patch.depth(*grid), 3.0) * (maps["white"] + maps["deep"])
        maps = laid_over(maps, "oedema", np.float32(0.8) * share)
    inside = 1 - maps["air"] - maps["fat"] - maps["bone"] - maps["marrow"] - maps["muscle"]
    swollen = np.zeros_like(inside)
    # Oedema runs along white matter and spares the cortex.
    white = np.minimum(maps["white"] + maps["deep"] + 0.15 * maps["grey"], 1)
    for tumour, reach in found:
        mottle = smooth_field(inside.shape, spacing, 3.5, rng)
        oedema = fill(reach.depth(*grid) + np.float32(1.5) * mottle, 4 * fine_mm) * white
        maps = laid_over(maps, "oedema", oedema)
        maps = laid_over(maps, "lesion", fill(tumour.depth(*grid), 1.5 * fine_mm) * inside)
        necrosis = fill(_shrunk(tumour, 0.5).depth(*grid) + mottle, 2 * fine_mm)
        maps = laid_over(maps, "csf", np.float32(0.7) * necrosis * inside)
        swollen = np.maximum(swollen, oedema)
    tumours = tuple(tumour for tumour, _ in found)
    return _Head(maps, tumours, _coarse(inside), _coarse(swollen))


def _coarse(shares: Field) -> Field:
    slices, rows, columns = shares.shape
    blocks = shares.reshape(slices, rows // FINE, FINE, columns // FINE, FINE)
    means: Field = blocks.mean(axis=(2, 4))
    return means


def _draw_found(
    order: Order, brain: Brain, heights: Floats, rngs: tuple[Generator, Generator]
) -> tuple[list[tuple[Blob, Blob]], int]:
    """Draw the tumours with their oedema, and how many more bright patches make up for them."""
    rng, place = rngs
    if order.lesions is None:
        one = _draw_tumour(_spot(brain, heights, place), rng.uniform(8, 15), rng)
        return ([one], 0) if order.finding == "tumour" else ([], 6)
    radii = [lesion.diameter_mm / 2 for lesion in order.lesions]
    spots = place_apart(lambda _: _spot(brain, heights, place), radii, 6.0)
    found = [_draw_tumour(spot, radius, rng) for spot, radius in zip(spots, radii, strict=True)]
    return found, max(0, 3 - len(found)) * 2


def _draw_tumour(spot: Triple, radius: float, rng: Generator) -> tuple[Blob, Blob]:
    radii = (radius, radius * rng.uniform(0.8, 1.1), radius * 0.95)
    tumour = draw_blob(spot, radii, 0.3, rng)
    swell = rng.uniform(1.35, 1.75)
    oedema = draw_blob(spot, (swell * radii[0], swell * radii[1], swell * radii[2]), 0.45, rng)
    return tumour, oedema


def _patch(spot: Triple, rng: Generator) -> Blob:
    radius = rng.uniform(3, 6.5)
    return draw_blob(spot, (radius, radius * 1.4, radius), 0.25, rng)


def _shrunk(blob: Blob, share: float) -> Blob:
    one, two, three = blob.radii
    return replace(blob, radii=(share * one, share * two, share * three))


def _spot(brain: Brain, heights: Floats, rng: Generator) -> Triple:
    turn, far = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0.1, 0.5))
    u = far * np.cos(turn) * brain.half_width_mm * 0.9
    v = far * np.sin(turn) * brain.half_length_mm * 0.9
    angle = np.deg2rad(brain.turn_degrees)
    x = u * np.cos(angle) - v * np.sin(angle) + brain.centre_mm[0]
    y = u * np.sin(angle) + v * np.cos(angle) + brain.centre_mm[1]
    return float(x), float(y), float(rng.uniform(heights.min(), heights.max() + 1e-6))


def _tissue_signal(name: str, setting: MriSetting) -> float:
    share = (setting.tesla - 1.5) / 1.5
    t1 = T1_MS[name][0] * (1 - share) + T1_MS[name][1] * share
    return float(spin_echo(t1, T2_MS[name], PROTONS[name], setting))


def _signal(maps: dict[str, Field], setting: MriSetting, mottle: Field) -> Field:
    signal = np.zeros_like(mottle)
    for name, share in maps.items():
        signal += share * np.float32(_tissue_signal(name, setting))
    return signal * (1 + np.float32(0.025) * mottle)


def _picture(
    volume: Array,
    labels: Labels,
    order: Order,
    setting: MriSetting,
    where: tuple[Floats, tuple[float, float]],
) -> Picture:
    heights, shift = where
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
    side = ""
    if (labels == 1).any():
        column = np.nonzero(labels == 1)[-1].mean()
        side = "L" if origin[0] + mm * column > 0 else "R"
    return Picture(image, labels, ("tumour", "oedema"), (), "HEAD", laterality=side)
