"""Owners' data: whatever is protected reaches the app byte for byte, laid out as the DataProtector SDK lays it out."""
from __future__ import annotations

import io
import json
import random
import struct
import zipfile

from harness import case, equal
from world import World

SHAPES = {"v1": random.Random(1).randbytes(70_001), "v2": random.Random(2).randbytes(600_000)}  # v2: three chunks


def seen(world: World, dataset: str) -> zipfile.ZipFile:
    """The dataset's file as the app found it: one archive, named by the dataset's address."""
    app = world.probe_app()
    world.grant(dataset, app, "requester")
    dump = world.dump(app, "--data", dataset)
    equal(list(dump.files), [dataset.lower()], "files below /iexec_in")
    return zipfile.ZipFile(io.BytesIO(dump.files[dataset.lower()]))


def check_layout(archive: zipfile.ZipFile, wanted: list[tuple[str, bytes]]) -> None:
    equal([(entry.filename, archive.read(entry)) for entry in archive.infolist()], wanted, "entries")
    for entry in archive.infolist():
        equal((entry.compress_type, entry.date_time, entry.comment), (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), b""), entry.filename)


def text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode())) + value.encode()


@case("a file in format v1 and in format v2 arrives byte for byte")
def file(world: World) -> None:
    for version, content in SHAPES.items():
        dataset = world.protect(str(world.file("records.bin", content)), "--format", version)
        check_layout(seen(world, dataset), [("records", content)])


@case("a folder arrives as nested entries, sorted, names made keys")
def folder(world: World) -> None:
    top = world.new_path("folder")
    (top / "images/size 1.5").mkdir(parents=True)
    (top / "readme.txt").write_text("hello")
    (top / "images/b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(9))
    (top / "images/size 1.5/a.bin").write_bytes(b"")
    document = world.cli.good("protect", str(top), "--wallet", "owner")
    equal(
        json.loads(document["dataSchema"]),
        {"images": {"b": "image/png", "size_1_5": {"a": "application/octet-stream"}}, "readme": "application/octet-stream"},
        "schema",
    )
    check_layout(
        seen(world, document["dataset"]),
        [("images/", b""), ("images/b", (top / "images/b.png").read_bytes()), ("images/size_1_5/", b""), ("images/size_1_5/a", b""), ("readme", b"hello")],
    )


@case("a JSON object arrives as typed values: bool, f64, string, nested")
def json_object(world: World) -> None:
    profile = {"member": True, "left": False, "age": 41.5, "year": 1984, "name": "Zoë", "home": {"city": "Basel", "zip": -4051}}
    document = world.cli.good("protect", "--object", "-", "--name", "Profile", "--wallet", "owner", stdin=json.dumps(profile))
    wanted = '{"member":"bool","left":"bool","age":"f64","year":"f64","name":"string","home":{"city":"string","zip":"f64"}}'
    equal(document["dataSchema"], wanted, "schema, in the order written")
    check_layout(
        seen(world, document["dataset"]),
        [
            ("member", b"\x01"), ("left", b"\x00"), ("age", struct.pack("<d", 41.5)), ("year", struct.pack("<d", 1984)),
            ("name", text("Zoë")), ("home/", b""), ("home/city", text("Basel")), ("home/zip", struct.pack("<d", -4051)),
        ],
    )  # fmt: skip


@case("what cannot be protected is refused before anything is uploaded")
def refused(world: World) -> None:
    twins = world.new_path("twins")
    twins.mkdir()
    (twins / "a.txt").write_text("1")
    (twins / "a.csv").write_text("2")
    nulls = world.file("nulls.json", '{"a":null}')
    for argv, error, code in (
        ((str(twins),), "protect.name_twice", 2),
        (("--object", str(nulls)), "protect.json", 2),
        (("/nowhere/at/all",), "protect.input", 3),
        ((), "protect.input", 2),
    ):
        world.cli.bad("protect", *argv, "--wallet", "owner", code=code, error=error)
