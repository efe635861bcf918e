// A container image of one static program, pushed to the network's registry: what a developer's `docker push` leaves there.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const kManifest = 'application/vnd.oci.image.manifest.v1+json';
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function tarOf(name, content) {
  const header = Buffer.alloc(512);
  const octal = (value, at, size) => header.write(value.toString(8).padStart(size - 1, '0') + '\0', at, 'latin1');
  header.write(name, 0);
  octal(0o755, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  octal(header.reduce((sum, byte) => sum + byte, 0), 148, 8);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512 + 1024)]);
}

async function expectCreated(answer) {
  if (answer.status !== 201) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}

async function pushBlob(registry, name, bytes, mediaType) {
  const digest = `sha256:${sha256(bytes)}`;
  const begun = await fetch(`${registry}/v2/${name}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(begun.headers.get('location'), registry);
  location.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  await expectCreated(await fetch(location, { method: 'PUT', body: bytes, headers }));
  return { mediaType, digest, size: bytes.length };
}

/** An image FROM scratch that starts `program` as /probe with these words. Returns what the chain wants of it. */
export async function pushImage(registry, name, program, words) {
  const layer = tarOf('probe', readFileSync(program));
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/probe', ...words] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: kManifest,
    config: await pushBlob(registry, name, Buffer.from(JSON.stringify(config)), 'application/vnd.oci.image.config.v1+json'),
    layers: [await pushBlob(registry, name, layer, 'application/vnd.oci.image.layer.v1.tar')],
  });
  await expectCreated(
    await fetch(`${registry}/v2/${name}/manifests/1.0.0`, { method: 'PUT', body: manifest, headers: { 'content-type': kManifest } }),
  );
  return { multiaddr: `${new URL(registry).host}/${name}:1.0.0`, checksum: `0x${sha256(manifest)}` };
}
