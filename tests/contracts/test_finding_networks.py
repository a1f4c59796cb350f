"""What every network in the catalog promises that finds boxes."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from scanwright.base import RecipeError
from scanwright.nets import (
    NETWORKS,
    Cells,
    Network,
    NetworkOptions,
    answer_of,
    build_network,
    count_operations,
    count_parameters,
    split_cells,
)

SIZES = {1: (40,), 2: (20, 27), 3: (16, 17, 20)}
CLASSES = 3
FINDING = [name for name in NETWORKS if answer_of(name) == "box"]
each_network = pytest.mark.parametrize("name", FINDING)
each_rank = pytest.mark.parametrize("rank", sorted(SIZES))


def options_of(rank: int, **knobs: object) -> NetworkOptions:
    given = {"size": SIZES[rank], "channels": 2, "outputs": CLASSES, "width": 0.125, **knobs}
    return NetworkOptions(rank=rank, **given)


def batch(rank: int, count: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(rank)
    return torch.randn(count, 2, *SIZES[rank], generator=generator)


def build(name: str, rank: int, seed: int = 0, **knobs: object) -> Network:
    return build_network(name, options_of(rank, **knobs), seed=seed)


def cells_of(network: Network, images: Tensor) -> Cells:
    return split_cells(network(images), CLASSES, images.ndim - 2)


@each_rank
@each_network
def test_every_cell_proposes_a_box_around_its_centre(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    outputs = network(batch(rank))
    assert outputs.shape[:2] == (2, CLASSES + 3 * rank + 1)
    assert outputs.isfinite().all()
    cells = split_cells(outputs, CLASSES, rank)
    assert (cells.low < cells.centre).all()
    assert (cells.centre < cells.high).all()


@each_rank
@each_network
def test_cells_of_each_level_tile_the_image_in_order(name: str, rank: int) -> None:
    size = SIZES[rank]
    cells = cells_of(build(name, rank).eval(), batch(rank))
    strides = cells.stride[0, 0]
    assert (strides.diff() >= 0).all()
    for stride in strides.unique().tolist():
        centre = cells.centre[0, :, strides == stride]
        assert torch.equal(cells.centre[1, :, strides == stride], centre)
        edges = [len(centre[axis].unique()) for axis in range(rank)]
        assert all(count * stride >= edge for count, edge in zip(edges, size, strict=True))
        assert centre.shape[1] == torch.tensor(edges).prod()
        places = [tuple(one) for one in centre.T.tolist()]
        assert places == sorted(places)
        # The first cell begins where the image does.
        assert (centre[:, 0] <= (stride - 1) / 2).all()
        assert (centre[:, -1] <= torch.tensor(size) - 1 + stride / 2).all()


@each_rank
@each_network
def test_every_class_is_improbable_at_first(name: str, rank: int) -> None:
    chances = cells_of(build(name, rank), batch(rank)).logits.sigmoid()
    assert ((chances > 0.003) & (chances < 0.03)).all()


@each_rank
@each_network
def test_the_features_are_maps_of_the_whole_image(name: str, rank: int) -> None:
    maps = build(name, rank).eval().features(batch(rank))
    assert maps.shape[0] == 2
    assert maps.ndim == 2 + rank
    assert all(edge <= full for edge, full in zip(maps.shape[2:], SIZES[rank], strict=True))


@each_rank
@each_network
def test_gradient_reaches_every_parameter(name: str, rank: int) -> None:
    network = build(name, rank).train()
    cells = cells_of(network, batch(rank))
    (cells.logits.square().sum() + cells.low.square().sum() + cells.high.square().sum()).backward()
    for label, parameter in network.named_parameters():
        assert parameter.grad is not None, label
        assert parameter.grad.isfinite().all(), label
        assert parameter.grad.any(), label


@each_rank
@each_network
def test_evaluation_is_repeatable_and_looks_at_each_case_alone(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    x = batch(rank)
    with torch.no_grad():
        whole = network(x)
        assert torch.equal(whole, network(x))
        one_by_one = torch.cat([network(case) for case in x.split(1)])
    torch.testing.assert_close(whole, one_by_one, rtol=1e-4, atol=1e-4)


@each_rank
@each_network
@pytest.mark.parametrize("edge", [16, 19, 35])
def test_the_image_may_have_another_size_than_in_training(name: str, rank: int, edge: int) -> None:
    network = build(name, rank, size=(16,) * rank).eval()
    with torch.no_grad():
        cells = cells_of(network, torch.zeros(1, 2, *(edge,) * rank))
    reach = cells.centre[0].amax(1) + cells.stride[0, 0].amin() / 2
    assert ((edge - 0.5 <= reach) & (reach < edge + cells.stride.amax())).all()


@each_network
def test_weights_depend_on_the_seed_alone(name: str) -> None:
    before = torch.get_rng_state()
    one, same, other = (build(name, 2, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    for key, value in one.state_dict().items():
        assert torch.equal(value, same.state_dict()[key]), key
    drawn = [key for key, value in one.named_parameters() if value.ndim > 1]
    assert not any(torch.equal(one.state_dict()[key], other.state_dict()[key]) for key in drawn)


@each_network
def test_weights_come_back_from_a_file(name: str, tmp_path: Path) -> None:
    network, other = build(name, 2, seed=1), build(name, 2, seed=2)
    network.train()(batch(2))  # moves the running statistics
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), other.eval()(batch(2)))


@pytest.mark.parametrize("rank", [2, 3])
@each_network
def test_memory_format_does_not_change_the_outputs(name: str, rank: int) -> None:
    last = torch.channels_last if rank == 2 else torch.channels_last_3d
    network = build(name, rank).eval()
    x = batch(rank)
    with torch.no_grad():
        expected = network(x)
        found = network.to(memory_format=last)(x.to(memory_format=last))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@each_rank
@each_network
def test_half_precision_inside_leaves_places_exact(name: str, rank: int) -> None:
    network = build(name, rank).eval()
    with torch.no_grad():
        exact = cells_of(network, batch(rank))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(batch(rank))
    assert outputs.dtype == torch.float32
    rounded = split_cells(outputs, CLASSES, rank)
    assert torch.equal(rounded.centre, exact.centre)
    assert torch.equal(rounded.stride, exact.stride)
    for side in ("low", "high"):
        error = (getattr(rounded, side) - getattr(exact, side)).abs() / exact.stride
        # bfloat16 has 8 bits, and a dozen layers add up their roundings.
        assert error.max() < 0.25


@each_network
def test_weights_in_half_precision_answer_in_single(name: str) -> None:
    network = build(name, 2).eval()
    exact = cells_of(network, batch(2))
    rounded = cells_of(network.to(torch.bfloat16), batch(2).to(torch.bfloat16))
    assert rounded.centre.dtype == torch.float32
    assert torch.equal(rounded.centre, exact.centre)


@each_network
def test_forward_can_be_exported(name: str) -> None:
    """Without control flow that depends on the data; the batch stays free."""
    network = build(name, 2).eval()
    free = {"images": {0: torch.export.Dim("batch", min=1, max=64)}}
    program = torch.export.export(network, (batch(2),), dynamic_shapes=free)
    x = batch(2, count=5)
    with torch.no_grad():
        torch.testing.assert_close(program.module()(x), network(x), rtol=1e-4, atol=1e-4)


@each_network
def test_half_width_has_fewer_parameters_and_operations(name: str) -> None:
    half, full = (build(name, 2, size=(32, 32), width=width) for width in (0.5, 1.0))
    assert 0.2 * count_parameters(full) < count_parameters(half) < 0.35 * count_parameters(full)
    assert count_operations(half, 2, (32, 32)) < 0.35 * count_operations(full, 2, (32, 32))


@each_rank
@each_network
def test_too_small_an_input_names_a_size_that_works(name: str, rank: int) -> None:
    tiny = options_of(rank).model_copy(update={"size": (1,) * rank})
    with pytest.raises(RecipeError, match="nearest") as caught:
        build_network(name, tiny)
    edge = int(str(caught.value.legal).split(" ", maxsplit=1)[0])
    legal = tiny.model_copy(update={"size": (edge,) * rank})
    network = build_network(name, legal)
    assert network.train()(torch.zeros(2, 2, *legal.size)).isfinite().all()
    assert network.eval()(torch.zeros(1, 2, *legal.size)).isfinite().all()


@each_network
def test_dropout_acts_in_training_alone(name: str) -> None:
    network, plain = build(name, 2, seed=1, dropout=0.5), build(name, 2, seed=1)
    with torch.no_grad():
        assert torch.equal(network.eval()(batch(2)), plain.eval()(batch(2)))
        draws = [network.train()(batch(2)) for _ in range(2)]
    assert not torch.equal(*draws)


@pytest.mark.parametrize("norm", ["batch", "group", "instance"])
@each_network
def test_every_normalisation_trains(name: str, norm: str) -> None:
    network = build(name, 2, norm=norm)
    network.train()(batch(2)).sum().backward()
    assert all(weight.grad.isfinite().all() for weight in network.parameters())


@each_network
@pytest.mark.parametrize("levels", [(4,), (2, 4), (8, 16), (2, 4, 8, 16)], ids=str)
def test_boxes_are_sought_at_the_strides_asked_for(name: str, levels: tuple[int, ...]) -> None:
    network = build(name, 2, size=(64, 72), levels=levels).eval()
    cells = cells_of(network, torch.zeros(1, 2, 64, 72))
    assert cells.stride[0, 0].unique().tolist() == list(levels)
    assert cells.stride.shape[2] == sum((64 // by) * -(-72 // by) for by in levels)


@each_network
def test_a_level_at_no_stride_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match="level") as caught:
        build(name, 2, levels=(3,))
    assert "2, 4" in str(caught.value.legal)


@each_network
@pytest.mark.parametrize("knob", [{"deep_supervision": True}, {"decoder_depth": (1, 1)}], ids=str)
def test_a_finder_refuses_the_knobs_of_a_network_that_outlines(
    name: str, knob: dict[str, object]
) -> None:
    with pytest.raises(RecipeError, match=next(iter(knob))):
        build(name, 2, **knob)
