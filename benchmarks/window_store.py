"""Windows from prepared cases: time, disk and memory beside plain arrays.

Random windows of image and label map are read from the store on disk, from the store held in
memory, from plain `.npy` files mapped into memory (image and map each, uncompressed), and by
unpacking the whole case from `.npz`, as nnU-Net's first version stored it. All files are in the
system's cache: what is compared is work, not the disk. Gate: every window equals the slice of the
case. Real cases (the hippocampus set) are left out where they are absent.

Run: OMP_NUM_THREADS=1 .venv/bin/python benchmarks/window_store.py [--data FOLDER]
"""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import blosc2
import numpy as np
from scipy import ndimage

from scanwright.data import Preparation, WindowStore, build_window_store
from scanwright.image import Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.io import read
from scanwright.transforms import Pipeline

ROOT = Path(__file__).parents[1]
SCHEME = LabelScheme.of_classes(("anterior", "posterior"))
PIPELINE = Pipeline.from_plain([{"kind": "zscore"}])
READS = 200

Window = tuple[np.ndarray, np.ndarray]
Read = Callable[[int, tuple[int, ...], tuple[int, ...]], Window]


def phantom(edge: int = 256) -> Case:
    """Return a noisy body with two organs, in whole HU."""
    rng = np.random.default_rng(0)
    axes = np.meshgrid(*[np.linspace(-1, 1, edge, dtype=np.float32)] * 3, indexing="ij")
    away = np.sqrt(sum(axis**2 for axis in axes))
    labels = (away < 0.4).astype(np.uint8) + (away < 0.2)
    noise = ndimage.gaussian_filter(rng.normal(size=away.shape).astype(np.float32), 0.7)
    values = np.where(away < 0.9, 40.0, -1000.0) + 50 * labels + 60 * noise
    geometry = Geometry.axial((1.0, 1.0, 1.0))
    image = Image(values.round().astype(np.int16)[None], geometry)
    return Case("phantom", {"image": image}, MaskTarget(Image(labels[None], geometry), SCHEME))


def hippocampus(folder: Path) -> list[Case]:
    """Return real cases, at most 60."""
    cases = []
    for path in sorted((folder / "images").glob("*.nii.gz"))[:60]:
        image, labels = read(path), read(folder / "labels" / path.name)
        plain = Image(np.rint(labels.array).astype(np.uint8), image.geometry)
        cases.append(Case(path.name, {"image": image}, MaskTarget(plain, SCHEME)))
    return cases


def measure(cases: Sequence[Case], window: tuple[int, ...]) -> dict[str, object]:
    """Build a store of cases and read random windows of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        started = time.process_time()
        preparation = Preparation(cases.__getitem__, PIPELINE, SCHEME, window)
        sources = [(case.name, number) for number, case in enumerate(cases)]
        store = build_window_store(sources, preparation, folder / "store")
        building = time.process_time() - started
        started = time.process_time()
        build_window_store(sources, preparation, folder / "store")
        again = time.process_time() - started
        plain = keep_plain(store, folder)
        ways = {
            "store on disk": from_store(store),
            "store in memory": from_store(store.held_within(np.inf)),
            ".npy mapped": from_arrays(plain, ".npy"),
            ".npz whole case": from_arrays(plain, ".npz"),
        }
        times = compare(store, ways, window)
        return {
            "cases": len(cases),
            "window": list(window),
            "prepared, CPU s": round(building, 3),
            "opened again and checked, CPU s": round(again, 3),
            "store, MB": megabytes(folder / "store"),
            "plain, MB": megabytes(folder / "plain", ".npy"),
            "ms CPU a window, least of three": times,
        }


def keep_plain(store: WindowStore, folder: Path) -> list[Path]:
    """Write the same cases as plain arrays."""
    (folder / "plain").mkdir()
    paths = []
    for number, name in enumerate(store.names):
        held = store.case(name).held()
        path = folder / "plain" / str(number)
        corner = (0,) * len(held.size)
        image, codes = held.read(corner, held.size), held.read_codes(corner, held.size)
        np.save(f"{path}.image.npy", image)
        np.save(f"{path}.codes.npy", codes)
        np.savez_compressed(f"{path}.npz", image=image, codes=codes)
        paths.append(path)
    return paths


def from_store(store: WindowStore) -> Read:
    """Read through the store."""
    names = store.names

    def window(number: int, start: tuple[int, ...], size: tuple[int, ...]) -> Window:
        case = store.case(names[number])
        return case.read(start, size), case.read_codes(start, size)

    return window


def from_arrays(paths: Sequence[Path], suffix: str) -> Read:
    """Read from plain arrays, and fill up what lies outside."""

    def window(number: int, start: tuple[int, ...], size: tuple[int, ...]) -> Window:
        path = paths[number]
        if suffix == ".npz":
            with np.load(f"{path}.npz") as both:
                return cut(both["image"], start, size), cut(both["codes"], start, size)
        image = np.load(f"{path}.image.npy", mmap_mode="r")
        return (
            cut(image, start, size),
            cut(np.load(f"{path}.codes.npy", mmap_mode="r"), start, size),
        )

    return window


def cut(array: np.ndarray, start: tuple[int, ...], size: tuple[int, ...]) -> np.ndarray:
    """Cut a box whose low corner lies inside."""
    box = tuple(slice(at, at + edge) for at, edge in zip(start, size, strict=True))
    part = array[(..., *box)]
    missing = [edge - have for edge, have in zip(size, part.shape[-len(size) :], strict=True)]
    leading = [(0, 0)] * (array.ndim - len(size))
    return np.pad(part, [*leading, *((0, more) for more in missing)])


def compare(store: WindowStore, ways: dict[str, Read], window: tuple[int, ...]) -> dict[str, float]:
    """Read the same random windows in every way, taking turns; check that all are equal."""
    rng = np.random.default_rng(0)
    asked = []
    for _ in range(READS):
        number = int(rng.integers(len(store.names)))
        size = store.case(store.names[number]).size
        start = tuple(
            int(rng.integers(max(whole - edge, 0) + 1))
            for whole, edge in zip(size, window, strict=True)
        )
        asked.append((number, start))
    first = ways["store in memory"]
    for read_window in ways.values():
        for number, start in asked[:10]:
            for ours, theirs in zip(
                first(number, start, window), read_window(number, start, window), strict=True
            ):
                np.testing.assert_array_equal(ours, theirs)
    least = dict.fromkeys(ways, np.inf)
    for _ in range(3):
        for name, read_window in ways.items():
            count = READS if name != ".npz whole case" else 5
            started = time.process_time()
            for number, start in asked[:count]:
                read_window(number, start, window)
            least[name] = min(least[name], (time.process_time() - started) / count)
    return {name: round(1000 * seconds, 3) for name, seconds in least.items()}


def megabytes(folder: Path, suffix: str = "") -> float:
    """Return the size of files."""
    files = (path for path in folder.iterdir() if path.name.endswith(suffix))
    return round(sum(path.stat().st_size for path in files) / 1e6, 2)


def main() -> None:
    """Measure, print and keep the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="Folder with images/ and labels/.")
    asked = parser.parse_args()
    blosc2.set_nthreads(1)
    results = {"phantom of 256³": measure([phantom()], (96, 96, 96))}
    if asked.data is not None and asked.data.exists():
        results["hippocampus"] = measure(hippocampus(asked.data), (40, 56, 40))
    about = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blosc2": blosc2.__version__,
        "results": results,
    }
    text = json.dumps(about, indent=2, ensure_ascii=False)
    print(text)
    (ROOT / "benchmarks" / "results" / "window_store.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
