"""Near-duplicate search beside imagededup's perceptual hash: recall, precision, processor time.

Run: python benchmarks/near_duplicates.py --folder TEMPORARY [--peer PYTHON] [--json FILE]

PYTHON is an interpreter of an environment with imagededup. 10,000 pictures of 256 × 256: 8,000
simulated ones of four families (those of a family share their large-scale anatomy, as chests do)
and 2,000 copies of the first 2,000: rescaled, cut by 5 % of each side, gamma, JPEG of quality 50,
and mirrored. The gate: all copies are counted against one table of truth, ours and the peer's.
Then the real sets, where they are at hand (SCANWRIGHT_DATA).
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pil

from scanwright.auditing import find_near_duplicates
from scanwright.auditing.near_reading import read_pictures
from scanwright.data import Entry, FileReference, index_data

EDGE, BASES, KINDS = 256, 8000, ("rescaled", "cropped", "gamma", "jpeg", "mirrored")
ROOT = Path(__file__).parents[1]
EACH = 400
PEER = """
import json, os, sys, time
from imagededup.methods import PHash
def cpu():
    t = os.times(); return t.user + t.system + t.children_user + t.children_system
if __name__ == "__main__":
    hasher = PHash(verbose=False)
    a, w = cpu(), time.time()
    codes = hasher.encode_images(sys.argv[1], num_enc_workers=2)
    b, x = cpu(), time.time()
    found = hasher.find_duplicates(
        encoding_map=codes, max_distance_threshold=10, num_dist_workers=2
    )
    c, y = cpu(), time.time()
    pairs = sorted({tuple(sorted((k, o))) for k, v in found.items() for o in v})
    times = {"read_cpu_s": b - a, "search_cpu_s": c - b, "read_s": x - w, "search_s": y - x}
    json.dump({**times, "pairs": pairs}, open(sys.argv[2], "w"))
"""


def simulate(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return textures on shared anatomies, uint8."""
    wave = np.hypot(np.fft.fftfreq(EDGE)[:, None], np.fft.rfftfreq(EDGE)[None])
    wave[0, 0] = 1

    def field(power: float) -> np.ndarray:
        noise = rng.standard_normal((2, *wave.shape), dtype=np.float32)
        made = np.fft.irfft2((noise[0] + 1j * noise[1]) / wave**power, s=(EDGE, EDGE))
        return (made - made.mean()) / made.std()

    families = [field(2.2) for _ in range(4)]
    made = []
    for number in range(count):
        picture = 1.5 * families[number % 4] + field(1.6)
        low, high = picture.min(), picture.max()
        made.append((255 * ((picture - low) / (high - low))).astype(np.uint8))
    return made


