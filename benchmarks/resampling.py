"""Resampling of a volume: processor time, memory and agreement beside what is used elsewhere.

A volume with edges, texture and noise goes from 90 × 512 × 512 to 140 × 410 × 410, edge to edge.
Each method runs in a process of its own, on one thread, after a small trial run (compiled code is
read, libraries are loaded). Methods take turns, round by round; the least of three counts, and the
highest stands beside it: on a busy machine they differ. Memory is the peak above what was held
before, the result included.

nnU-Net's default is scikit-image's `resize` of order 3 in double precision without a low pass, and
for masks the same of order 1 for each label, taken where it reaches one half. Ours is measured with
its low pass (the default) and without; the gate is the agreement of the latter with SciPy of order
3 in double precision, and of the former with SciPy after SciPy's own Gaussian.

Run: OMP_NUM_THREADS=1 .venv/bin/python benchmarks/resampling.py
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK
from scipy import ndimage
from skimage.transform import resize

from scanwright.image import Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.transforms import AxisMap, Pipeline, Resample, resample, resample_labels
from scanwright.transforms.bands import psf_sigma

ROOT = Path(__file__).parents[1]
OLD, NEW = (90, 512, 512), (140, 410, 410)
LABELS = 8
LEAST_PSNR = 60.0
LEAST_EQUAL = 0.98
CURVE = ((45, 256, 256), (90, 512, 512), (180, 512, 512), (400, 512, 512), (800, 512, 512))
ROUNDS = 3

Size = tuple[int, ...]
Method = Callable[[np.ndarray, Size], np.ndarray]


def volume(size: Size) -> np.ndarray:
    """Return a body with organs, texture and noise, in HU."""
    rng = np.random.default_rng(0)
    image = np.empty(size, np.float32)
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, n) for n in size[1:]), indexing="ij")
    away = np.sqrt(rows**2 + (1.3 * columns) ** 2)
    body = np.where(away < 0.85, 40.0, -1000.0) + 60 * np.sin(9 * rows) * np.sin(7 * columns)
    for place, depth in enumerate(np.linspace(-1, 1, size[0])):
        organ = np.sqrt((rows - 0.2 * depth) ** 2 + columns**2 + depth**2) < 0.5
        noise = ndimage.gaussian_filter(rng.normal(size=size[1:]).astype(np.float32), 1.0)
        image[place] = body + 120 * organ + 80 * noise
    return image


def labels(size: Size) -> np.ndarray:
    """Return a map of eight wedges around the middle, and background."""
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, n) for n in size[1:]), indexing="ij")
    wedge = (np.arctan2(rows, columns) / (2 * np.pi) % 1 * LABELS).astype(np.uint8) + 1
    made = np.empty(size, np.uint8)
    for place, depth in enumerate(np.linspace(-1, 1, size[0])):
        inside = rows**2 + (1.3 * columns) ** 2 + depth**2 < 0.7
        made[place] = np.where(inside, wedge, 0)
    return made


def stretch(old: Size, new: Size) -> tuple[AxisMap, ...]:
    return tuple(AxisMap.centred(a, b, a / b) for a, b in zip(old, new, strict=True))


def ours(interpolation: str, *, low_pass: bool) -> Method:
    def run(array: np.ndarray, new: Size) -> np.ndarray:
        maps = stretch(array.shape, new)
        return resample(array[None], maps, interpolation, low_pass=low_pass)[0]

    return run


def scikit_image(order: int) -> Method:
    def run(array: np.ndarray, new: Size) -> np.ndarray:
        made = resize(array.astype(float), new, order, mode="edge", anti_aliasing=False)
        return made.astype(array.dtype)

    return run


def scipy_zoom(order: int) -> Method:
    def run(array: np.ndarray, new: Size) -> np.ndarray:
        ratios = [b / a for a, b in zip(array.shape, new, strict=True)]
        return ndimage.zoom(array, ratios, order=order, mode="nearest", grid_mode=True)

    return run


def simple_itk(kind: int) -> Method:
    def run(array: np.ndarray, new: Size) -> np.ndarray:
        image = SimpleITK.GetImageFromArray(array)
        ratios = [a / b for a, b in zip(array.shape, new, strict=True)][::-1]
        origin = [(ratio - 1) / 2 for ratio in ratios]
        transform, direction = SimpleITK.Transform(), image.GetDirection()
        grid = (new[::-1], transform, kind, origin, ratios, direction)
        return SimpleITK.GetArrayFromImage(SimpleITK.Resample(image, *grid, 0.0))

    return run


def label_by_label(array: np.ndarray, new: Size) -> np.ndarray:
    made = np.zeros(new, array.dtype)
    for label in np.unique(array):
        share = resize((array == label).astype(float), new, 1, mode="edge", anti_aliasing=False)
        made[share >= 0.5] = label
    return made


def our_vote(array: np.ndarray, new: Size) -> np.ndarray:
    return resample_labels(array[None], stretch(array.shape, new), "vote")[0]


CUBIC: dict[str, Method] = {
    "scanwright": ours("cubic", low_pass=True),
    "scanwright, no low pass": ours("cubic", low_pass=False),
    "nnU-Net (scikit-image, double)": scikit_image(3),
    "SciPy zoom, single": scipy_zoom(3),
    "SimpleITK B-spline": simple_itk(SimpleITK.sitkBSpline3),
}
LINEAR: dict[str, Method] = {
    "scanwright": ours("linear", low_pass=True),
    "scanwright, no low pass": ours("linear", low_pass=False),
    "scikit-image, double": scikit_image(1),
    "SimpleITK linear": simple_itk(SimpleITK.sitkLinear),
}
MASKS: dict[str, Method] = {
    "scanwright vote": our_vote,
    "nnU-Net (scikit-image, label by label)": label_by_label,
}
PARTS = {"cubic": CUBIC, "linear": LINEAR, "masks": MASKS}


def whole_step(size: Size) -> None:
    """Bring a scan and its mask to a spacing as preprocessing does, and back."""
    geometry = Geometry.axial((1.0, 0.8, 0.8))
    image = Image(volume(size).astype(np.int16)[None], geometry, unit="HU")
    outlines = Image(labels(size)[None], geometry)
    scheme = LabelScheme.of_classes([str(label) for label in range(LABELS)])
    case = Case("a", {"image": image}, MaskTarget(outlines, scheme))
    step = Pipeline((Resample(spacing_mm=(1.5, 1.0, 1.0), interpolation="cubic"),))
    step.apply(Case.of(image.cropped((0, 0, 0), (4, 8, 8))))
    with measured() as result:
        changed, _ = step.apply(case)
    assert isinstance(changed.target, MaskTarget)
    made = changed.image.array.nbytes + changed.target.labels.array.nbytes
    print(json.dumps({**result, "result_MiB": round(made / 2**20)}))


class measured:  # noqa: N801 - reads as a word where it is used
    """Processor seconds and MiB above what was held before, as a table filled at the end."""

    def __enter__(self) -> dict[str, float]:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        self.result: dict[str, float] = {}
        self.held = memory("VmRSS")
        self.started = time.process_time(), time.perf_counter()
        return self.result

    def __exit__(self, *failed: object) -> None:
        seconds, wall = time.process_time() - self.started[0], time.perf_counter() - self.started[1]
        peak = memory("VmHWM") - self.held
        self.result |= {"cpu_s": round(seconds, 3), "wall_s": round(wall, 3), "MiB": round(peak)}


def memory(line: str) -> float:
    """Return a line of this process's status, in MiB."""
    for text in Path("/proc/self/status").read_text().splitlines():
        if text.startswith(line):
            return float(text.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def work(part: str, name: str, size: Size, out: str) -> None:
    """Measure one method; write its result."""
    method = PARTS[part][name]
    source = labels(size) if part == "masks" else volume(size)
    new = tuple(round(n * b / a) for n, a, b in zip(size, OLD, NEW, strict=True))
    method(source[:6, :40, :40].copy(), (9, 32, 32))
    with measured() as result:
        made = method(source, new)
    if out:
        np.save(out, made)
    print(json.dumps(result))


def call(*given: object) -> dict[str, float]:
    command = [sys.executable, __file__, "--work", *map(str, given)]
    threads = {"OMP_NUM_THREADS": "1", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1"}
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **threads}
    )
    made: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return made


