import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from scanwright.base import BundleError, ResourceError
from scanwright.bundle import (
    Bundle,
    bundle_digest,
    predictor_of,
    read_bundle,
    read_golden,
    run_golden_test,
    seal_bundle,
    write_bundle,
)
from scanwright.bundle.bundle import FORMAT
from scanwright.image import Case, Image
from scanwright.inference import Decision, InputLimits
from scanwright.recipe import (
    FinderChoice,
    LossChoice,
    NetworkChoice,
    Recipe,
    TaskChoice,
    assemble_network,
    finder_recipe,
)
from tests.bundle.builders import CPU, make_bundle, reseal, write_one
from tests.disks import small_disk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_one(tmp_path / "bundle")


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    seal_bundle(folder, tmp_path / "bundle.zip")
    return tmp_path / "bundle.zip"


def assert_same(back: Bundle, bundle: Bundle) -> None:
    assert back.recipe == bundle.recipe
    assert back.decision == bundle.decision
    assert back.limits == bundle.limits
    assert back.scores == bundle.scores
    assert back.about == {**bundle.about, "format": FORMAT}
    assert len(back.weights) == len(bundle.weights)
    for one, other in zip(back.weights, bundle.weights, strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_bundle_comes_back_from_its_folder(folder: Path) -> None:
    assert_same(read_bundle(folder), make_bundle())


def test_a_bundle_comes_back_from_its_zip(archive: Path) -> None:
    assert_same(read_bundle(archive), make_bundle())


def test_many_members_come_back_in_their_order(tmp_path: Path) -> None:
    bundle = make_bundle()
    weights = tuple(
        {name: tensor + index for name, tensor in bundle.weights[0].items()} for index in range(12)
    )
    write_bundle(replace(bundle, weights=weights), tmp_path / "bundle", CPU)
    back = read_bundle(tmp_path / "bundle")
    assert_same(back, replace(bundle, weights=weights))


def test_the_same_bundle_has_the_same_hash_wherever_it_is_written(tmp_path: Path) -> None:
    digests = {bundle_digest(write_one(tmp_path / name)) for name in ("a", "b", "a")}
    assert len(digests) == 1
    seal_bundle(tmp_path / "a", tmp_path / "a.zip")
    seal_bundle(tmp_path / "b", tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_another_bundle_has_another_hash(tmp_path: Path) -> None:
    other = replace(make_bundle(), decision=make_bundle().decision.model_copy(
        update={"temperature": 1.4}
    ))  # fmt: skip
    write_bundle(other, tmp_path / "other", CPU)
    assert bundle_digest(tmp_path / "other") != bundle_digest(write_one(tmp_path / "a"))


def test_a_bundle_holds_nothing_that_can_execute(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json", ".toml", ".md"}
    for path in files:
        content = path.read_bytes()
        assert not content.startswith((b"PK", b"\x80", b"#!", b"\x7fELF")), path.name
        assert not path.stat().st_mode & 0o111
    assert {path.name for path in files} == {
        "manifest.json", "recipe.toml", "decision.json", "limits.json", "scores.json",
        "about.json", "card.md", "golden.safetensors", "member-0.safetensors",
        "member-1.safetensors",
    }  # fmt: skip


def test_a_bundle_predicts_what_its_networks_say(folder: Path) -> None:
    predictor = predictor_of(read_bundle(folder).ensemble(CPU))
    image = Image.from_array(np.random.default_rng(0).integers(0, 256, (1, 20, 24)).astype("uint8"))
    (found,) = predictor.predict([Case.of(image)])
    assert found.labels == ("healthy", "ill")
    prepared = predictor.prepare(Case.of(image))
    outputs = predictor.run(np.stack([prepared])).mean(axis=0)[0] / 1.5
    expected = np.exp(outputs) / np.exp(outputs).sum()
    np.testing.assert_allclose(found.scores, expected, atol=1e-6)
    assert found.decision == (("ill",) if found.scores[1] >= 0.4 else ("healthy",))
    assert found.spread.max() > 0


def test_writing_again_replaces_the_bundle_as_a_whole(folder: Path) -> None:
    bundle = make_bundle()
    write_bundle(replace(bundle, weights=bundle.weights[:1]), folder, CPU)
    assert len(read_bundle(folder).weights) == 1
    assert not (folder / "weights" / "member-1.safetensors").exists()


def test_a_bundle_whose_replacement_was_cut_off_is_still_there(folder: Path) -> None:
    folder.rename(folder.parent / f".{folder.name}.previous")
    assert_same(read_bundle(folder), make_bundle())


def test_a_writer_that_fails_leaves_the_bundle_that_was_there(folder: Path) -> None:
    before = bundle_digest(folder)
    broken = replace(make_bundle(), scores={"test": {"auc": {"value": float("nan")}}})
    with pytest.raises(ValueError, match="JSON"):
        write_bundle(broken, folder, CPU)
    assert bundle_digest(folder) == before
    read_bundle(folder)


def test_a_full_disk_leaves_the_bundle_that_was_there(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", kibibytes=256) as disk:
        folder = write_one(disk / "bundle")
        (disk / "filler").write_bytes(bytes(_free(disk) - 8192))
        with pytest.raises(ResourceError, match="disk is full"):
            write_one(folder)
        assert_same(read_bundle(folder), make_bundle())


def _free(disk: Path) -> int:
    return shutil.disk_usage(disk).free


def test_one_changed_byte_anywhere_is_found(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        middle = len(content) // 2
        changed = bytes([content[middle] ^ 1])
        path.write_bytes(content[:middle] + changed + content[middle + 1 :])
        with pytest.raises(BundleError):
            read_bundle(folder)
        path.write_bytes(content)
    read_bundle(folder)


def test_a_later_format_says_to_update(folder: Path) -> None:
    about = json.loads((folder / "about.json").read_text())
    (folder / "about.json").write_text(json.dumps({**about, "format": FORMAT + 1}))
    reseal(folder)
    with pytest.raises(BundleError, match="later version") as caught:
        read_bundle(folder)
    assert caught.value.next == "update scanwright"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("about.json", "{}"),
        ("about.json", '{"format": "1"}'),
        ("about.json", "[1]"),
        ("about.json", "{"),
        ("decision.json", '{"temperature": 0}'),
        ("decision.json", '{"temprature": 1}'),
        ("decision.json", "3"),
        ("limits.json", "{}"),
        ("scores.json", "[]"),
        ("recipe.toml", ""),
        ("recipe.toml", "a = "),
        ("recipe.toml", "a = 1"),
        ("weights/member-0.safetensors", "no tensors"),
        ("weights/notes.md", "# no weights"),
    ],
)
def test_a_forged_bundle_with_nonsense_inside_is_one_clear_error(
    folder: Path, name: str, content: str
) -> None:
    (folder / name).write_text(content)
    reseal(folder)
    with pytest.raises(BundleError):
        read_bundle(folder)


def test_a_recipe_that_does_not_fit_its_labels_is_refused(folder: Path) -> None:
    recipe = make_bundle().recipe.changed({"task.labels": ("a", "b", "c")})
    (folder / "recipe.toml").write_text(recipe.to_toml())
    reseal(folder)
    with pytest.raises(BundleError, match="damaged"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "name", ["recipe.toml", "decision.json", "limits.json", "scores.json", "about.json"]
)
def test_a_bundle_that_lacks_a_file_says_which(folder: Path, name: str) -> None:
    (folder / name).unlink()
    reseal(folder)
    with pytest.raises(BundleError) as caught:
        read_bundle(folder)
    assert name in str(caught.value)


def test_a_bundle_without_weights_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "weights")
    reseal(folder)
    with pytest.raises(BundleError, match="no weights"):
        read_bundle(folder)


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    save_file({"a": torch.zeros(2)}, folder / "weights" / "member-0.safetensors")
    reseal(folder)
    with pytest.raises(BundleError, match="do not fit") as caught:
        read_bundle(folder).ensemble(CPU)
    assert caught.value.got == "tutorial"


def test_a_bundle_passes_its_own_self_test(folder: Path, archive: Path) -> None:
    for place in (folder, archive):
        ensemble = read_bundle(place).ensemble(CPU)
        assert run_golden_test(ensemble, read_golden(place)) < 1e-6


def test_a_forged_weight_fails_the_self_test(folder: Path) -> None:
    path = folder / "weights" / "member-1.safetensors"
    weights = load_file(path)
    name = next(iter(weights))
    weights[name] = weights[name] + 1.0
    save_file(weights, path)
    reseal(folder)
    with pytest.raises(BundleError, match="self-test"):
        run_golden_test(read_bundle(folder).ensemble(CPU), read_golden(folder))


@pytest.mark.parametrize("tensors", [None, {"inputs": torch.zeros(1)}, {}])
def test_a_damaged_self_test_is_one_clear_error(
    folder: Path, tensors: dict[str, torch.Tensor] | None
) -> None:
    if tensors is None:
        (folder / "golden.safetensors").write_text("no tensors")
    else:
        save_file(tensors, folder / "golden.safetensors")
    reseal(folder)
    with pytest.raises(BundleError, match="self-test"):
        read_golden(folder)


def with_finder(share: float = 0.2) -> Bundle:
    """Return a bundle of outlines in which one network looks first at half the resolution."""
    recipe = Recipe(
        task=TaskChoice(kind="segmentation", labels=("organ",), values=((1,),)),
        preprocessing=({"kind": "zscore"}, {"kind": "resample", "spacing_mm": [1.0, 1.0]}),
        network=NetworkChoice(name="unet_light", size=(32, 32), outputs=2, width=0.25),
        loss=LossChoice(name="dice_cross_entropy"),
        finder=FinderChoice(share=share, factor=2.0, size=(16, 16)),
    )
    looks_first = finder_recipe(recipe)
    return Bundle(
        recipe=recipe,
        weights=(assemble_network(recipe, 1).state_dict(),),
        decision=Decision(),
        limits=InputLimits(rank=2, channels=(1,), smallest=(8, 8), largest=(128, 128)),
        finders=(assemble_network(looks_first, 2).state_dict(),),
    )


def test_networks_that_look_first_come_back_and_are_tested_too(tmp_path: Path) -> None:
    bundle = with_finder()
    write_bundle(bundle, tmp_path / "bundle", CPU)
    seal_bundle(tmp_path / "bundle", tmp_path / "bundle.zip")
    back = read_bundle(tmp_path / "bundle.zip")
    assert_same(back, bundle)
    (first,) = back.finders
    assert all(torch.equal(first[name], bundle.finders[0][name]) for name in first)
    golden = read_golden(tmp_path / "bundle.zip")
    assert golden["finder.inputs"].shape[2:] == (16, 16)
    assert run_golden_test(back.ensemble(CPU), golden) < 1e-5
    wrong = replace(back, finders=(assemble_network(finder_recipe(back.recipe), 3).state_dict(),))
    with pytest.raises(BundleError, match="self-test fails"):
        run_golden_test(wrong.ensemble(CPU), golden)


@pytest.mark.parametrize(("share", "is_there"), [(0.2, False), (0.0, True)])
def test_networks_that_look_first_without_a_recipe_or_a_recipe_without_them_are_refused(
    share: float, is_there: bool, tmp_path: Path
) -> None:
    made = with_finder(share)
    write_bundle(made if is_there else replace(made, finders=()), tmp_path / "bundle", CPU)
    with pytest.raises(BundleError, match="finder does not fit"):
        read_bundle(tmp_path / "bundle")


def test_a_self_test_that_leaves_out_what_looks_first_is_refused(tmp_path: Path) -> None:
    write_bundle(with_finder(), tmp_path / "bundle", CPU)
    golden = read_golden(tmp_path / "bundle")
    short = {name: tensor for name, tensor in golden.items() if not name.startswith("finder.")}
    with pytest.raises(BundleError, match="self-test"):
        run_golden_test(read_bundle(tmp_path / "bundle").ensemble(CPU), short)
