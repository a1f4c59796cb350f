"""From a recipe to the network and the loss that it describes."""

from torch import nn

from scanwright.losses import LossOptions, build_loss
from scanwright.nets import NetworkOptions, build_network
from scanwright.recipe.recipe import Recipe


def assemble_network(recipe: Recipe, seed: int = 0) -> nn.Module:
    """Build the network of a recipe, with weights drawn from `seed`."""
    choice = recipe.network
    options = NetworkOptions(**choice.model_dump(exclude={"name"}))
    return build_network(choice.name, options, seed=seed)


def assemble_loss(recipe: Recipe, weights: list[float] | None) -> nn.Module:
    """Build the loss of a recipe; weights that the recipe names go before those given."""
    options = LossOptions(**recipe.loss.model_dump(exclude={"name"}))
    if options.weights is None and weights is not None:
        options = options.model_copy(update={"weights": tuple(weights)})
    return build_loss(recipe.loss.name, options)
