// CIDs of our blob service against a published JavaScript importer with kubo's defaults, and the kubo client of the npm SDKs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import test, { after, before } from 'node:test';
import { importer } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { create } from 'kubo-rpc-client';

const chunk = 262_144;
const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 174 * chunk, 174 * chunk + 1, 175 * chunk, 46 * 1024 * 1024];
for (let i = 0; i < 6; ++i) sizes.push(randomInt(2, 8 * chunk));

let server, api, gateway, directory;
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'iapp-cids-'));
  server = spawn(process.env.BLOBS_SERVER, [join(directory, 'store')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  [api, gateway] = line.split(' ');
});
after(async () => {
  server.stdin.end();
  await once(server, 'exit');
  rmSync(directory, { recursive: true });
});

/** Takes blocks and forgets them: only the root matters here. */
const blackHole = { put: async (cid) => cid };

/** The root of kubo's default import, computed by the other implementation. */
const reference = async (content) => {
  const options = {
    cidVersion: 0,
    rawLeaves: false,
    chunker: fixedSize({ chunkSize: chunk }),
    layout: balanced({ maxChildrenPerNode: 174 }),
  };
  let root;
  for await (const entry of importer([{ content: [content] }], blackHole, options)) root = entry;
  return root;
};

for (const size of sizes) {
  test(`${size} bytes have the CID of ipfs-unixfs-importer, and come back`, async () => {
    const content = randomBytes(size);
    const expected = await reference(content);
    const added = await create({ url: api }).add(content);
    assert.equal(added.cid.toString(), expected.cid.toString());
    assert.equal(added.size, Number(expected.size));
    const read = Buffer.from(await (await fetch(`${gateway}/ipfs/${added.cid}`)).arrayBuffer());
    assert.equal(createHash('sha256').update(read).digest('hex'), createHash('sha256').update(content).digest('hex'));
  });
}

test('every kind of body that a client may send gives the same CID', async () => {
  const content = randomBytes(3 * chunk + 7);
  const { cid } = await reference(content);
  const client = create({ url: api });
  const form = new FormData();
  form.append('file', new Blob([content]));
  const posted = await fetch(`${api}/api/v0/add?stream-channels=true&progress=false`, { method: 'POST', body: form });
  assert.equal(JSON.parse(await posted.text()).Hash, cid.toString());
  const bodies = [content, new Blob([content]), (async function* () { yield content.subarray(0, 5); yield content.subarray(5); })()];
  for (const body of bodies) assert.equal((await client.add(body)).cid.toString(), cid.toString());
  let seen = 0;
  await client.add(content, { progress: (bytes) => { seen = bytes; }, pin: true, cidVersion: 0, rawLeaves: false, hashAlg: 'sha2-256' });
  assert.equal(seen, content.length);
  const many = [];
  for await (const file of client.addAll([{ path: 'a', content: Buffer.from('1') }, { path: 'b', content: Buffer.from('2') }])) many.push(file.path);
  assert.deepEqual(many, ['a', 'b']);
});

test('the other commands of the client', async () => {
  const client = create({ url: api });
  const content = randomBytes(2 * chunk);
  const { cid } = await client.add(content);
  const read = [];
  for await (const piece of client.cat(cid)) read.push(piece);
  assert.deepEqual(Buffer.concat(read), content);
  const block = await client.block.get(cid);
  assert.equal((await client.block.put(block, { format: 'dag-pb', version: 0 })).toV0().toString(), cid.toString());
  assert.equal((await client.block.stat(cid)).size, block.length);
  assert.equal((await client.pin.add(cid)).toString(), cid.toString());
  for await (const pin of client.pin.ls({ paths: cid })) assert.equal(pin.cid.toString(), cid.toString());
  assert.match((await client.id()).agentVersion, /iapp-blobs/);
  assert.ok((await client.version()).version);
});

test('an error of ours is the message the client throws', async () => {
  const client = create({ url: api });
  await assert.rejects(client.add('x', { cidVersion: 1 }), /option cid-version is only supported as 0/);
  await assert.rejects(client.block.get('QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX'), /could not find/);
  await assert.rejects(client.files.stat('/x'), /no command files\/stat/);
});
