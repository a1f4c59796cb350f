"""Losses: outputs of a network and targets in, one number out; and the decoding of outputs."""

from scanwright.losses.boxes import BoxLoss
from scanwright.losses.catalog import LOSSES, build_loss
from scanwright.losses.decode import (
    decode_identity,
    decode_ordinal,
    decode_sigmoid,
    decode_softmax,
)
from scanwright.losses.loss import Loss
from scanwright.losses.mask_truth import IGNORED, Exclusive, Kind, Overlapping, resized_truth
from scanwright.losses.masks import MaskLoss
from scanwright.losses.options import LossOptions

__all__ = [
    "IGNORED",
    "LOSSES",
    "BoxLoss",
    "Exclusive",
    "Kind",
    "Loss",
    "LossOptions",
    "MaskLoss",
    "Overlapping",
    "build_loss",
    "decode_identity",
    "decode_ordinal",
    "decode_sigmoid",
    "decode_softmax",
    "resized_truth",
]
