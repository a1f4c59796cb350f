"""What `scanwright enhance` prints."""

from pathlib import Path

import pytest

from scanwright.cli.enhance import show_enhanced
from scanwright.image import Modality
from scanwright.workflows.enhance import Enhanced, EnhanceResult
from scanwright.workflows.enhance_steps import choose_steps


def test_steps_reasons_and_counts_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {"before": {"noise": 1.0}, "after": {"noise": 0.5}}
    steps = choose_steps(Modality.MRI)
    made = [
        Enhanced(
            (Path(f"{n}.nii"),), (Path(f"o/{n}.nii"),), Modality.MRI, steps, numbers, 0.9, ("n",)
        )
        for n in range(2)
    ]
    refused = {Path(f"bad{n}"): "broken" for n in range(25)}
    show_enhanced(EnhanceResult(tuple(made), {}, refused, Path("o/enhance.html")), as_json=False)
    text = capsys.readouterr().out
    assert "mri, 2 images:" in text
    assert "n4: the coil shades" in text
    assert "note: n (2 images)" in text
    assert "and 5 more refused" in text
    assert "27 files: 2 used, 0 skipped, 25 refused" in text
