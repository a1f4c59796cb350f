"""MONAI's RetinaNet learns to find for some seconds, and says what it finds in the test part.

`findings.py` runs it in a process of its own. MONAI takes a few small pieces from torchvision,
which need not be there: `stand_in` offers what is used of them, written from their documentation
(the layers of a network that are asked for, and two names that are only compared with). All that
computes is MONAI's own: ResNet-18, feature pyramid, heads, anchors, ATSS matcher, hard negative
sampler, losses, sliding windows, suppression.

Settings are those of MONAI's LUNA16 tutorial, whatever the rank: 4 candidates, 64 samples an image,
30 % of them positive, cross-entropy and smooth L1, suppression at .22, SGD at 1e-2 with momentum
.9, Nesterov and a decay of 3e-5, rising at first and then falling to 0 with the time. It is
treated kindly besides:

- anchors are fitted to the boxes that are learnt, levels to their sizes;
- ResNet-18 in place of 50, and 128 channels (64 in 3-D) in the pyramid and heads in place of 256,
  for a step takes 2.3 times as long with 256 as with 128, and .7 times as long with 64. `--width`
  and `--optimiser adam` try others: in runs of a minute neither optimiser was ahead at like steps,
  and 64 channels were ahead of 128, by their steps;
- it learns from all cases that are not for the test, keeping none for validation;
- its seconds count only while it learns, not while cases are read and prepared, nor in the test;
- it has the number format that scanwright has, boxes being computed in single precision.

Preprocessing, size of the input, windows and augmentation are scanwright's, from its recipe.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from findings_sets import index_options
from torch import nn

from scanwright.data import WindowStore, read_case
from scanwright.image import Floats, Image, moved_edges
from scanwright.inference import Compute, choose_compute, to_device
from scanwright.recipe import Recipe
from scanwright.training import Fold, StoredWindows
from scanwright.training.material import Feed, Means
from scanwright.workflows.prepare import Prepared, RunOptions, prepare
from scanwright.workflows.windowed import open_windows

WIDTH = {2: 128, 3: 64}
"""Channels of pyramid and heads, by rank."""
BATCH, SHAPES, WARM_UP, POWER, CLIP = 4, 3, 0.05, 0.9, 10.0
STRIDES = {1: 4, 2: 8, 3: 16, 4: 32}
"""Of the stages of a ResNet."""
CELLS = 3.0
"""Cells of the level that is for it along a finding, at least."""


class LayersOf(nn.Module):
    """Gives what some direct children of a network answer, the children taken in their order."""

    def __init__(self, model: nn.Module, return_layers: Mapping[str, str]) -> None:
        super().__init__()
        self.asked = dict(return_layers)
        self.parts = nn.ModuleDict()
        missing = set(self.asked)
        for name, part in model.named_children():
            if missing:
                self.parts[name] = part
                missing.discard(name)

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return name → answer."""
        answers = {}
        for name, part in self.parts.items():
            images = part(images)
            if name in self.asked:
                answers[self.asked[name]] = images
        return answers


def stand_in() -> None:
    """Offer what MONAI's detection takes from torchvision, unless torchvision is there."""
    if importlib.util.find_spec("torchvision") is not None:
        return
    names = ("", ".models", ".models._utils", ".models.detection", ".models.detection._utils")
    made: dict[str, types.ModuleType] = {}
    for name in names:
        full = f"torchvision{name}"
        module = made[full] = sys.modules[full] = types.ModuleType(full)
        module.__spec__ = importlib.machinery.ModuleSpec(full, None, is_package=True)
        module.__path__, module.__file__ = [], __file__  # MONAI takes none without a file for real
        above, _, own = full.rpartition(".")
        if above:
            setattr(made[above], own, module)
    made["torchvision.models._utils"].IntermediateLayerGetter = LayersOf
    for name in ("Matcher", "BalancedPositiveNegativeSampler"):
        setattr(made["torchvision.models.detection._utils"], name, type(name, (), {}))


def chosen_stages(sizes: Floats) -> list[int]:
    """Return the stages of the ResNet whose answers are used, two at least."""
    small, large = np.quantile(np.exp(np.log(sizes).mean(axis=1)), [0.1, 0.9])
    fits = [
        [k for k, stride in STRIDES.items() if stride * CELLS <= edge] for edge in (small, large)
    ]
    first, last = (max(one, default=1) for one in fits)
    first = min(first, 3)
    return list(range(first, max(last, first + 1) + 1))


