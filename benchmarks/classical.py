"""What classical features cost, in CPU time of one core, once they meet IBSI's values."""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from tests.classical import ibsi_phantom as ibsi  # noqa: E402

from scanwright.classical import FEATURES, FeatureOptions, extract_features  # noqa: E402
from scanwright.image import Geometry, Image  # noqa: E402

SIZES = ((28, 28), (160, 160), (48, 48, 48))
REPEATS = 7


def gate() -> int:
    """Return how many published values are met; all must be."""
    tables = {
        "intensity": {**ibsi.INTENSITY, **ibsi.HISTOGRAM},
        "cooccurrence": ibsi.COOCCURRENCE,
        "run_length": ibsi.RUN_LENGTH,
        "size_zone": ibsi.SIZE_ZONE,
        "tone_difference": ibsi.TONE_DIFFERENCE,
        "dependence": ibsi.DEPENDENCE,
    }
    image = Image(ibsi.PHANTOM[None].astype(np.float32), Geometry.axial(ibsi.SPACING_MM))
    found = extract_features(image, ibsi.PHANTOM > 0, FeatureOptions(bins=6))
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    met = 0
    for family, table in tables.items():
        for name, reference in table.items():
            value = values[f"{family}.{name}"]
            assert ibsi.agrees(value, reference), (family, name, value, reference)
            met += 1
    return met


def milliseconds(image: Image, options: FeatureOptions) -> float:
    """Return the median CPU time of measuring an image."""
    extract_features(image, None, options)
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        extract_features(image, None, options)
        spent.append(time.process_time() - started)
    return round(1000 * float(np.median(spent)), 2)


def main() -> None:
    """Print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="JSON file to write.")
    asked = parser.parse_args()
    result = {"published_values_met": gate(), "processor": platform.machine(), "ms": {}}
    for size in SIZES:
        image = Image.from_array(np.random.default_rng(0).normal(size=(1, *size)))
        each = {
            family: milliseconds(image, FeatureOptions.parse({"families": (family,)}, "features"))
            for family in FEATURES
            if family != "shape"
        }
        whole = milliseconds(image, FeatureOptions())
        name = " x ".join(map(str, size))
        result["ms"][name] = {"all": whole, **each}
        print(f"{name}: {whole} ms", ", ".join(f"{key} {value}" for key, value in each.items()))
    if asked.output:
        asked.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