def copied(picture: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == "rescaled":
        edge = int(EDGE * rng.uniform(0.5, 1.5))
        return np.asarray(Pil.fromarray(picture).resize((edge, edge), Pil.Resampling.BICUBIC))
    if kind == "cropped":
        cut = round(0.05 * EDGE)
        return picture[cut:-cut, cut:-cut]
    if kind == "gamma":
        return np.round(255 * (picture / 255) ** rng.choice([0.6, 0.75, 1.4, 1.8])).astype(np.uint8)
    if kind == "jpeg":
        stream = io.BytesIO()
        Pil.fromarray(picture).save(stream, "JPEG", quality=50)
        return np.asarray(Pil.open(stream))
    return picture[:, ::-1]


def write_set(folder: Path) -> dict[tuple[int, int], str]:
    """Write the pictures, unless they are there, and return the planted pairs."""
    planted = [(base, KINDS[base // EACH]) for base in range(EACH * len(KINDS))]
    truth = {(base, BASES + base): kind for base, kind in planted}
    if folder.is_dir() and len(list(folder.glob("*.png"))) == BASES + len(planted):
        return truth
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2)
    pictures = simulate(BASES, rng)
    pictures += [copied(pictures[base], kind, rng) for base, kind in planted]
    for number, picture in enumerate(pictures):
        Pil.fromarray(picture).save(folder / f"{number:05d}.png", compress_level=1)
    return truth


def cpu_seconds() -> float:
    return time.process_time()


def score(pairs: set[tuple[int, int]], truth: dict[tuple[int, int], str]) -> dict[str, float]:
    """Return the recall of each kind, of all but the mirrored, and the precision."""
    total, hit = Counter(truth.values()), Counter(truth[p] for p in pairs if p in truth)
    upright = [kind for kind in KINDS if kind != "mirrored"]
    return {
        **{f"recall {kind}": hit[kind] / total[kind] for kind in KINDS},
        "recall upright": sum(hit[k] for k in upright) / sum(total[k] for k in upright),
        "precision": len(pairs & truth.keys()) / max(1, len(pairs)),
        "pairs": len(pairs),
    }


def ours(folder: Path, truth: dict[tuple[int, int], str]) -> dict[str, float]:
    files = sorted(folder.glob("*.png"))
    entries = [Entry(path.stem, FileReference(path)) for path in files]
    a, w = cpu_seconds(), time.time()
    pictures = read_pictures(entries).pictures
    b, x = cpu_seconds(), time.time()
    found = find_near_duplicates(pictures)
    c, y = cpu_seconds(), time.time()
    times = {"read_cpu_s": b - a, "search_cpu_s": c - b, "read_s": x - w, "search_s": y - x}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs = {(pair.first, pair.second) for pair in found.pairs}
    return {**score(pairs, truth), **times, "peak_MiB": memory}


def peers(python: Path, folder: Path, truth: dict[tuple[int, int], str]) -> dict[str, float]:
    out = folder.parent / "peer.json"
    subprocess.run([python, "-c", PEER, folder, out], check=True, capture_output=True)
    told = json.loads(out.read_text())
    pairs = {(int(a[:5]), int(b[:5])) for a, b in told.pop("pairs")}
    return {**score(pairs, truth), **told}


def hashed(files: list[Path]) -> np.ndarray:
    """Return the 16 × 16 gradient hash by which the MRI set's leaks were first counted."""
    rows = []
    for path in files:
        small = Pil.open(path).convert("L").resize((17, 16), Pil.Resampling.BILINEAR)
        grey = np.asarray(small).astype(int)
        rows.append((grey[:, 1:] > grey[:, :-1]).ravel())
    return np.array(rows)


def mri_leaks(root: Path) -> dict[str, object]:
    """Count pairs across the split: the gradient hash's (≤ 6 of 256 bits), and ours of those."""
    files = sorted((root / "images").rglob("*.jpg"))
    part = [path.parent.name for path in files]
    bits = hashed(files).astype(np.float32)
    apart = bits @ (1 - bits.T) + (1 - bits) @ bits.T
    known = {(int(i), int(j)) for i, j in np.argwhere(np.triu(apart <= 6, 1)) if part[i] != part[j]}
    entries = [Entry(str(n), FileReference(path)) for n, path in enumerate(files)]
    found = find_near_duplicates(read_pictures(entries).pictures)
    ours_ = {(p.first, p.second) for p in found.pairs if part[p.first] != part[p.second]}

    def across(pairs: set[tuple[int, int]]) -> dict[str, int]:
        return dict(Counter("-".join(sorted((part[i], part[j]))) for i, j in pairs))

    return {
        "known": across(known), "known found": across(known & ours_), "all found": across(ours_),
        "kinds": dict(Counter(p.kind for p in found.pairs if (p.first, p.second) in ours_)),
        "groups": len(found.groups), "cases in groups": sum(map(len, found.groups)),
    }  # fmt: skip


def counted(entries: tuple[Entry, ...]) -> dict[str, object]:
    begun = cpu_seconds()
    found = find_near_duplicates(read_pictures(entries).pictures)
    spent = cpu_seconds() - begun
    cross = [p for p in found.pairs if entries[p.first].split != entries[p.second].split]
    opposed = [p for p in found.pairs if entries[p.first].target != entries[p.second].target]
    return {
        "cases": len(entries),
        "pairs": len(found.pairs),
        "kinds": dict(Counter(p.kind for p in found.pairs)),
        "across the split": dict(Counter(p.kind for p in cross)),
        "with other labels": dict(Counter(p.kind for p in opposed)),
        "cpu_s": spent,
    }


def real(root: Path) -> Iterator[tuple[str, dict[str, object]]]:
    yield "brain_mri_br35h", mri_leaks(root / "detection/brain_mri_br35h")
    for name in ("busi", "covid_ct", "lung_cxr_montgomery_shenzhen"):
        room = "segmentation" if name.startswith("lung") else "classification"
        files = sorted(p for p in (root / room / name / "images").rglob("*") if p.is_file())
        yield name, counted(tuple(Entry(str(n), FileReference(p)) for n, p in enumerate(files)))
    for name in ("breastmnist", "pneumoniamnist"):
        yield name, counted(index_data(root / f"classification/{name}/{name}.npz").entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "runs" / "near_duplicates")
    parser.add_argument("--peer", type=Path)
    parser.add_argument(
        "--json", type=Path, default=ROOT / "benchmarks" / "results" / "near_duplicates.json"
    )
    arguments = parser.parse_args()
    images = arguments.folder / "images"
    truth = write_set(images)
    results: dict[str, object] = {}

    def note(name: str, told: dict[str, object]) -> None:
        results[name] = told
        sys.stdout.write(f"{name}: {json.dumps(told)}\n")
        sys.stdout.flush()
        if arguments.json:
            arguments.json.write_text(json.dumps(results, indent=2) + "\n")

    note("scanwright", ours(images, truth))
    if arguments.peer:
        note("imagededup PHash, 10 of 64 bits", peers(arguments.peer, images, truth))
    data = Path(os.environ.get("SCANWRIGHT_DATA", ROOT.parent / "shared" / "data"))
    if data.exists():
        for name, told in real(data):
            note(name, told)


if __name__ == "__main__":
    main()
