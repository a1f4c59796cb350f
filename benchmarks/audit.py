"""What an audit of many images costs, and whether it finds what was planted and what is known.

Simulated: 10,000 textures of 256² as PNG, with copies, near copies (rescaled, cut, brighter, JPEG
of quality 50), flat, turned and wrongly labelled ones among them. Real: the sets of
`../shared/data`, where they are there; the traps that their papers and provenance name must be
found. Each audit runs in a process of its own, whose wall time, CPU time and memory are measured.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("SCANWRIGHT_DATA") or ROOT.parent / "shared" / "data")
CLASSES = DATA / "classification"
REAL = {
    "busi": ({"contradictions": 1, "shared-copies": 1, "copies": 1}, CLASSES / "busi"),
    "breastmnist": (
        {"contradictions": 1, "shared-copies": 1, "copies": 1},
        CLASSES / "breastmnist" / "breastmnist.npz",
    ),
    "pneumoniamnist": ({"shared-copies": 8}, CLASSES / "pneumoniamnist" / "pneumoniamnist.npz"),
    "brain_mri_253": ({"copies": 22, "shortcut": 0}, CLASSES / "brain_mri_253"),
    "covid_ct": ({"shortcut": 0}, CLASSES / "covid_ct"),
}
"""Set → (kind of finding → least number of groups, place)."""
PLANTED = 50
EDGE = 256


def main() -> None:
    """Run both parts and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/results/audit.json")
    asked = parser.parse_args()
    results: dict[str, Any] = {"simulated": simulated(asked.images), "real": {}}
    asked.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for name, (wanted, place) in REAL.items():
        if place.exists():
            results["real"][name] = real(place, wanted)
            print(name, json.dumps(results["real"][name]), flush=True)
            # After each set: on a busy machine the whole takes long.
            asked.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def simulated(count: int) -> dict[str, Any]:
    """Audit textures with planted flaws."""
    with tempfile.TemporaryDirectory(prefix="audit-") as place:
        planted = write_textures(Path(place), count)
        plain, cost = audit(Path(place), Path(place) / "found")
    found = {one["kind"]: one for one in plain["findings"]}
    together = [set(group) for group in found["likeness"]["together"]]
    recall = {
        kind: sum(any({a, b} <= group for group in together) for a, b in pairs) / len(pairs)
        for kind, pairs in planted["near"].items()
    }
    flat = {group[0] for group in found["constant"]["groups"]}
    copies = {tuple(sorted(group)) for group in found["copies"]["groups"]}
    assert planted["flat"] <= flat, "a flat image was missed"
    assert planted["copies"] <= copies, "a copy was missed"
    said = {
        "images": count,
        **cost,
        "recall": recall,
        "pairs": found["likeness"]["numbers"]["pairs"],
    }
    print("simulated", json.dumps(said), flush=True)
    return said


def real(place: Path, wanted: dict[str, int]) -> dict[str, Any]:
    """Audit a real set, and check that its known traps are found."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        plain, cost = audit(place, Path(folder) / "found")
    found = {one["kind"]: one for one in plain["findings"]}
    for kind, least in wanted.items():
        assert kind in found, f"{place.name}: {kind} was missed"
        assert found[kind]["count"] >= least, f"{place.name}: {kind}"
    return {
        "cases": plain["cases"],
        **cost,
        "findings": {kind: one["what"] for kind, one in found.items()},
    }


def audit(data: Path, output: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """Run the command in a process of its own and measure it."""
    command = [sys.executable, "-m", "scanwright", "audit", str(data), "-o", str(output), "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = child.communicate()[0]
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert child.returncode == 0
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The largest of all children so far: the sets come in the order of falling size, nearly.
    return json.loads(text), {
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "memory_gb": round(after.ru_maxrss / 2**20, 2),
    }


def write_textures(folder: Path, count: int) -> dict[str, Any]:
    """Write the images; return what was planted among them."""
    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (folder / label).mkdir()
    planted: dict[str, Any] = {"near": {}, "flat": set(), "copies": set()}
    near = ("rescaled", "cut", "brighter", "compressed")
    for number in range(count - PLANTED * (len(near) + 1) - 5):
        sheet = texture(rng)
        name = f"{'ab'[number % 2]}/{number:05d}"
        sheet.save(folder / f"{name}.png", compress_level=1)
        kind = number // PLANTED
        if kind < len(near):
            changed(sheet, near[kind], rng).save(folder / f"{name}-near.png", compress_level=1)
            planted["near"].setdefault(near[kind], []).append((f"{name}.png", f"{name}-near.png"))
        elif kind == len(near):
            sheet.save(folder / f"{name}-copy.png", compress_level=1)
            planted["copies"].add((f"{name}-copy.png", f"{name}.png"))
    for number in range(5):
        Image.new("L", (EDGE, EDGE), 10 * number).save(folder / f"a/flat{number}.png")
        planted["flat"].add(f"a/flat{number}.png")
    return planted


def texture(rng: np.random.Generator) -> Image.Image:
    """Draw a texture of two scales."""
    sheets = [
        Image.fromarray(rng.integers(0, 255, (edge, edge)).astype(np.uint8)).resize(
            (EDGE, EDGE), Image.Resampling.BICUBIC
        )
        for edge in (9, 40)
    ]
    return Image.blend(*sheets, 0.35)


def changed(sheet: Image.Image, kind: str, rng: np.random.Generator) -> Image.Image:
    """Make a near copy."""
    if kind == "rescaled":
        return sheet.resize((170, 170), Image.Resampling.BOX)
    if kind == "cut":
        left, top = rng.integers(0, 13, 2).tolist()
        return sheet.crop((left, top, left + 243, top + 243))
    if kind == "brighter":
        return sheet.point([round(255 * (level / 255) ** 0.7) for level in range(256)])
    stream = io.BytesIO()
    sheet.save(stream, "JPEG", quality=50)
    return Image.open(stream).convert("L")


if __name__ == "__main__":
    main()
