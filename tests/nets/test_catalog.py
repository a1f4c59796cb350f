"""Building by name."""

import subprocess
import sys

import pytest

from scanwright.base import RecipeError
from scanwright.nets import NETWORKS, NetworkOptions, build_network


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(RecipeError, match='did you mean "resnet18"'):
        build_network("resnet-18", NetworkOptions())


def test_catalog_holds_our_networks() -> None:
    assert {"compact", "densenet121", "resnet18", "resnet50", "tutorial"} <= set(NETWORKS)


def test_our_networks_do_not_import_monai() -> None:
    program = (
        "import sys; from scanwright.nets import *;"
        "build_network('compact', NetworkOptions());"
        "sys.exit('monai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
