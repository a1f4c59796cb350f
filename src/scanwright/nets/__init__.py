"""Networks: batches of images in, outputs (logits) by case or by element out, for any rank."""

from scanwright.nets.catalog import (
    NETWORKS,
    Answer,
    Answering,
    Builder,
    answer_of,
    build_network,
)
from scanwright.nets.cells import Cells, split_cells
from scanwright.nets.compact import CompactPlan, compact_plan
from scanwright.nets.count import count_operations, count_parameters
from scanwright.nets.detector_head import SharedBlock
from scanwright.nets.monai_networks import MONAI_NETWORKS, MONAI_PREFIX
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, Norm
from scanwright.nets.resnet import BasicBlock, BottleneckBlock
from scanwright.nets.seed import Seed, as_generator, contained_randomness, seed_weights
from scanwright.nets.unet import UNet
from scanwright.nets.unet_blocks import ResidualBlock
from scanwright.nets.unet_plan import UNetPlan, unet_features, unet_topology

__all__ = [
    "MONAI_NETWORKS",
    "MONAI_PREFIX",
    "NETWORKS",
    "Answer",
    "Answering",
    "BasicBlock",
    "BottleneckBlock",
    "Builder",
    "Cells",
    "CompactPlan",
    "Network",
    "NetworkOptions",
    "Norm",
    "ResidualBlock",
    "Seed",
    "SharedBlock",
    "UNet",
    "UNetPlan",
    "answer_of",
    "as_generator",
    "build_network",
    "compact_plan",
    "contained_randomness",
    "count_operations",
    "count_parameters",
    "seed_weights",
    "split_cells",
    "unet_features",
    "unet_topology",
]
