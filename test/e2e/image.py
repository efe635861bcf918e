"""A container image of one static program, written as an OCI layout: what `iapp deploy` takes, made without a builder."""
from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

LAYER = "application/vnd.oci.image.layer.v1.tar"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LABEL = "network.iapp.manifest"


def _blob(folder: Path, data: bytes, media_type: str) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs/sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def _layer(program: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("probe")
        entry.mode, entry.size = 0o755, program.stat().st_size
        with program.open("rb") as content:
            tar.addfile(entry, content)
    return out.getvalue()


def write_layout(folder: Path, program: Path, entrypoint: list[str], env: list[str], manifest: dict[str, object] | None) -> Path:
    """An image FROM scratch: `program` as /probe, started by `entrypoint`."""
    (folder / "blobs/sha256").mkdir(parents=True)
    layer = _layer(program)
    settings: dict[str, object] = {"Entrypoint": entrypoint, "Env": env}
    if manifest is not None:
        settings["Labels"] = {LABEL: json.dumps(manifest)}
    diff_id = "sha256:" + hashlib.sha256(layer).hexdigest()
    config = {"architecture": "amd64", "os": "linux", "config": settings, "rootfs": {"type": "layers", "diff_ids": [diff_id]}}
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _blob(folder, json.dumps(config).encode(), CONFIG),
        "layers": [_blob(folder, layer, LAYER)],
    }
    index = {"schemaVersion": 2, "manifests": [_blob(folder, json.dumps(body).encode(), MANIFEST)]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return folder
