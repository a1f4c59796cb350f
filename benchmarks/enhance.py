"""What each enhancing step does to simulated images whose truth is known, and what it costs.

Part one, method × modality: contrast-to-noise of the lesion against the ring around it, structural
similarity to the same picture without noise (and without coil shading), CPU time. Part two: whether
a linear model on gradient histograms tells classes better after a step (cross-validated AUC, paired
differences over cases). The equality gate comes first: a step must leave a clean picture's lesion
in place, and give the same twice.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, median_filter

from scanwright.image import ClassTarget, Image, Modality
from scanwright.metrics import structural_similarity
from scanwright.phantom import (
    CohortOptions,
    brain_mri,
    chest_ct,
    chest_xray,
    order,
    simulate_case,
)
from scanwright.transforms import CT_WINDOWS, TRANSFORMS, Percentile, Pipeline, Window
from scanwright.workflows.enhance_steps import choose_steps

ROOT = Path(__file__).parents[1]
LESION = {
    Modality.XRAY: "nodule",
    Modality.CT: "nodule",
    Modality.MRI: "tumour",
    Modality.ULTRASOUND: "malignant",
}
FILTERS = (
    "clahe", "unsharp", "total_variation", "non_local_means", "wavelet", "anisotropic_diffusion",
    "speckle_diffusion",
)  # fmt: skip
LOOKS = 24
"""Pictures of one breast with other scatterers, whose mean is the picture without speckle."""


@dataclass(frozen=True)
class Sample:
    """A picture, the same without noise, and where its lesion lies."""

    image: Image
    clean: np.ndarray
    lesion: np.ndarray
    ring: np.ndarray

    def contrast(self, array: np.ndarray) -> float:
        """Return the lesion's contrast to noise."""
        one, other = array[self.lesion], array[self.ring]
        return float(abs(one.mean() - other.mean()) / np.sqrt((one.var() + other.var()) / 2))


@contextmanager
def replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    """Let a function of the simulation be another for a while."""
    old = getattr(module, name)
    setattr(module, name, value(old))
    try:
        yield
    finally:
        setattr(module, name, old)


def quiet(modality: Modality, options: CohortOptions, index: int) -> np.ndarray:
    """Return the picture that a perfect machine would have made."""
    if modality is Modality.ULTRASOUND:
        looks = [_look(options, index, number) for number in range(LOOKS)]
        return np.mean(looks, axis=0)
    module, change = {
        Modality.XRAY: (chest_xray, lambda setting: replace(setting, quanta=1e9)),
        Modality.CT: (chest_ct, lambda setting: replace(setting, quanta=1e9, electronic=0.0)),
        Modality.MRI: (brain_mri, lambda setting: replace(setting, noise=0.0, bias=0.0)),
    }[modality]

    def changed(old: Callable[..., Any]) -> Callable[..., Any]:
        def draw(*rngs: Any) -> Any:
            drawn = old(*rngs)
            return (change(drawn[0]), drawn[1]) if isinstance(drawn, tuple) else change(drawn)

        return draw

    with replaced(module, "draw_setting", changed):
        return simulate_case(options, index).case.image.array[0].astype(float)


def _look(options: CohortOptions, index: int, number: int) -> np.ndarray:
    def other(old: Callable[..., Any]) -> Callable[..., Any]:
        def rng(self: order.Order, stream: str) -> np.random.Generator:
            if stream == "noise":
                return np.random.default_rng([self.seed, self.patient, 777, number])
            return old(self, stream)

        return rng

    with replaced(order.Order, "rng", other):
        return simulate_case(options, index).case.image.array[0].astype(float)


def samples(modality: Modality, count: int, size: int) -> list[Sample]:
    """Make pictures that have a lesion large enough to measure."""
    options = CohortOptions(modality=modality, size=size, cases=200, classes=(LESION[modality],))
    made: list[Sample] = []
    index = 0
    while len(made) < count:
        truth = simulate_case(options, index)
        inside = truth.mask.labels.array[0] == 1
        core = binary_erosion(inside, iterations=2)
        near, far = (binary_dilation(inside, iterations=steps) for steps in (3, 10))
        if core.sum() >= 40:
            clean = quiet(modality, options, index)
            made.append(Sample(truth.case.image, clean, core, far & ~near))
        index += 1
    return made


def steps_for(modality: Modality) -> dict[str, Callable[[Image], Image]]:
    """Return every method that a modality is measured with."""
    made = {kind: Pipeline((TRANSFORMS[kind](),)).apply_image for kind in FILTERS}
    if modality is Modality.MRI:
        made["n4"] = Pipeline((TRANSFORMS["n4"](),)).apply_image
    kept = [
        step for step in choose_steps(modality).pipeline.steps if not step.kind.startswith("crop")
    ]
    made["usual steps"] = Pipeline(tuple(kept)).apply_image
    made["median of 5 × 5"] = lambda image: image.with_array(median_filter(image.array, (1, 5, 5)))
    return made