def fitted_shapes(sizes: Floats, levels: int, rng: np.random.Generator) -> list[list[float]]:
    """Return anchors of the finest level; those of each further one are twice as long.

    Edges (N, D) are halved until they belong to the finest level, and what is left is clustered by
    k-means of their logarithms.
    """
    logs = np.log2(sizes)
    middle = logs.mean(axis=1)
    level = np.clip(np.round(middle - np.quantile(middle, 0.1)), 0, levels - 1)
    points = logs - level[:, None]
    best, least = points[:SHAPES], np.inf
    for _ in range(10):
        centres = points[rng.choice(len(points), SHAPES, replace=False)]
        for _ in range(30):
            apart = ((points[:, None] - centres) ** 2).sum(axis=2)
            own = apart.argmin(axis=1)
            centres = np.stack(
                [
                    points[own == k].mean(axis=0) if (own == k).any() else centres[k]
                    for k in range(SHAPES)
                ]
            )
        if apart.min(axis=1).sum() < least:
            best, least = centres, apart.min(axis=1).sum()
    return (2**best).tolist()


def make_detector(recipe: Recipe, sizes: Floats, width: int) -> nn.Module:
    """Return MONAI's detector for the boxes that a recipe is about."""
    from monai.apps.detection.networks.retinanet_detector import RetinaNetDetector
    from monai.apps.detection.networks.retinanet_network import RetinaNet
    from monai.apps.detection.utils.anchor_utils import AnchorGeneratorWithAnchorShape
    from monai.networks.blocks.backbone_fpn_utils import BackboneWithFPN
    from monai.networks.nets import resnet18

    class SinglePrecision(RetinaNet):
        """Answers in single precision: anchors take their type from the answers."""

        def forward(self, images: torch.Tensor) -> dict[str, list[torch.Tensor]]:
            """Return the maps of each level."""
            return {k: [one.float() for one in maps] for k, maps in super().forward(images).items()}

    rank, stages = recipe.network.rank, chosen_stages(sizes)
    shapes = fitted_shapes(sizes, len(stages) + 1, np.random.default_rng(recipe.training.seed))
    anchors = AnchorGeneratorWithAnchorShape([2**k for k in range(len(stages) + 1)], shapes)
    backbone = resnet18(
        spatial_dims=rank,
        n_input_channels=recipe.network.channels,
        conv1_t_stride=2,
        feed_forward=False,
    )
    channels = [64 * 2 ** (stage - 1) for stage in stages]
    layers = {f"layer{stage}": str(place) for place, stage in enumerate(stages)}
    pyramid = BackboneWithFPN(backbone, layers, channels, width, spatial_dims=rank)
    network = SinglePrecision(
        spatial_dims=rank,
        num_classes=len(recipe.task.labels),
        num_anchors=SHAPES,
        feature_extractor=pyramid,
        size_divisible=2 * STRIDES[stages[-1]],
    )
    detector = RetinaNetDetector(network, anchors)
    detector.set_atss_matcher(num_candidates=4, center_in_gt=False)
    detector.set_hard_negative_sampler(64, positive_fraction=0.3, pool_size=20, min_neg=16)
    detector.set_box_selector_parameters(
        score_thresh=0.02, topk_candidates_per_level=1000, nms_thresh=0.22, detections_per_img=100
    )
    return detector


def make_optimiser(name: str, network: nn.Module) -> torch.optim.Optimizer:
    """Return the tutorial's optimiser, or Adam."""
    if name == "adam":
        return torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4)
    return torch.optim.SGD(
        network.parameters(), lr=1e-2, momentum=0.9, weight_decay=3e-5, nesterov=True
    )


def targets_of(truth: torch.Tensor, rank: int) -> list[dict[str, torch.Tensor]]:
    """Return the boxes of each image as MONAI counts them: 0 is an outer edge."""
    targets = []
    for rows in truth:
        own = rows[rows[:, 0] >= 0]
        targets.append(
            {"boxes": own[:, 1:].reshape(-1, 2 * rank) + 0.5, "labels": own[:, 0].long()}
        )
    return targets


def learn(
    detector: nn.Module,
    optimiser: torch.optim.Optimizer,
    feed: Feed,
    compute: Compute,
    seconds: float,
) -> int:
    """Learn by the clock; return the number of steps."""
    detector.train()
    rates = [group["lr"] for group in optimiser.param_groups]
    step, started = 0, time.monotonic()
    while (done := (time.monotonic() - started) / seconds) < 1:
        factor = min(1.0, (done + 1e-3) / WARM_UP) * (1 - done) ** POWER
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        for images, truth in feed.batch_at(step).parts:
            with torch.autocast("cpu", compute.autocast, enabled=compute.autocast is not None):
                losses = detector(images, targets_of(truth, images.ndim - 2))
            sum(losses.values()).backward()
        nn.utils.clip_grad_norm_(detector.parameters(), CLIP)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
    return step