def psnr(made: np.ndarray, truth: np.ndarray) -> float:
    error = np.sqrt(np.mean((made.astype(np.float64) - truth) ** 2))
    return round(float(20 * np.log10(np.ptp(truth) / error)), 1)


def references(part: str) -> dict[str, np.ndarray]:
    """Return what methods with and without a low pass should make, in double precision."""
    if part == "masks":
        return {"plain": label_by_label(labels(OLD), NEW)}
    source = volume(OLD).astype(np.float64)
    order = {"linear": 1, "cubic": 3}[part]
    plain = scipy_zoom(order)(source, NEW)
    if part == "linear":
        return {"plain": plain}
    for axis, (old, new) in enumerate(zip(OLD, NEW, strict=True)):
        if old > new:
            sigma = psf_sigma(old / new)
            source = ndimage.gaussian_filter1d(source, sigma, axis=axis, mode="mirror")
    return {"plain": plain, "low pass": scipy_zoom(order)(source, NEW)}


def compare(part: str, folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Measure all methods of a part."""
    truths = references(part)
    rows: dict[str, dict[str, float]] = {}
    for number in range(rounds):
        for name in PARTS[part]:
            out = folder / "made.npy" if number == 0 else ""
            row = call(part, name, *OLD, out)
            if number == 0:
                made = np.load(out)
                for kind, truth in truths.items():
                    same = round(float((made == truth).mean()), 5)
                    row |= {"equal": same} if part == "masks" else {kind: psnr(made, truth)}
                rows[name] = row
            known = rows[name]
            known["highest_cpu_s"] = max(known.get("highest_cpu_s", 0), row["cpu_s"])
            for key in ("cpu_s", "wall_s", "MiB"):
                known[key] = min(known[key], row[key])
            print(part, name, row, flush=True)
    return rows


def check(parts: dict[str, dict[str, dict[str, float]]]) -> None:
    """Refuse times of a method that does not compute the same."""
    cubic, linear, masks = parts["cubic"], parts["linear"], parts["masks"]
    assert cubic["scanwright, no low pass"]["plain"] >= LEAST_PSNR
    assert cubic["scanwright"]["low pass"] >= LEAST_PSNR
    assert linear["scanwright, no low pass"]["plain"] >= LEAST_PSNR
    assert masks["scanwright vote"]["equal"] >= LEAST_EQUAL


def curve(largest_of_peers: int) -> list[dict[str, object]]:
    """Measure how time and memory grow with the volume."""
    rows: list[dict[str, object]] = []
    for size in CURVE:
        row: dict[str, object] = {"size": size, "voxels": int(np.prod(size))}
        row["cubic"] = call("cubic", "scanwright", *size, "")
        row["vote"] = call("masks", "scanwright vote", *size, "")
        row["step with mask"] = call("step", "", *size, "")
        if np.prod(size) <= largest_of_peers:
            row["nnU-Net cubic"] = call("cubic", "nnU-Net (scikit-image, double)", *size, "")
        print(row, flush=True)
        rows.append(row)
    return rows


def main() -> None:
    """Print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--work", nargs=6, default=None, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        part, name, *size, out = asked.work
        lengths = tuple(map(int, size))
        if part == "step":
            whole_step(lengths)
        else:
            work(part, name, lengths, out)
        return
    with tempfile.TemporaryDirectory() as folder:
        parts = {part: compare(part, Path(folder), asked.rounds) for part in PARTS}
    check(parts)
    result = {"old": OLD, "new": NEW, **parts, "curve": curve(int(np.prod(CURVE[1])))}
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "resampling.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
