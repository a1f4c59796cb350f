import torch

from scanwright.nets import count_operations, count_parameters
from scanwright.recipe import assemble_loss, assemble_network, sketch_network
from tests.recipe.builders import recipe


def test_the_network_is_the_one_described() -> None:
    network = assemble_network(recipe(network__channels=3, network__width=0.5))
    assert network(torch.zeros(2, 3, 16, 16)).shape == (2, 2)


def test_the_seed_alone_decides_the_weights() -> None:
    first, again, other = (
        torch.cat([weight.flatten() for weight in assemble_network(recipe(), seed).parameters()])
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_sketch_has_the_shape_of_the_network_and_no_weights() -> None:
    for name in ("tutorial", "compact"):
        made = recipe(network__name=name)
        sketch, network = sketch_network(made), assemble_network(made)
        assert count_operations(sketch, 1, (16, 16)) == count_operations(network, 1, (16, 16))
        assert count_parameters(sketch) == count_parameters(network)
    assert next(sketch_network(recipe()).parameters()).device.type == "meta"


def test_the_loss_is_the_one_described() -> None:
    loss = assemble_loss(recipe(loss__name="focal", loss__gamma=0.0), None)
    assert loss(torch.zeros(1, 2), torch.tensor([1])).item() == torch.tensor(2.0).log()


def weights(loss: torch.nn.Module) -> list[float]:
    assert isinstance(loss.weights, torch.Tensor)
    return loss.weights.tolist()


def test_weights_in_the_recipe_go_before_those_given() -> None:
    assert weights(assemble_loss(recipe(), [1.0, 3.0])) == [1.0, 3.0]
    assert weights(assemble_loss(recipe(loss__weights=(2.0, 4.0)), [1.0, 3.0])) == [2.0, 4.0]
    assert assemble_loss(recipe(), None).weights is None