def find(detector: nn.Module, image: Image, window: Sequence[int], compute: Compute) -> Floats:
    """Return rows of class, score, and low and high edges in index units of the prepared image."""
    whole = torch.from_numpy(np.ascontiguousarray(image.array, dtype=np.float32))
    is_large = any(edge > part for edge, part in zip(image.size, window, strict=True))
    with (
        torch.inference_mode(),
        torch.autocast("cpu", compute.autocast, enabled=compute.autocast is not None),
    ):
        (found,) = detector([whole], use_inferer=is_large)
    boxes, labels, scores = (found[key].float() for key in ("boxes", "labels", "labels_scores"))
    return torch.cat([labels[:, None], scores[:, None], boxes - 0.5], dim=1).double().numpy()


def look(prepared: Prepared, detector: nn.Module, window: Sequence[int], compute: Compute) -> dict:
    """Return what is found in each case of the test part, on the case's own grid."""
    detector.eval()
    pipeline = prepared.recipe.pipeline()
    answers = {}
    for entry in prepared.test:
        case = read_case(entry)
        image = pipeline.apply(case)[0].image
        rows = find(detector, image, window, compute)
        edges = rows[:, 2:].reshape(len(rows), 2, image.rank).transpose(0, 2, 1)
        edges = moved_edges(edges, image.geometry, case.image.geometry)
        edges = edges.clip(-0.5, np.array(case.image.size)[:, None] - 0.5)
        kept = (edges[..., 1] > edges[..., 0]).all(axis=1)
        answers[entry.name] = {
            "edges": edges[kept].tolist(),
            "classes": rows[kept, 0].astype(int).tolist(),
            "scores": rows[kept, 1].tolist(),
        }
    return answers


def all_sizes(store: WindowStore) -> Floats:
    """Return the edges of all boxes, shape (N, D), in elements of the prepared images."""
    edges = np.concatenate([store.case(name).boxes()[0] for name in store.names])
    return np.asarray(edges[..., 1] - edges[..., 0])


def run(asked: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Prepare, learn, look at the test part."""
    options = RunOptions(
        index=index_options(asked.modality),
        recipe=asked.recipe,
        seed=asked.seed,
        budget_seconds=max(asked.seconds, 1.0),
        audit=False,
    )
    prepared = prepare(str(asked.data), options, time.monotonic())
    recipe = prepared.recipe
    compute = choose_compute("cpu", recipe.training.precision)
    store, _ = open_windows(prepared, folder)
    torch.manual_seed(asked.seed)
    sizes = all_sizes(store)
    detector = make_detector(recipe, sizes, asked.width or WIDTH[recipe.network.rank])
    detector = to_device(detector, compute.device)  # channels innermost in 2-D, as ours
    divisor = detector.size_divisible[0]
    window = recipe.network.size
    if recipe.network.rank == 3:  # windows that leave no part of a cell; planes are filled up
        window = tuple(max(divisor, edge // divisor * divisor) for edge in window)
        detector.set_sliding_window_inferer(window, sw_batch_size=1, overlap=0.25)
    recipe = recipe.changed({"network.size": window, "training.batch": asked.batch})
    rows = np.arange(len(store.names))
    means = Means(compute, prepared.machine.memory_bytes)
    (phase,) = StoredWindows(store).phases(recipe, Fold(rows, rows[:0]), 0, means)
    steps = learn(
        detector, make_optimiser(asked.optimiser, detector), phase.feed, compute, asked.seconds
    )
    started = time.monotonic()
    answers = look(prepared, detector, window, compute)
    return {
        "optimiser": asked.optimiser,
        "channels": detector.network.feature_map_channels,
        "stages": chosen_stages(sizes),
        "anchors": [cell.tolist() for cell in detector.anchor_generator.cell_anchors],
        "input": list(window),
        "learnt from": len(rows),
        "steps": steps,
        "images seen": steps * asked.batch,
        "seconds a test case": (time.monotonic() - started) / max(len(answers), 1),
        "answers": answers,
    }


def main() -> None:
    """Read the flags, run, write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--modality", default="")
    parser.add_argument("--recipe", type=Path, help="scanwright's; the rules' where not given")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--optimiser", choices=("sgd", "adam"), default="sgd")
    parser.add_argument("--width", type=int, default=0, help="channels of pyramid and heads")
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    stand_in()
    warnings.filterwarnings("ignore", module="monai")
    with tempfile.TemporaryDirectory() as place:
        asked.out.write_text(json.dumps(run(asked, Path(place))))


if __name__ == "__main__":
    main()
