"""What the network says of cases that it was not trained on."""

import numpy as np
import torch
from torch import nn

from scanwright.image import Floats
from scanwright.inference import AS_IT_IS, Compute, Views, forward
from scanwright.training.loader import Loader
from scanwright.training.sampler import Rows


@torch.inference_mode()
def predict_rows(
    network: nn.Module,
    loader: Loader,
    rows: Rows,
    compute: Compute,
    *,
    batch: int,
    views: Views = AS_IT_IS,
) -> Floats:
    """Return the network's outputs, shape (N, outputs), averaged over the views."""
    was_training = network.training
    network.eval()
    outputs = []
    for first in range(0, len(rows), batch):
        images = loader.gather(rows[first : first + batch])
        outputs.append(forward(network, images, compute, views).double().cpu().numpy())
    network.train(was_training)
    return np.concatenate(outputs) if outputs else np.zeros((0, 0))
