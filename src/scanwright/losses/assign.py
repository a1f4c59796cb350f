"""Which cells answer for which true box, and how sure each should be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from scanwright.losses.box_terms import TINY, overlap

PAIRS = 2**20
"""Pairs of a true box and a cell looked at together: 4 MB for each number that is kept of them."""
LEAST_QUALITY = 0.1
"""What is asked at least of the best cell of a box, so that one that nothing fits yet is learnt."""
ANCHOR = 8.0
"""Edge of the box around a cell by which ATSS judges it, in strides (its paper, section 4.3)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the cells propose for one image, and what is there.

    Lengths are in index units of the image.

    Parameters
    ----------
    log_chances
        Logarithm of the chance of each class, shape (K, N).
    low, high
        Edges of the proposed boxes, shape (D, N).
    centre
        Of the cells, shape (D, N).
    stride
        Of the cells' levels, shape (N,).
    label
        Class of each true box, shape (M,).
    true_low, true_high
        Edges of the true boxes, shape (D, M).
    """

    log_chances: Tensor
    low: Tensor
    high: Tensor
    centre: Tensor
    stride: Tensor
    label: Tensor
    true_low: Tensor
    true_high: Tensor

    def chunks(self) -> Iterator[Tensor]:
        """Return the true boxes by place, as many at a time as memory allows."""
        cells = max(1, self.stride.numel())
        places = torch.arange(self.label.numel(), device=self.label.device)
        return iter(torch.split(places, max(1, PAIRS // cells))) if places.numel() else iter(())

    def is_inside(self, rows: Tensor) -> Tensor:
        """Say which cells have their centre in which of some true boxes: (m, N)."""
        inside = torch.ones(rows.numel(), self.stride.numel(), dtype=torch.bool, device=rows.device)
        for low, high, at in zip(self.true_low, self.true_high, self.centre, strict=True):
            inside &= (at >= low[rows, None]) & (at <= high[rows, None])
        return inside

    def is_near(self, rows: Tensor) -> Tensor:
        """Say which cells lie within a stride of the centres of true boxes: (m, N).

        For a box that lies further from all, the nearest are taken.
        """
        away = torch.zeros(rows.numel(), self.stride.numel(), device=rows.device)
        for low, high, at in zip(self.true_low, self.true_high, self.centre, strict=True):
            middle = (low[rows, None] + high[rows, None]) / 2
            away = torch.maximum(away, (at - middle).abs() / self.stride)
        return away <= away.amin(dim=1, keepdim=True).clamp(min=1)

    def fit(self, rows: Tensor) -> Tensor:
        """Return the overlap of true boxes with every proposal: (m, N)."""
        low, high = self.true_low[:, rows, None], self.true_high[:, rows, None]
        return overlap(low, high, self.low[:, None], self.high[:, None])

    def paired_fit(self, truth: Tensor, cell: Tensor) -> Tensor:
        """Return the overlap of true boxes with one proposal each: (P,)."""
        return overlap(
            self.true_low[:, truth], self.true_high[:, truth], self.low[:, cell], self.high[:, cell]
        )


@dataclass(frozen=True, slots=True)
class Assigned:
    """Cells that answer for a true box; each cell at most once.

    Parameters
    ----------
    truth, cell
        Places of both, shape (P,).
    quality
        How sure the cell should be, above 0 and at most 1, shape (P,).
    """

    truth: Tensor
    cell: Tensor
    quality: Tensor


@dataclass(frozen=True, slots=True)
class _Claims:
    """Pairs of a true box and a cell that it claims, the cell's rank and how well it is liked."""

    truth: Tensor
    cell: Tensor
    liking: Tensor
    is_first: Tensor


Assign = Callable[[Scene], Assigned]
"""A rule that says which cells answer for which box."""


@torch.no_grad()
def task_aligned(scene: Scene, *, candidates: int = 13, power: float = 6.0) -> Assigned:
    """Choose the cells that are surest of the class and fit best, both at once.

    Of the cells with their centre in a box, those with the largest t = s · u^β are taken, where s
    is the chance that the cell gives to the box's class and u the overlap of its proposal with the
    box (Feng et al. 2021, TOOD, equation 7, α = 1). Among a box's cells t is scaled so that its
    largest value is the largest overlap: that is what each should be sure of (section 3.3). A box
    in which no centre lies takes cells within a stride of its own centre. A cell that several boxes
    claim goes to the one that it fits best; but first to those whose best cell it is.

    Parameters
    ----------
    scene
        Of one image.
    candidates
        Most cells for a box.
    power
        β.
    """
    claims = [_aligned_claims(scene, rows, candidates, power) for rows in scene.chunks()]
    truth, cell, liking = _settled(scene, _joined(scene, claims))
    fit = scene.paired_fit(truth, cell)
    best_liking = _largest(liking, truth, scene.label.numel())
    best_fit = _largest(fit, truth, scene.label.numel()).clamp(min=LEAST_QUALITY)
    return Assigned(truth, cell, (liking - best_liking[truth]).exp() * best_fit[truth])


