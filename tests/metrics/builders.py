"""Masks by formula, the same on every machine: for values of other tools kept in a file.

`python -m tests.metrics.builders MONAI_PYTHON SURFACE_DISTANCE_PYTHON` (run in the project's
folder) writes that file anew; the two interpreters belong to environments with those packages.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

GOLDEN = Path(__file__).parent / "surface_golden.json"
SHARES, TOLERANCES = (0.5, 0.95, 1.0), (0.0, 1.0, 2.5)

Bools = npt.NDArray[np.bool_]
Pair = tuple[Bools, Bools, tuple[float, ...]]

MONAI = """
import json, sys, warnings
import numpy as np, torch
from monai.metrics import compute_average_surface_distance as average
from monai.metrics import compute_hausdorff_distance as hausdorff
from monai.metrics import compute_surface_dice as surface_dice
from monai.metrics import compute_dice, compute_iou
warnings.simplefilter("ignore")
shares, tolerances = json.loads(sys.argv[2])
found = {}
for name, (truth, guess, spacing) in np.load(sys.argv[1], allow_pickle=True).item().items():
    y, p = (torch.from_numpy(m)[None, None].float() for m in (truth, guess))
    about = dict(include_background=True, spacing=list(spacing))
    found[name] = {
        "dice": compute_dice(p, y, ignore_empty=False).item(),
        "iou": compute_iou(p, y, ignore_empty=False).item(),
        "hausdorff": [hausdorff(p, y, percentile=100 * s, **about).item() for s in shares],
        "average": average(p, y, symmetric=True, **about).item(),
        "within": [surface_dice(p, y, [t], **about).item() for t in tolerances],
    }
print(json.dumps(found))
"""

SURFACE_DISTANCE = """
import json, sys, warnings
import numpy as np, surface_distance as peer
warnings.simplefilter("ignore")
shares, tolerances = json.loads(sys.argv[2])
found = {}
for name, (truth, guess, spacing) in np.load(sys.argv[1], allow_pickle=True).item().items():
    d = peer.compute_surface_distances(truth, guess, spacing)
    mean, sums = peer.compute_average_surface_distance(d), []
    sums = [float(d["surfel_areas_" + side].sum()) for side in ("gt", "pred")]
    pooled = None if not all(sums) else np.dot(mean, sums) / sum(sums)
    found[name] = {
        "dice": float(peer.compute_dice_coefficient(truth, guess)) if sum(sums) else None,
        "hausdorff": [float(peer.compute_robust_hausdorff(d, 100 * s)) for s in shares],
        "average": pooled,
        "areas": sums,
        "within": [float(peer.compute_surface_dice_at_tolerance(d, t)) for t in tolerances],
    }
print(json.dumps(found))
"""


def ellipsoid(size: tuple[int, ...], centre: tuple[float, ...], radii: tuple[float, ...]) -> Bools:
    """All elements within an ellipse or ellipsoid, in index units."""
    grid = np.indices(size, dtype=np.float64)
    apart = [
        ((axis - middle) / radius) ** 2
        for axis, middle, radius in zip(grid, centre, radii, strict=True)
    ]
    inside: Bools = np.sum(apart, axis=0) <= 1
    return inside


def scattered(size: tuple[int, ...], step: int, share: int) -> Bools:
    """Elements chosen by a congruence: rough, but the same everywhere."""
    order = np.arange(int(np.prod(size)), dtype=np.int64).reshape(size)
    chosen: Bools = (order * step + order // 7 * 13) % 101 < share
    return chosen


def surface_pairs() -> dict[str, Pair]:
    """Truth, guess and spacing of all that is compared with other tools."""
    volume, plane = (18, 30, 26), (40, 33)
    organ = ellipsoid(volume, (8, 14, 12), (6, 10, 9))
    empty = np.zeros(volume, bool)
    speck = empty.copy()
    speck[3, 4, 5] = True
    disk = ellipsoid(plane, (18, 15), (11, 9))
    return {
        "isotropic": (organ, np.roll(organ, (1, 2, -1), (0, 1, 2)), (1.0, 1.0, 1.0)),
        "thick slices": (organ, ellipsoid(volume, (9, 15, 13), (5, 11, 8)), (3.0, 1.5, 1.5)),
        "rough": (scattered(volume, 37, 40), scattered(volume, 61, 55), (0.7, 1.3, 2.1)),
        "at the edge": (
            ellipsoid(volume, (0, 0, 0), (9, 12, 10)),
            ellipsoid(volume, (0, 29, 25), (11, 14, 12)),
            (2.0, 1.0, 0.5),
        ),
        "a speck far off": (organ, speck, (2.5, 0.8, 0.8)),
        "all against half": (~empty, np.indices(volume)[2] < 13, (1.0, 2.0, 3.0)),
        "equal": (organ, organ, (1.5, 1.0, 1.0)),
        "nothing guessed": (organ, empty, (1.5, 1.0, 1.0)),
        "nothing true": (empty, organ, (1.5, 1.0, 1.0)),
        "plane": (disk, ellipsoid(plane, (20, 17), (12, 7)), (0.5, 1.25)),
        "rough plane": (scattered(plane, 37, 40), scattered(plane, 61, 70), (1.0, 1.0)),
        "one pixel": (disk & (np.indices(plane)[0] == 18), disk, (0.4, 0.6)),
    }


def write_golden(monai: str, surface_distance: str) -> None:
    """Ask the other tools, and write what they say."""
    with tempfile.TemporaryDirectory() as folder:
        masks = str(Path(folder) / "masks.npy")
        np.save(masks, np.array(surface_pairs(), dtype=object), allow_pickle=True)
        asked = json.dumps([SHARES, TOLERANCES])
        found = {}
        for name, python, code in (
            ("MONAI", monai, MONAI),
            ("surface-distance", surface_distance, SURFACE_DISTANCE),
        ):
            told = subprocess.run(
                [python, "-c", code, masks, asked], check=True, capture_output=True, text=True
            )
            found[name] = json.loads(told.stdout)
    GOLDEN.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    write_golden(*sys.argv[1:3])
