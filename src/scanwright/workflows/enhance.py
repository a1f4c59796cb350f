"""Files in, enhanced files out, with a sheet that shows each before and after."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scanwright.base import (
    SILENT,
    GeometryError,
    InputError,
    Options,
    Plain,
    Progress,
    ScanwrightError,
    option,
    write_atomic,
    write_json,
)
from scanwright.image import Case, Image, Modality
from scanwright.io import format_of_suffix, read, read_series, recognise, scan_series
from scanwright.report import BeforeAfter, Sheet, render_sheet
from scanwright.transforms import Trace
from scanwright.workflows.enhance_measure import compare, measure, same_grid, similarity
from scanwright.workflows.enhance_output import Places, Written, as_stored, write_enhanced
from scanwright.workflows.enhance_steps import Steps, check_settings, choose_steps

SHEET_NAME, JSON_NAME = "enhance.html", "enhance.json"
MODALITIES = tuple(one.value for one in Modality if one is not Modality.UNKNOWN)


class EnhanceOptions(Options):
    """How images are enhanced."""

    steps: tuple[str, ...] = option((), help="Steps in order; those of the modality when empty.")
    settings: dict[str, Any] = option({}, help="STEP.OPTION → value.")  # Any: what TOML holds
    modality: str = option("", help="x-ray, ct, mri, ultrasound or other, where files don't say.")
    reference: Path | None = option(None, help="Image whose histogram is matched.")
    overwrite: bool = option(False, help="Whether files that are there may be replaced.")
    shown: int = option(24, low=0, high=1000, help="Most images on the sheet.")


@dataclass(frozen=True, slots=True)
class Enhanced:
    """One image that was enhanced.

    Parameters
    ----------
    sources, written
        Files in, and files out.
    modality
        By which the steps were chosen.
    steps
        What was done, each with its reason.
    numbers
        Before and after, on one grid; and their structural similarity.
    notes
        What a reader should know, such as another format.
    """

    sources: tuple[Path, ...]
    written: tuple[Path, ...]
    modality: Modality
    steps: Steps
    numbers: dict[str, dict[str, float]]
    similarity: float
    notes: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "sources": [str(path) for path in self.sources],
            "written": [str(path) for path in self.written],
            "modality": self.modality.value,
            "steps": self.steps.pipeline.to_plain(),  # type: ignore[dict-item]  # tables are plain
            "reasons": list(self.steps.reasons),
            "before": dict(self.numbers["before"]),
            "after": dict(self.numbers["after"]),
            "structural_similarity": round(self.similarity, 4),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class EnhanceResult:
    """What came of every file.

    Parameters
    ----------
    images
        Enhanced ones.
    skipped
        File → why it is no image.
    refused
        File → why it was not enhanced.
    sheet
        The page with pictures.
    """

    images: tuple[Enhanced, ...]
    skipped: dict[Path, str]
    refused: dict[Path, str]
    sheet: Path

    @property
    def counts(self) -> dict[str, int]:
        """Files found, and what became of them; the last three add up to the first."""
        used = sum(len(one.sources) for one in self.images)
        skipped, refused = len(self.skipped), len(self.refused)
        return {
            "files": used + skipped + refused,
            "used": used,
            "skipped": skipped,
            "refused": refused,
        }

    def to_plain(self) -> dict[str, Plain]:
        """Return everything for JSON."""
        return {
            "counts": dict(self.counts),
            "images": [one.to_plain() for one in self.images],
            "skipped": {str(path): why for path, why in self.skipped.items()},
            "refused": {str(path): why for path, why in self.refused.items()},
            "sheet": str(self.sheet),
        }


def enhance(
    source: Path, target: Path, options: EnhanceOptions | None = None, progress: Progress = SILENT
) -> EnhanceResult:
    """Enhance a file or all images of a folder, DICOM series as volumes.

    Each output is written whole or not at all; files that were finished stay when a run is stopped.

    Parameters
    ----------
    source
        File or folder.
    target
        File, where `source` is one and `target` has the suffix of a format; else a folder.

    Raises
    ------
    InputError
        The source does not exist, holds no image, lies around the target, or the target is there.
    RecipeError
        A step or a setting is unknown or illegal.
    """
    chosen = options or EnhanceOptions()
    _check_modality(chosen.modality)
    check_settings(chosen.steps, chosen.settings, chosen.reference)
    _check_places(source, target, chosen.overwrite)
    run = _Run(source, target, chosen)
    run.find(progress)
    if not run.found and not run.refused:
        raise InputError(
            "There is no image here.", got=f"{len(run.skipped)} files that are none", where=source
        )
    run.work(progress)
    return run.finish()


@dataclass(slots=True)
class _Run:
    """A run while it runs: what was found, and what came of it so far."""

    source: Path
    target: Path
    options: EnhanceOptions
    found: list[tuple[Path, ...]] = field(default_factory=list)
    images: list[Enhanced] = field(default_factory=list)
    shown: list[BeforeAfter] = field(default_factory=list)
    skipped: dict[Path, str] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)

    def find(self, progress: Progress) -> None:
        """Find the files of each image."""
        if self.source.is_file():
            self.found = [(self.source,)]
            return
        taken: set[Path] = set()
        for series in scan_series(self.source, progress).series:
            if len(series.paths) > 1:
                self.found.append(tuple(series.paths))
                taken.update(series.paths)
        for path in sorted(self.source.rglob("*")):
            if path in taken or not path.is_file():
                continue
            if path.name.startswith("."):
                self.skipped[path] = "hidden file"
                continue
            try:
                known = recognise(path)
            except ScanwrightError as error:
                self.refused[path] = error.sentence()
                continue
            if known is None:
                self.skipped[path] = "not an image of a known format"
            else:
                self.found.append((path,))
        self.found.sort()

    def work(self, progress: Progress) -> None:
        """Enhance and write what was found."""
        places = Places(self.target, self.options.overwrite)
        progress.begin("enhancing", len(self.found), "images")
        every = max(1, -(-len(self.found) // max(1, self.options.shown)))
        for number, paths in enumerate(self.found):
            progress.step()
            for files, image in self._read(paths):
                try:
                    self._enhance(files, image, places, is_shown=number % every == 0)
                except ScanwrightError as error:
                    self.refused.update(dict.fromkeys(files, error.sentence()))
        progress.end()

    def _read(self, paths: tuple[Path, ...]) -> Iterator[tuple[tuple[Path, ...], Image]]:
        """Yield a series as a volume, or, where it is none, its files one by one."""
        try:
            yield paths, read(paths[0]) if len(paths) == 1 else read_series(paths)
        except GeometryError as error:
            if len(paths) == 1:
                self.refused[paths[0]] = error.sentence()
                return
            for path in paths:
                yield from self._read((path,))
        except ScanwrightError as error:
            self.refused.update(dict.fromkeys(paths, error.sentence()))

    def _enhance(
        self, paths: tuple[Path, ...], image: Image, places: Places, *, is_shown: bool
    ) -> None:
        if image.array.dtype.kind == "b":
            raise InputError("The file holds yes and no only: a mask, not an image.")
        modality = Modality(self.options.modality) if self.options.modality else image.modality
        chosen = self.options
        steps = choose_steps(modality, chosen.steps, chosen.settings, chosen.reference)
        changed, trace = steps.pipeline.apply(Case.of(image))
        stored = as_stored(changed.image, image, steps)
        written = write_enhanced(stored, paths, self._place(paths), steps, places)
        self._note(paths, (image, stored), trace, (modality, steps, written))
        if is_shown and len(self.shown) < self.options.shown:
            name = self._name(paths)
            self.shown.append(compare(name, image, stored, same_grid(image, trace)))

    def _note(
        self,
        paths: tuple[Path, ...],
        images: tuple[Image, Image],
        trace: Trace,
        done: tuple[Modality, Steps, Written],
    ) -> None:
        before, after = same_grid(images[0], trace), images[1]
        modality, steps, written = done
        notes = [written.reason] if written.reason else []
        if images[0].array.min() == images[0].array.max():
            notes.append("the image has one value only")
        if after.size != images[0].size:
            sizes = (" × ".join(map(str, one.size)) for one in (images[0], after))
            notes.append("cut from {} to {} elements".format(*sizes))
        numbers = {"before": measure(before).to_plain(), "after": measure(after).to_plain()}
        self.images.append(
            Enhanced(
                paths, written.paths, modality, steps, numbers, similarity(before, after),
                tuple(notes),
            )
        )  # fmt: skip

    def _place(self, paths: tuple[Path, ...]) -> Path:
        """Return where the result goes if it keeps the format."""
        if self.source.is_file():
            return self.target if _is_file_name(self.target) else self.target / self.source.name
        below = self.target / paths[0].relative_to(self.source)
        if len(paths) == 1:
            return below
        beside = [one for one in self.found if one[0].parent == paths[0].parent]
        if len(beside) == 1:
            return below.parent
        series = [one for one in beside if len(one) > 1]
        return below.parent / f"series-{series.index(paths) + 1:03d}"

    def _name(self, paths: Sequence[Path]) -> str:
        if self.source.is_file():
            return self.source.name
        place = paths[0] if len(paths) == 1 else paths[0].parent
        return f"{place.relative_to(self.source)}" + (
            "" if len(paths) == 1 else f" ({len(paths)} slices)"
        )

    def finish(self) -> EnhanceResult:
        """Write the sheet, and for a folder the numbers."""
        is_one = self.source.is_file() and _is_file_name(self.target)
        stem = self.target.name.removesuffix(".gz").rpartition(".")[0] or self.target.name
        folder = self.target.parent if is_one else self.target
        sheet = folder / (f"{stem}.enhance.html" if is_one else SHEET_NAME)
        result = EnhanceResult(tuple(self.images), self.skipped, self.refused, sheet)
        write_atomic(sheet, render_sheet(_sheet(result, tuple(self.shown), self.source.name)))
        if not is_one:
            write_json(folder / JSON_NAME, result.to_plain())
        return result


def _sheet(result: EnhanceResult, shown: tuple[BeforeAfter, ...], name: str) -> Sheet:
    counts = result.counts
    summary = [
        f"{len(result.images)} images enhanced; of {counts['files']} files {counts['used']} were "
        f"used, {counts['skipped']} skipped and {counts['refused']} refused."
    ]
    by_modality = Counter(one.modality.value for one in result.images)
    summary.append("Modality: " + ", ".join(f"{key} ({n})" for key, n in by_modality.items()))
    if len(shown) < len(result.images):
        summary.append(f"{len(shown)} of them are shown, at even distances.")
    steps: dict[tuple[str, str], None] = {}
    for one in result.images:
        steps.update(dict.fromkeys(one.steps.explained()))
    left_out = {**result.refused, **result.skipped}
    rows = tuple((path.name, why) for path, why in left_out.items())
    return Sheet(f"Before and after: {name}", tuple(summary), tuple(steps), shown, rows)


def _is_file_name(target: Path) -> bool:
    return format_of_suffix(target) is not None and not target.is_dir()


def _check_modality(word: str) -> None:
    if word and word not in MODALITIES:
        raise InputError(
            "There is no such modality.", got=word, legal=", ".join(MODALITIES), where="--modality"
        )


def _check_places(source: Path, target: Path, overwrite: bool) -> None:
    if not source.exists():
        raise InputError("There is no such file or folder.", where=source)
    inside, outside = target.resolve(), source.resolve()
    if inside == outside or (outside.is_dir() and inside.is_relative_to(outside)):
        raise InputError(
            "The output lies in the input, and would be enhanced again by the next run.",
            got=target,
            next="choose a folder outside",
            where=source,
        )
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        raise InputError(
            "The output folder is not empty.",
            next="choose another one, or add --overwrite: files of the same name are replaced",
            where=target,
        )
    if source.is_dir() and target.is_file():
        raise InputError("A folder goes to a folder.", got=target, where=source)
    if target.is_file() and not overwrite:
        raise InputError(
            "The output is there already.", next="name another one, or add --overwrite",
            where=target,
        )  # fmt: skip
