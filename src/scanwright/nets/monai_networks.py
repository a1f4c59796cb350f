"""MONAI's networks by name; MONAI costs seconds to import, so it is imported only here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from scanwright.base import ResourceError, unknown_name
from scanwright.nets.blocks import GlobalAverage
from scanwright.nets.network import Network
from scanwright.nets.options import OTHERS_KNOBS, NetworkOptions, check_size, refuse_knobs

MONAI_PREFIX = "monai:"
SMALL_EDGE = 64
SHAPE_KNOBS = (
    "spacing_mm",
    "width",
    "depth",
    "stem_stride",
    "norm",
    "drop_path",
    "zero_last",
    *OTHERS_KNOBS["case"],
)
MONAI_UNET_WIDTHS = (32, 64, 128, 256, 512)
Nets = Any
"""The module monai.networks.nets, which has no types."""


@dataclass(frozen=True, slots=True)
class MonaiFamily:
    """How the networks of one family are built and taken apart.

    Parameters
    ----------
    build
        From (MONAI's networks, class name, options) to (trunk, head).
    smallest
        Shortest legal edge.
    has_dropout
        Whether `dropout` can be set.
    answers
        What its networks answer for.
    """

    build: Callable[[Nets, str, NetworkOptions], tuple[nn.Module, nn.Module]]
    smallest: int
    has_dropout: bool
    answers: Literal["case", "element"] = "case"


class Padded(nn.Module):
    """Lets a network take any size: zeros are added behind, and cut off what comes out.

    Parameters
    ----------
    network
        (B, C, *space) → (B, F, *space), where each edge is a multiple of `multiple`.
    multiple
        The total stride of the network.
    """

    def __init__(self, network: nn.Module, multiple: int) -> None:
        super().__init__()
        self.network = network
        self.multiple = multiple

    def forward(self, images: Tensor) -> Tensor:
        """Take shape (B, C, *space), give (B, F, *space)."""
        size = images.shape[2:]
        missing = [-edge % self.multiple for edge in size]
        # torch names the last axis first, and both ends of each.
        behind = [edge for axis in reversed(missing) for edge in (0, axis)]
        maps: Tensor = self.network(F.pad(images, behind))
        return maps[(slice(None), slice(None), *(slice(edge) for edge in size))]


def monai_network(name: str, options: NetworkOptions) -> Network:
    """Build one of MONAI's networks with its own first weights.

    Raises
    ------
    RecipeError
        The name is not in MONAI_NETWORKS, the input is too small, or a knob is set that the
        network lacks.
    ResourceError
        MONAI is not installed.
    """
    family = _family(name)
    full_name = MONAI_PREFIX + name
    missing = SHAPE_KNOBS if family.has_dropout else (*SHAPE_KNOBS, "dropout")
    refuse_knobs(full_name, options, missing)
    check_size(full_name, options, family.smallest)
    trunk, head = family.build(_import_nets(), name, options)
    return Network(options, trunk, head)


def monai_answers(name: str) -> Literal["case", "element"]:
    """Say what a network of MONAI answers for.

    Raises
    ------
    RecipeError
        The name is not in MONAI_NETWORKS.
    """
    return _family(name).answers


def _family(name: str) -> MonaiFamily:
    if name not in MONAI_NETWORKS:
        raise unknown_name("MONAI network", name, list(MONAI_NETWORKS))
    return MONAI_NETWORKS[name]


def _import_nets() -> Nets:
    try:
        from monai.networks import nets
    except ImportError as error:
        raise ResourceError(
            "MONAI is not installed.", next='pip install "scanwright[monai]"'
        ) from error
    return nets


def _densenet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    whole = getattr(nets, name)(
        options.rank, options.channels, options.outputs, dropout_prob=options.dropout
    )
    return nn.Sequential(whole.features, whole.class_layers.relu), whole.class_layers[1:]


def _resnet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    is_small = min(options.size) <= SMALL_EDGE
    whole = getattr(nets, name.lower())(
        spatial_dims=options.rank,
        n_input_channels=options.channels,
        num_classes=options.outputs,
        conv1_t_size=3 if is_small else 7,
        conv1_t_stride=1 if is_small else 2,
        no_max_pool=is_small,
    )
    stem = [whole.conv1, whole.bn1, whole.act] + ([] if is_small else [whole.maxpool])
    trunk = nn.Sequential(*stem, whole.layer1, whole.layer2, whole.layer3, whole.layer4)
    return trunk, nn.Sequential(GlobalAverage(), whole.fc)


def _senet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    whole = getattr(nets, name)(
        spatial_dims=options.rank, in_channels=options.channels, num_classes=options.outputs
    )
    trunk = nn.Sequential(whole.layer0, whole.layer1, whole.layer2, whole.layer3, whole.layer4)
    dropout = nn.Dropout(options.dropout)
    return trunk, nn.Sequential(GlobalAverage(), dropout, whole.last_linear)


def _efficientnet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    whole = nets.EfficientNetBN(
        "efficientnet-" + name.removeprefix("EfficientNetBN-"),
        pretrained=False,
        spatial_dims=options.rank,
        in_channels=options.channels,
        num_classes=options.outputs,
    )
    whole.set_swish(memory_efficient=False)  # the other one cannot be exported
    trunk = nn.Sequential(
        whole._conv_stem_padding,
        whole._conv_stem,
        whole._bn0,
        whole._swish,
        whole._blocks,
        whole._conv_head_padding,
        whole._conv_head,
        whole._bn1,
        whole._swish,
    )
    return trunk, nn.Sequential(GlobalAverage(), whole._dropout, whole._fc)


def _segresnet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    whole = getattr(nets, name)(
        spatial_dims=options.rank,
        init_filters=MONAI_UNET_WIDTHS[0],
        in_channels=options.channels,
        out_channels=options.outputs,
    )
    head, whole.conv_final = whole.conv_final, nn.Identity()
    return Padded(whole, 8), head


def _basic_unet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    whole = getattr(nets, name)(
        spatial_dims=options.rank, in_channels=options.channels, out_channels=options.outputs
    )
    head, whole.final_conv = whole.final_conv, nn.Identity()
    return Padded(whole, 16), head


def _nested_unet(nets: Nets, name: str, options: NetworkOptions) -> tuple[nn.Module, nn.Module]:
    """Build a network whose last layers stand inside the outermost bridge: it has no head."""
    extras = {"num_res_units": 2} if name == "UNet" else {}
    whole = getattr(nets, name)(
        spatial_dims=options.rank,
        in_channels=options.channels,
        out_channels=options.outputs,
        channels=MONAI_UNET_WIDTHS,
        strides=(2,) * (len(MONAI_UNET_WIDTHS) - 1),
        **extras,
    )
    return Padded(whole, 16), nn.Identity()


MONAI_NETWORKS: dict[str, MonaiFamily] = {
    **dict.fromkeys(
        ("DenseNet121", "DenseNet169", "DenseNet201", "DenseNet264"),
        MonaiFamily(_densenet, smallest=29, has_dropout=True),
    ),
    **dict.fromkeys(
        ("ResNet10", "ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152", "ResNet200"),
        MonaiFamily(_resnet, smallest=8, has_dropout=False),
    ),
    **dict.fromkeys(
        (
            "SENet154",
            "SEResNet50",
            "SEResNet101",
            "SEResNet152",
            "SEResNext50",
            "SEResNext101",
        ),
        MonaiFamily(_senet, smallest=8, has_dropout=True),
    ),
    **dict.fromkeys(
        tuple(f"EfficientNetBN-b{number}" for number in range(9)),
        MonaiFamily(_efficientnet, smallest=32, has_dropout=False),
    ),
    "SegResNet": MonaiFamily(_segresnet, smallest=16, has_dropout=False, answers="element"),
    "BasicUNet": MonaiFamily(_basic_unet, smallest=32, has_dropout=False, answers="element"),
    **dict.fromkeys(
        ("AttentionUnet", "UNet"),
        MonaiFamily(_nested_unet, smallest=32, has_dropout=False, answers="element"),
    ),
}
"""Every convolutional classifier of MONAI and its best-known U-Nets, with their families."""
