import json
import os
import random
import struct
import zipfile
from pathlib import Path

import pytest

from scanwright.base import BundleError
from scanwright.bundle import seal as module
from scanwright.bundle import seal_bundle
from scanwright.bundle.seal import bundle_digest, read_files, write_manifest
from tests.bundle.builders import members_of, reseal, zip_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a sealed folder of small files."""
    place = tmp_path / "bundle"
    (place / "weights").mkdir(parents=True)
    (place / "recipe.toml").write_text('a = "b"\n')
    (place / "about.json").write_text("{}\n" * 200)
    for index in (0, 2, 10):
        (place / "weights" / f"member-{index}.safetensors").write_bytes(bytes([index]) * 300)
    write_manifest(place)
    return place


def test_files_come_back_from_folder_and_zip(folder: Path, tmp_path: Path) -> None:
    seal_bundle(folder, tmp_path / "b.zip")
    for place in (folder, tmp_path / "b.zip"):
        files = read_files(place)
        assert files.contents == members_of(folder)
        assert files.toml("recipe.toml") == {"a": "b"}
        assert files.names() == sorted(members_of(folder))


def test_members_come_in_the_order_of_their_numbers(folder: Path) -> None:
    assert read_files(folder).under("weights/") == [
        f"weights/member-{index}.safetensors" for index in (0, 2, 10)
    ]


def test_the_digest_covers_every_byte(folder: Path) -> None:
    before = bundle_digest(folder)
    (folder / "recipe.toml").write_text('a = "c"\n')
    write_manifest(folder)
    assert bundle_digest(folder) != before


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(BundleError, match=r"card\.md"):
        read_files(folder).content("card.md")


@pytest.mark.parametrize("name", ["about.json", "weights/member-2.safetensors"])
@pytest.mark.parametrize("change", ["flip", "cut", "lengthen", "remove"])
def test_a_changed_file_is_named(folder: Path, name: str, change: str) -> None:
    path = folder / name
    content = path.read_bytes()
    new = {
        "flip": bytes([content[0] ^ 1]) + content[1:],
        "cut": content[:-1],
        "lengthen": content + b" ",
        "remove": None,
    }[change]
    if new is None:
        path.unlink()
    else:
        path.write_bytes(new)
    with pytest.raises(BundleError, match="changed after it was sealed") as caught:
        read_files(folder)
    assert caught.value.got == name


def test_a_file_that_was_added_is_named(folder: Path) -> None:
    (folder / "more.json").write_text("{}")
    with pytest.raises(BundleError) as caught:
        read_files(folder)
    assert caught.value.got == "more.json"


@pytest.mark.parametrize("name", ["x.pkl", "x.py", "x.pt", "x.so", "x", "x.json.exe", "a/x.pickle"])
def test_a_foreign_file_is_refused_even_when_sealed(
    folder: Path, tmp_path: Path, name: str
) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    reseal(folder)
    with pytest.raises(BundleError, match="does not belong") as caught:
        read_files(folder)
    assert caught.value.got == name
    with pytest.raises(BundleError, match="does not belong"):
        read_files(zip_of(members_of(folder), tmp_path / "b.zip"))


@pytest.mark.parametrize(
    "name", ["../x.json", "/etc/x.json", "a/../../x.json", "..", "\\x.json", "a/../x.json"]
)
def test_a_name_that_leads_outside_is_refused_and_nothing_is_written(
    folder: Path, tmp_path: Path, name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    archive = zip_of({**members_of(folder), name: b"{}"}, tmp_path / "b.zip")
    with pytest.raises(BundleError, match="does not belong"):
        read_files(archive)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, archive])


def test_a_zip_that_unpacks_to_more_than_a_bundle_may_hold_is_refused_unopened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zip_of({**members_of(folder), "a.json": bytes(1 << 20)}, tmp_path / "b.zip")
    assert archive.stat().st_size < 1 << 14
    monkeypatch.setattr(module, "LARGEST_BYTES", 1 << 19)

    def never(*args: object) -> bytes:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "read", never)
    with pytest.raises(BundleError, match="too large"):
        read_files(archive)


def test_a_folder_of_more_than_a_bundle_may_hold_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    with pytest.raises(BundleError, match="too large"):
        read_files(folder)


def test_a_zip_that_lies_about_a_size_is_refused(folder: Path, tmp_path: Path) -> None:
    archive = zip_of({**members_of(folder), "a.json": bytes(1 << 16)}, tmp_path / "b.zip")
    content = archive.read_bytes()
    real, lie = struct.pack("<L", 1 << 16), struct.pack("<L", 16)
    assert content.count(real) >= 2
    archive.write_bytes(content.replace(real, lie))
    with pytest.raises(BundleError):
        read_files(archive)


def test_an_encrypted_zip_is_refused(folder: Path, tmp_path: Path) -> None:
    archive = zip_of(members_of(folder), tmp_path / "b.zip")
    content = bytearray(archive.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + flags] |= 1
            place = content.find(signature, place + 4)
    archive.write_bytes(content)
    with pytest.raises(BundleError, match="zip is damaged"):
        read_files(archive)


def test_a_damaged_zip_is_refused_whatever_the_damage(folder: Path, tmp_path: Path) -> None:
    archive = zip_of(members_of(folder), tmp_path / "b.zip")
    whole, expected = archive.read_bytes(), members_of(folder)
    rng = random.Random(0)
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 8])):
            content[rng.randrange(len(content))] = rng.randrange(256)
        archive.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
        try:
            assert read_files(archive).contents == expected
        except BundleError:
            refused += 1
    assert refused > 200


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", os.urandom(1000)])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(BundleError):
        read_files(tmp_path / "b.zip")


def test_a_bundle_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle here") as caught:
        read_files(tmp_path / "nothing")
    assert caught.value.where == tmp_path / "nothing"


def test_a_folder_without_a_manifest_is_no_bundle_and_the_right_one_is_named(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(BundleError, match="no bundle") as caught:
        read_files(tmp_path)
    assert str(folder) in str(caught.value.next)
    (folder / "manifest.json").unlink()
    with pytest.raises(BundleError, match=r"manifest\.json"):
        read_files(folder)
    with pytest.raises(BundleError, match="manifest"):
        read_files(zip_of(members_of(folder), tmp_path / "b.zip"))


@pytest.mark.parametrize(
    "manifest", ["", "{", "[]", "3", "null", "{}", '{"sha256": 5}', '{"sha256": null}',
                 '{"sha256": []}', '{"sha256": {}}', '{"sha256": "x"}'],
)  # fmt: skip
def test_a_damaged_manifest_is_one_clear_error(folder: Path, manifest: str) -> None:
    (folder / "manifest.json").write_text(manifest)
    with pytest.raises(BundleError):
        read_files(folder)


def test_the_manifest_lists_every_other_file(folder: Path) -> None:
    listed = json.loads((folder / "manifest.json").read_text())["sha256"]
    assert sorted(listed) == sorted(set(members_of(folder)) - {"manifest.json"})
    assert all(len(digest) == 64 for digest in listed.values())
