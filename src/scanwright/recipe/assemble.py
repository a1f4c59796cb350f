"""From a recipe to the network and the loss that it describes."""

import torch
from torch import nn

from scanwright.losses import LOSSES, Loss, LossOptions, build_loss
from scanwright.nets import MONAI_PREFIX, NETWORKS, NetworkOptions, build_network
from scanwright.recipe.recipe import Recipe


def assemble_network(recipe: Recipe, seed: int = 0) -> nn.Module:
    """Build the network of a recipe, with weights drawn from `seed`."""
    choice = recipe.network
    options = NetworkOptions(**choice.model_dump(exclude={"name"}))
    return build_network(choice.name, options, seed=seed)


def sketch_network(recipe: Recipe) -> nn.Module:
    """Build the network of a recipe without memory for its weights: to be counted, not used.

    Sixty times faster than `assemble_network` for a large one.
    """
    choice = recipe.network
    if choice.name.startswith(MONAI_PREFIX):
        return assemble_network(recipe)
    with torch.device("meta"):
        return NETWORKS[choice.name](NetworkOptions(**choice.model_dump(exclude={"name"})))


def assemble_loss(
    recipe: Recipe, weights: list[float] | None, priors: list[float] | None = None
) -> Loss:
    """Build the loss of a recipe; what the recipe names goes before what is given.

    Parameters
    ----------
    weights
        One per class, or None.
    priors
        Share of each class in the training cases; for the losses that take them.
    """
    options = LossOptions(**recipe.loss.model_dump(exclude={"name"}))
    if options.weights is None and weights is not None:
        options = options.model_copy(update={"weights": tuple(weights)})
    takes_priors = "priors" in LOSSES[recipe.loss.name].knobs
    if takes_priors and options.priors is None and priors is not None:
        options = options.model_copy(update={"priors": tuple(priors)})
    return build_loss(recipe.loss.name, options)
