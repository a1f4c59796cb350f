"""Draw the figures of docs/explanation/building-blocks.md from simulated images.

Run it from the root of the project: `python docs/figures/building_blocks.py`. It takes about a
minute, most of it for training the tutorial network, and gives the same files every time.
"""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from torch import Tensor

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from scanwright.image import Modality
from scanwright.losses import build_loss
from scanwright.nets import Network, NetworkOptions, build_network
from scanwright.nets.blocks import AVERAGE_POOL, CONV, MAX_POOL
from scanwright.phantom import CohortOptions, simulate_case

FIGURES = Path(__file__).parents[1] / "explanation" / "figures"
EDGE = 64
TRAIN = 800
TEST = 200
EPOCHS = 10
BATCH = 32
GREY = {"cmap": "gray", "interpolation": "nearest"}
SIGNED = {"cmap": "RdBu_r", "interpolation": "nearest"}
SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
MEAN = [[1 / 9] * 3] * 3
LAPLACE = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]


def scaled(image: np.ndarray) -> np.ndarray:
    """Bring an image to 0..1 by its 99.5th percentile."""
    values = image.astype(np.float32)
    return np.clip(values / np.percentile(values, 99.5), 0, 1)


def brain(index: int, size: int) -> np.ndarray:
    options = CohortOptions(modality=Modality.MRI, size=size)
    return scaled(simulate_case(options, index).case.images["image"].array[0])


def show(axes: Axes, image: np.ndarray, title: str, **style: object) -> None:
    axes.imshow(image, **style)
    axes.set_title(title, fontsize=9)
    axes.set_axis_off()


def save(name: str) -> None:
    FIGURES.mkdir(parents=True, exist_ok=True)
    plt.savefig(FIGURES / name, dpi=90, bbox_inches="tight", metadata={"Software": None})
    plt.close()


def filtered(image: np.ndarray, weights: Sequence[Sequence[float]]) -> np.ndarray:
    layer = CONV[2](1, 1, 3, bias=False)
    layer.weight.data = torch.tensor(weights, dtype=torch.float32)[None, None]
    with torch.no_grad():
        return layer(torch.tensor(image)[None, None])[0, 0].numpy()


def draw_convolution(image: np.ndarray) -> None:
    """A row for each filter: its numbers, and the map that it makes of the image."""
    filters = {"left–right slope": SOBEL, "neighbourhood mean": MEAN, "spots and edges": LAPLACE}
    _, grid = plt.subplots(2, 4, figsize=(10, 5.2), layout="constrained")
    show(grid[0, 0], image, f"image x, {image.shape[0]} × {image.shape[1]}", **GREY)
    grid[1, 0].set_axis_off()
    for column, (name, weights) in enumerate(filters.items(), start=1):
        top, bottom = grid[:, column]
        show(top, np.array(weights), f"filter f: {name}", vmin=-2, vmax=2, **SIGNED)
        for (row, place), weight in np.ndenumerate(np.array(weights)):
            text = f"{weight:g}" if abs(weight) != 1 / 9 else "1/9"
            top.text(place, row, text, ha="center", va="center", fontsize=12)
        maps = filtered(image, weights)
        title = f"map y, {maps.shape[0]} × {maps.shape[1]}"
        if weights is MEAN:
            show(bottom, maps, title, **GREY)
        else:
            reach = np.percentile(np.abs(maps), 99.5)
            show(bottom, maps, title, vmin=-reach, vmax=reach, **SIGNED)
    save("convolution.png")


def draw_pooling(image: np.ndarray) -> None:
    """A map after ReLU, and what two poolings leave of it."""
    maps = torch.tensor(filtered(image, SOBEL))[None, None].relu()
    edge = 4
    _, grid = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
    reach = float(maps.quantile(0.995))
    for axes, title, pooled in (
        (grid[0], "map after ReLU", maps),
        (grid[1], f"max pooling, window {edge}", MAX_POOL[2](edge)(maps)),
        (grid[2], f"average pooling, window {edge}", AVERAGE_POOL[2](edge)(maps)),
    ):
        size = " × ".join(map(str, pooled.shape[2:]))
        show(axes, pooled[0, 0].numpy(), f"{title}\n{size}", vmin=0, vmax=reach, **GREY)
    save("pooling.png")


