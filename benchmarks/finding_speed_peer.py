"""A network of YOLOv8-n's size and shape, written from the published table of its layers.

Only time is asked of it, so that its weights are seeded. Its parameters and operations are held
against the published ones (3.16 million and 8.7 billion at 640 × 640, three channels and 80
classes).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.flop_counter import FlopCounterMode

WIDTHS = (16, 32, 64, 128, 256)
"""A fourth of 64 to 1024."""
REPEATS = (1, 2, 2, 1)
"""A third of 3, 6, 6 and 3."""
STRIDES = (8, 16, 32)
BINS = 16
"""Distances over which each edge is a distribution."""
PUBLISHED = {"parameters": 3_157_200, "operations": 8.7e9}
TOLERANCES = {"parameters": 0.03, "operations": 0.05}


class Step(nn.Module):
    """Convolve, normalise, SiLU; of an odd kernel, with zeros around."""

    def __init__(self, wide_in: int, wide_out: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.convolve: nn.Module = nn.Conv2d(
            wide_in, wide_out, kernel, stride, kernel // 2, bias=False
        )
        self.normalise: nn.Module = nn.BatchNorm2d(wide_out)

    def forward(self, maps: Tensor) -> Tensor:
        """Take (B, C, Y, X), give (B, C', Y / stride, X / stride)."""
        return functional.silu(self.normalise(self.convolve(maps)))

    def fold(self) -> None:
        """Multiply the normalisation into the convolution."""
        self.convolve = fuse_conv_bn_eval(self.convolve.eval(), self.normalise.eval())
        self.normalise = nn.Identity()


class CrossStage(nn.Module):
    """Half of the maps go through pairs of 3 × 3 steps, and every half on the way is kept."""

    def __init__(self, wide_in: int, wide_out: int, repeats: int, *, adds: bool) -> None:
        super().__init__()
        half = wide_out // 2
        self.adds = adds
        self.enter = Step(wide_in, wide_out)
        self.pairs = nn.ModuleList(
            nn.Sequential(Step(half, half, 3), Step(half, half, 3)) for _ in range(repeats)
        )
        self.leave = Step((2 + repeats) * half, wide_out)

    def forward(self, maps: Tensor) -> Tensor:
        """Take (B, C, Y, X), give (B, C', Y, X)."""
        kept = list(self.enter(maps).chunk(2, dim=1))
        for pair in self.pairs:
            after = pair(kept[-1])
            kept.append(kept[-1] + after if self.adds else after)
        return self.leave(torch.cat(kept, dim=1))


class PooledPyramid(nn.Module):
    """Maxima over 5, 9 and 13 elements beside the maps themselves."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.enter = Step(wide, wide // 2)
        self.leave = Step(2 * wide, wide)

    def forward(self, maps: Tensor) -> Tensor:
        """Take and give (B, C, Y, X)."""
        kept = [self.enter(maps)]
        for _ in range(3):
            kept.append(functional.max_pool2d(kept[-1], 5, 1, 2))
        return self.leave(torch.cat(kept, dim=1))


class Answer(nn.Module):
    """The branches of one level: distributions of distances, and log-odds of classes."""

    def __init__(self, wide: int, classes: int) -> None:
        super().__init__()
        for_box, for_class = max(16, WIDTHS[2] // 4, 4 * BINS), max(WIDTHS[2], min(classes, 100))
        self.box = self._branch(wide, for_box, 4 * BINS)
        self.kind = self._branch(wide, for_class, classes)

    @staticmethod
    def _branch(wide: int, inside: int, outputs: int) -> nn.Sequential:
        return nn.Sequential(
            Step(wide, inside, 3), Step(inside, inside, 3), nn.Conv2d(inside, outputs, 1)
        )

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Give (B, 64, cells) and (B, classes, cells)."""
        return self.box(maps).flatten(2), self.kind(maps).flatten(2)


class Yolo8Nano(nn.Module):
    """From images (B, C, Y, X) to boxes (B, 4, N): x, y, x, y, and scores (B, classes, N)."""

    def __init__(self, channels: int, classes: int, size: tuple[int, int]) -> None:
        super().__init__()
        first, second, *wide = WIDTHS
        self.stem = nn.Sequential(Step(channels, first, 3, 2), Step(first, second, 3, 2))
        self.early = CrossStage(second, second, REPEATS[0], adds=True)
        before = (second, *wide)
        self.down = nn.ModuleList(
            nn.Sequential(
                Step(before[stage], wide[stage], 3, 2),
                CrossStage(wide[stage], wide[stage], REPEATS[stage + 1], adds=True),
            )
            for stage in range(3)
        )
        self.pool = PooledPyramid(wide[2])
        self.up = nn.ModuleList(
            CrossStage(wide[stage + 1] + wide[stage], wide[stage], 1, adds=False)
            for stage in (1, 0)
        )
        self.shrink = nn.ModuleList(Step(wide[stage], wide[stage], 3, 2) for stage in (0, 1))
        self.again = nn.ModuleList(
            CrossStage(wide[stage] + wide[stage + 1], wide[stage + 1], 1, adds=False)
            for stage in (0, 1)
        )
        self.answers = nn.ModuleList(Answer(edge, classes) for edge in wide)
        self.register_buffer("bins", torch.arange(BINS, dtype=torch.float32).view(1, 1, BINS, 1))
        centres, strides = _cells(size)
        self.register_buffer("centres", centres)
        self.register_buffer("strides", strides)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Answer for every cell."""
        fine, middle, coarse = self._down(images)
        middle = self.up[0](torch.cat([_doubled(coarse), middle], dim=1))
        fine = self.up[1](torch.cat([_doubled(middle), fine], dim=1))
        middle = self.again[0](torch.cat([self.shrink[0](fine), middle], dim=1))
        coarse = self.again[1](torch.cat([self.shrink[1](middle), coarse], dim=1))
        levels = (fine, middle, coarse)
        answers = [answer(maps) for answer, maps in zip(self.answers, levels, strict=True)]
        spread = torch.cat([box for box, _ in answers], dim=2)  # (B, 64, N)
        odds = torch.cat([kind for _, kind in answers], dim=2)
        spread = spread.view(spread.shape[0], 4, BINS, -1).softmax(dim=2)
        below, above = (spread * self.bins).sum(dim=2).chunk(2, dim=1)
        boxes = torch.cat([self.centres - below, self.centres + above], dim=1) * self.strides
        return boxes, odds.sigmoid()

    def _down(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.early(self.stem(images))
        fine = self.down[0](maps)
        middle = self.down[1](fine)
        return fine, middle, self.pool(self.down[2](middle))


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0)


def _cells(size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return the centres (1, 2, N), x and y in cells, and the strides (1, 1, N)."""
    centres, strides = [], []
    for stride in STRIDES:
        axes = [torch.arange(edge // stride) + 0.5 for edge in size]
        rows, columns = torch.meshgrid(*axes, indexing="ij")
        centres.append(torch.stack([columns.flatten(), rows.flatten()]))
        strides.append(torch.full((1, rows.numel()), float(stride)))
    return torch.cat(centres, dim=1)[None], torch.cat(strides, dim=1)[None]


def checked_size() -> dict[str, float]:
    """Return parameters and operations of the published shape; end where they differ."""
    network = Yolo8Nano(3, 80, (640, 640)).eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 3, 640, 640))
    found = {
        "parameters": float(sum(weights.numel() for weights in network.parameters())),
        "operations": float(counter.get_total_flops()),
    }
    for name, published in PUBLISHED.items():
        if abs(found[name] / published - 1) > TOLERANCES[name]:
            raise SystemExit(f"the stand-in has {found[name]:,.0f} {name}, not {published:,.0f}")
    return found


def fold(network: nn.Module) -> None:
    """Multiply all normalisations into the convolutions before them."""
    for layer in list(network.modules()):
        if isinstance(layer, Step):
            layer.fold()