def measure(modality: Modality, count: int, size: int) -> dict[str, dict[str, float]]:
    """Return the numbers of each method on one modality."""
    made = samples(modality, count, size)
    rows = {"nothing": _row(made, [one.image.array[0] for one in made], 0.0)}
    for name, step in steps_for(modality).items():
        step(made[0].image)  # libraries are loaded
        started = time.process_time()
        found = [step(one.image).array[0] for one in made]
        seconds = time.process_time() - started
        assert np.array_equal(found[0], step(made[0].image).array[0]), "not the same twice"
        rows[name] = _row(made, found, 1e9 * seconds / sum(one.clean.size for one in made))
        clean = step(made[0].image.with_array(made[0].clean[None].astype(np.float32))).array[0]
        assert made[0].contrast(clean) > 0.4 * made[0].contrast(made[0].clean), "lesion lost"
    return rows


def _row(made: list[Sample], found: list[np.ndarray], cost: float) -> dict[str, float]:
    before = [one.contrast(one.image.array[0].astype(float)) for one in made]
    after = [one.contrast(array.astype(float)) for one, array in zip(made, found, strict=True)]
    alike = [
        structural_similarity(one.clean, _levelled(array, one.clean), np.ptp(one.clean))
        for one, array in zip(made, found, strict=True)
    ]
    return {
        "cnr": round(float(np.mean(after)), 3),
        "cnr_gain": round(float(np.mean(np.array(after) / before)), 3),
        "ssim": round(float(np.mean(alike)), 4),
        "ms_per_megapixel": round(cost, 0),
    }


def _levelled(array: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Move an array by a constant: a common shift is no loss of structure."""
    return array.astype(float) + np.median(clean) - np.median(array)


def tell(modality: Modality, count: int, size: int) -> dict[str, dict[str, float]]:
    """Return the cross-validated AUC of a linear model after each step."""
    options = CohortOptions(modality=modality, size=size, cases=count)
    truths = [simulate_case(options, index) for index in range(count)]
    images = [one.case.image for one in truths]
    labels = np.array([_label(one.case.target) == options.labels[1] for one in truths])
    rows = {}
    plain = None
    for name, step in {"nothing": lambda image: image, **steps_for(modality)}.items():
        scores = _cross_validated(np.array([_features(step(one)) for one in images]), labels)
        plain = scores if plain is None else plain
        rows[name] = _difference(labels, scores, plain)
    return rows


def _label(target: object) -> str:
    assert isinstance(target, ClassTarget)
    return target.label


def _features(image: Image) -> np.ndarray:
    from skimage.feature import hog

    scale = Window(low=CT_WINDOWS["lung"][0], high=CT_WINDOWS["mediastinum"][1])
    is_ct = image.modality is Modality.CT and image.unit == "HU"
    share = Pipeline((scale if is_ct else Percentile(),)).apply_image(image).array[0]
    counts, _ = np.histogram(share, 24, (0, 1))
    gradients = hog(share, 9, (8, 8), (2, 2))
    return np.concatenate([gradients, counts / share.size])


def _cross_validated(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.001, max_iter=500))
    scores = [
        cross_val_predict(
            model, features, labels, method="predict_proba",
            cv=StratifiedKFold(5, shuffle=True, random_state=seed),
        )[:, 1]
        for seed in range(3)
    ]  # fmt: skip
    return np.mean(scores, axis=0)


def _difference(labels: np.ndarray, scores: np.ndarray, plain: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(1000):
        pick = rng.integers(0, len(labels), len(labels))
        if 0 < labels[pick].sum() < len(labels):
            one, other = (roc_auc_score(labels[pick], part[pick]) for part in (scores, plain))
            drawn.append(one - other)
    low, high = np.percentile(drawn, (2.5, 97.5))
    auc = roc_auc_score(labels, scores)
    return {
        "auc": round(float(auc), 3),
        "difference": round(float(auc - roc_auc_score(labels, plain)), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
    }


def main() -> None:
    """Print and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--cases", type=int, default=6, help="Pictures of each modality; or 0.")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--told", type=int, default=160, help="Cases of part two; 0 leaves it out.")
    asked = parser.parse_args()
    place = asked.out / "enhance.json"
    result: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
    # Either part may be measured alone; the other's numbers stay.
    if asked.cases:
        result |= {"cases": asked.cases, "size": asked.size, "pictures": {}}
    if asked.told:
        result |= {"told": asked.told, "linear": {}}
    for modality in LESION:
        if asked.cases:
            result["pictures"][modality.value] = measure(modality, asked.cases, asked.size)
        if asked.told:
            result["linear"][modality.value] = tell(modality, asked.told, 64)
        done = {part: result.get(part, {}).get(modality.value) for part in ("pictures", "linear")}
        print(json.dumps(done), flush=True)
        asked.out.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