@torch.no_grad()
def adaptive(scene: Scene, *, candidates: int = 9) -> Assigned:
    """Choose the cells whose surroundings overlap a box more than those of its other candidates.

    Of each level the cells nearest to a box's centre are its candidates; each is judged by the
    overlap of the box with a square of 8 strides around the cell. Those above mean plus deviation
    of these overlaps that have their centre in the box are taken (Zhang et al. 2020, Bridging the
    gap, algorithm 1); where there is none, the one that overlaps most. Cells should be as sure as
    their proposals fit. The rule looks at no proposal, so it is steady while they are still poor.

    Parameters
    ----------
    scene
        Of one image.
    candidates
        Of each level.
    """
    claims = [_adaptive_claims(scene, rows, candidates) for rows in scene.chunks()]
    truth, cell, _ = _settled(scene, _joined(scene, claims))
    fit = scene.paired_fit(truth, cell)
    return Assigned(truth, cell, fit.clamp(min=LEAST_QUALITY))


def _aligned_claims(scene: Scene, rows: Tensor, candidates: int, power: float) -> _Claims:
    able = scene.is_inside(rows)
    lone = ~able.any(dim=1)
    if lone.any():
        able[lone] = scene.is_near(rows[lone])
    # As logarithms: the sixth power of a poor overlap is too small for single precision.
    liking = scene.log_chances[scene.label[rows]] + power * scene.fit(rows).clamp(min=TINY).log()
    liking = liking.masked_fill(~able, -torch.inf)
    best = liking.topk(min(candidates, liking.shape[1]), dim=1)
    row, rank = best.values.isfinite().nonzero(as_tuple=True)
    return _Claims(rows[row], best.indices[row, rank], best.values[row, rank], rank == 0)


def _adaptive_claims(scene: Scene, rows: Tensor, candidates: int) -> _Claims:
    low, high = scene.true_low[:, rows], scene.true_high[:, rows]  # (D, m)
    near = _nearest_by_level(scene, (low + high) / 2, candidates)  # (m, C)
    reach = scene.stride[near] * ANCHOR / 2
    at = scene.centre[:, near]  # (D, m, C)
    low, high = low[..., None], high[..., None]
    fit = overlap(low, high, at - reach, at + reach)  # (m, C)
    inside = ((at >= low) & (at <= high)).all(dim=0)
    spread = fit.std(dim=1, keepdim=True, correction=min(1, fit.shape[1] - 1))
    good = inside & (fit >= fit.mean(dim=1, keepdim=True) + spread)
    first = fit.masked_fill(~inside, -1.0).argmax(dim=1, keepdim=True)
    is_first = torch.zeros_like(inside).scatter_(1, first, value=True)
    taken = good | (is_first & ~good.any(dim=1, keepdim=True))
    row, column = taken.nonzero(as_tuple=True)
    return _Claims(rows[row], near[row, column], fit[row, column], is_first[row, column])


def _nearest_by_level(scene: Scene, middle: Tensor, candidates: int) -> Tensor:
    """Return the cells of each level that are nearest to points (D, m): (m, C)."""
    found = []
    for stride in torch.unique(scene.stride):
        cells = (scene.stride == stride).nonzero().flatten()
        away = torch.zeros(middle.shape[1], cells.numel(), device=middle.device)
        for point, at in zip(middle, scene.centre[:, cells], strict=True):
            away = away + (at - point[:, None]).square()
        count = min(candidates, cells.numel())
        found.append(cells[away.topk(count, dim=1, largest=False).indices])
    return torch.cat(found, dim=1)


def _joined(scene: Scene, claims: list[_Claims]) -> _Claims:
    if not claims:
        none = scene.label.new_zeros(0)
        return _Claims(none, none, scene.stride.new_zeros(0), none.bool())
    return _Claims(
        *(torch.cat([getattr(one, name) for one in claims]) for name in _Claims.__slots__)
    )


def _settled(scene: Scene, claims: _Claims) -> tuple[Tensor, Tensor, Tensor]:
    """Give each cell to one of the boxes that claim it; return truth, cell and liking."""
    fit = scene.paired_fit(claims.truth, claims.cell)
    order = (fit + claims.is_first).argsort(descending=True, stable=True)
    order = order[claims.cell[order].argsort(stable=True)]
    cell = claims.cell[order]
    is_new = torch.ones_like(cell, dtype=torch.bool)
    is_new[1:] = cell[1:] != cell[:-1]
    kept = order[is_new]
    return claims.truth[kept], claims.cell[kept], claims.liking[kept]


def _largest(values: Tensor, truth: Tensor, count: int) -> Tensor:
    """Return the largest value of each true box, -∞ for one that got no cell."""
    none = torch.full((count,), -torch.inf, dtype=values.dtype, device=values.device)
    return none.scatter_reduce(0, truth, values, "amax")
