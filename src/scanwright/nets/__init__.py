"""Networks: batches of images in, rows of outputs (logits) and feature maps out, for any rank."""

from scanwright.nets.catalog import NETWORKS, Builder, build_network
from scanwright.nets.compact import CompactPlan, compact_plan
from scanwright.nets.count import count_operations, count_parameters
from scanwright.nets.monai_networks import MONAI_NETWORKS, MONAI_PREFIX
from scanwright.nets.network import Network
from scanwright.nets.options import NetworkOptions, Norm
from scanwright.nets.seed import Seed, as_generator, contained_randomness, seed_weights

__all__ = [
    "MONAI_NETWORKS",
    "MONAI_PREFIX",
    "NETWORKS",
    "Builder",
    "CompactPlan",
    "Network",
    "NetworkOptions",
    "Norm",
    "Seed",
    "as_generator",
    "build_network",
    "compact_plan",
    "contained_randomness",
    "count_operations",
    "count_parameters",
    "seed_weights",
]