def mass(rng: np.random.Generator, is_spiked: bool) -> np.ndarray:
    """Draw a dark mass in speckle, its border smooth or spiked; both have the same mean area."""
    y, x = np.mgrid[:EDGE, :EDGE] - rng.uniform(EDGE * 0.35, EDGE * 0.65, size=(2, 1, 1))
    angle = np.arctan2(y, x)
    spikes = rng.integers(7, 12)
    wave = 0.25 * np.cos(spikes * angle + rng.uniform(0, 2 * np.pi)) if is_spiked else 0.0
    oval = 1 + 0.15 * np.cos(2 * angle + rng.uniform(0, 2 * np.pi))
    border = rng.uniform(9, 15) * oval * (1 + wave)
    inside = 1 / (1 + np.exp(np.hypot(y, x) - border))
    speckle = rng.gamma(8, 1 / 8, size=(EDGE, EDGE))
    return ((1 - 0.75 * inside) * speckle).astype(np.float32)


def masses() -> tuple[Tensor, Tensor]:
    """Return images (N, 1, Y, X) and whether the border is spiked (N,)."""
    rng = np.random.default_rng(0)
    truths = rng.integers(2, size=TRAIN + TEST)
    stack = torch.tensor(np.stack([mass(rng, bool(truth)) for truth in truths]))[:, None]
    return (stack - stack[:TRAIN].mean()) / stack[:TRAIN].std(), torch.tensor(truths)


def train(network: Network, images: Tensor, truths: Tensor) -> None:
    loss = build_loss("cross_entropy")
    descent = torch.optim.Adam(network.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(0)
    for _ in range(EPOCHS):
        for rows in torch.randperm(TRAIN, generator=order).split(BATCH):
            descent.zero_grad()
            loss(network(images[rows]), truths[rows]).backward()
            descent.step()


def draw_filters() -> None:
    """The 32 first filters before and after training, and maps of one image by some of them."""
    images, truths = masses()
    network = build_network("tutorial", NetworkOptions(size=(EDGE, EDGE), outputs=2), seed=0)
    first = network.trunk[0]
    before = first.weight.detach().clone()
    train(network.train(), images, truths)
    after = first.weight.detach()
    with torch.no_grad():
        right = network.eval()(images[TRAIN:]).argmax(1) == truths[TRAIN:]
        case = TRAIN + int(truths[TRAIN:].nonzero()[0])
        maps = network.trunk[:2](images[case : case + 1])[0]
    print(f"right in {int(right.sum())} of {TEST} images that were not trained on")
    change = after - before
    print(f"the filters moved by {float(change.norm() / before.norm()):.1%} of their length")
    _, grid = plt.subplots(
        1, 4, figsize=(12, 3.4), layout="constrained", gridspec_kw={"wspace": 0.08}
    )
    panels = (
        (before, "first filters\nbefore training"),
        (after, "the same filters\nafter training"),
    )
    reach = float(before.abs().quantile(0.98))
    for axes, (weights, title) in zip(grid, panels, strict=False):
        show(axes, mosaic(weights[:, 0]), title, vmin=-reach, vmax=reach, **SIGNED)
    stronger = reach / float(change.abs().quantile(0.98))
    reach /= stronger
    title = f"what training changed\n(colours {stronger:.0f} × stronger)"
    show(grid[2], mosaic(change[:, 0]), title, vmin=-reach, vmax=reach, **SIGNED)
    strongest = maps.flatten(1).std(1).argsort(descending=True)[:3]
    image = images[case, 0, 1:-1, 1:-1]
    tiles = [image - image.min(), *(maps[index] for index in strongest)]
    sheet = mosaic(torch.stack([tile / tile.max() for tile in tiles]), columns=2)
    show(grid[3], sheet, "a spiked mass,\nand three maps of it", **GREY)
    save("first-filters.png")


def mosaic(tiles: Tensor, columns: int = 6) -> np.ndarray:
    """Lay tiles (N, Y, X) out in rows, with a white line between."""
    count, high, wide = tiles.shape
    rows = -(-count // columns)
    gap = max(1, high // 30)
    sheet = np.full((rows * (high + gap) - gap, columns * (wide + gap) - gap), np.nan, np.float32)
    for index, tile in enumerate(tiles):
        y, x = (index // columns) * (high + gap), (index % columns) * (wide + gap)
        sheet[y : y + high, x : x + wide] = tile
    return sheet


def main() -> None:
    torch.set_num_threads(1)  # the same sums in the same order on every machine
    image = brain(2, 96)
    draw_convolution(image)
    draw_pooling(image)
    draw_filters()


if __name__ == "__main__":
    main()
