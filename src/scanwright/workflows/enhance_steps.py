"""Which steps enhance an image of a modality, and why; or those asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from scanwright.base import Plain, RecipeError
from scanwright.image import Modality
from scanwright.io import read
from scanwright.transforms import TRANSFORMS, Pipeline, Transform, fit_landmarks

Reasoned = tuple[tuple[str, str], ...]
"""Kinds of steps, each with its reason."""

USUAL: Mapping[Modality, Reasoned] = {
    Modality.XRAY: (
        ("crop_collimation", "shutters carry no anatomy and take part of every scale"),
        ("fix_inversion", "air is dark in every radiograph that a network has seen"),
        ("clahe", "lung, bone and soft tissue share one narrow scale; each gets its own contrast"),
    ),
    Modality.CT: (
        ("clip_metal", "metal and padding stretch the scale of HU"),
        ("total_variation", "quantum noise is flattened, HU and edges are kept"),
    ),
    Modality.MRI: (
        ("n4", "the coil shades the image; equal tissue gets equal values"),
        ("total_variation", "noise is flattened, edges of tissue are kept"),
    ),
    Modality.ULTRASOUND: (
        ("crop_fan", "only the sector is image; text and names around it disappear"),
        ("speckle_diffusion", "speckle grows with the echo, and is smoothed by its relative size"),
    ),
}
UNSPECIFIC: Reasoned = (
    ("clahe", "the modality is not known; contrast is raised part by part (--modality says more)"),
)
KEEPS_SCALE = frozenset(
    {
        "anisotropic_diffusion", "clahe", "clip_metal", "crop_collimation", "crop_fan",
        "crop_to_content", "fix_inversion", "grey", "invert", "match_histogram", "n4",
        "non_local_means", "orient", "pad", "resample", "resize", "speckle_diffusion",
        "total_variation", "unsharp", "wavelet",
    }
)  # fmt: skip
"""Steps after which integers can be written as the integers that they were."""
ASKED = "asked for by --steps"


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of one modality with their reasons.

    Parameters
    ----------
    pipeline
        The steps.
    reasons
        One per step.
    """

    pipeline: Pipeline
    reasons: tuple[str, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds, in order."""
        return tuple(step.kind for step in self.pipeline.steps)

    @property
    def keeps_scale(self) -> bool:
        """Whether integers stay on their scale."""
        return KEEPS_SCALE.issuperset(self.kinds)

    def explained(self) -> tuple[tuple[str, str], ...]:
        """Return each step in words, with its reason."""
        return tuple(zip(map(_words, self.pipeline.to_plain()), self.reasons, strict=True))


def choose_steps(
    modality: Modality,
    asked: tuple[str, ...] = (),
    settings: Mapping[str, Any] | None = None,  # Any: what TOML holds
    reference: Path | None = None,
) -> Steps:
    """Return the steps for a modality, or those asked for, with settings changed.

    Parameters
    ----------
    asked
        Kinds in order; empty for the usual ones.
    settings
        "kind.option" → value, for the steps that are used.
    reference
        Image whose histogram "match_histogram" takes.

    Raises
    ------
    RecipeError
        A kind or an option is unknown, or needed and not given.
    """
    reasoned = tuple((kind, ASKED) for kind in asked) or USUAL.get(modality, UNSPECIFIC)
    changes = _by_kind(settings or {})
    steps = []
    for kind, _ in reasoned:
        options = dict(changes.get(kind, {}))
        if kind == "match_histogram":
            options = _with_landmarks(options, reference)
        steps.append(cast("Transform", TRANSFORMS[kind].parse(options, kind)))
    return Steps(Pipeline(tuple(steps)), tuple(reason for _, reason in reasoned))


def check_settings(
    asked: tuple[str, ...],
    settings: Mapping[str, Any],  # Any: what TOML holds
    reference: Path | None,
) -> None:
    """Check all that can be checked before an image is read.

    Raises
    ------
    RecipeError
        A kind or option is unknown, or a setting is for no step that can be used.
    """
    usual = {kind for steps in (*USUAL.values(), UNSPECIFIC) for kind, _ in steps}
    kinds = set(asked) or usual
    for kind in _by_kind(settings):
        TRANSFORMS[kind]
        if kind not in kinds:
            raise RecipeError(
                f'The setting is for "{kind}", which is no step of this run.',
                legal=", ".join(sorted(kinds)),
                next=f"add it: --steps {','.join((*asked, kind))}",
                where=f"--set {kind}",
            )
    if reference is not None and "match_histogram" not in asked:
        raise RecipeError(
            "A reference is for matching histograms, which is no step of this run.",
            next="add it: --steps match_histogram",
            where="--reference",
        )
    for modality in Modality:
        choose_steps(modality, asked, settings, reference)
        if asked:
            return


def _by_kind(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:  # Any: what TOML holds
    tables: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        kind, dot, option = name.partition(".")
        if not dot or not option:
            raise RecipeError(
                "A setting of a step is given as STEP.OPTION=VALUE.",
                got=name,
                legal="--set clahe.clip=0.02",
            )
        tables.setdefault(kind, {})[option] = value
    return tables


def _with_landmarks(options: dict[str, Any], reference: Path | None) -> dict[str, Any]:  # Any: TOML
    if "landmarks" in options:
        return options
    if reference is None:
        raise RecipeError(
            "Matching histograms needs something to match.",
            next="give an image with --reference FILE, or numbers with --set "
            "match_histogram.landmarks=[…]",
            where="match_histogram",
        )
    given = {name: options[name] for name in ("percentiles", "inside") if name in options}
    landmarks = fit_landmarks([read(reference)], **given)
    return {**options, "landmarks": list(landmarks)}


def _words(table: Mapping[str, Plain]) -> str:
    options = ", ".join(f"{name} {value}" for name, value in table.items() if name != "kind")
    return f"{table['kind']} ({options})" if options else str(table["kind"])
