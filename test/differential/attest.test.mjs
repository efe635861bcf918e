// Our verdicts on Intel evidence beside those of two other verifiers: genuine quotes with their collateral, simulated ones of
// every form, and mutants of both. attest_cases writes the cases with our verdict; disagreements.mjs explains the rest.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { disagreements, explanation } from './disagreements.mjs';
import { intelRoot, javascript, webassembly } from './peers.mjs';

const vectors = process.env.IAPP_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const genuine = existsSync(`${vectors}/INDEX.md`);
if (!genuine) console.error(`\n*** SKIPPED: no genuine attestation vectors at ${vectors}; set IAPP_VECTORS ***\n`);

/** Every case, complete: what differs from its base is put over the base. */
async function* readCases() {
  const writer = spawn(process.env.ATTEST_CASES, genuine ? [vectors] : [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => writer.on('close', resolve));
  let base;
  for await (const line of createInterface({ input: writer.stdout })) {
    const read = JSON.parse(line);
    if (!('case' in read)) {
      base = { ...read, root: Buffer.from(read.root, 'hex') };
      continue;
    }
    const quote = Buffer.from(read.quote ?? base.quote, 'hex');
    if ('flip' in read) quote[read.flip >> 3] ^= 1 << (read.flip & 7);
    yield { ...read, name: read.case, quote, root: base.root, collateral: { ...base.collateral, ...read.collateral } };
  }
  assert.equal(await ended, 0, 'attest_cases failed');
}

/** How we differ from `theirs`, in the words of disagreements.mjs; undefined when we do not. */
function difference(ours, theirs) {
  if (ours.accepted !== theirs.accepted) return ours.accepted ? 'accepts' : 'refuses';
  if (!ours.accepted) return undefined;
  const same = ours.status === theirs.status && ours.advisories.join() === theirs.advisories.join();
  return same ? undefined : 'rates';
}

test('two other verifiers agree with ours, or a row says why not', async () => {
  const tally = {}, unexplained = [], used = new Set();
  const compare = async (peer, verify, one) => {
    const theirs = await verify(one);
    const count = (tally[`${peer} ${one.base}`] ??= { cases: 0, accepted: 0, explained: 0, traps: 0 });
    ++count.cases;
    count.accepted += theirs.accepted;
    count.traps += theirs.trap ?? false;
    const differs = difference(one, theirs);
    if (!differs) return;
    const row = explanation(peer, differs, one);
    if (row) used.add(row), ++count.explained;
    else unexplained.push(`${peer} ${one.base} ${one.name}: ours ${one.reason || one.status + ' ' + one.advisories}, theirs ${theirs.reason ?? theirs.status + ' ' + theirs.advisories}`);
  };
  for await (const one of readCases()) {
    await compare('javascript', javascript, one);
    if (one.root.equals(intelRoot)) await compare('webassembly', webassembly, one);
  }
  console.table(tally);
  assert.deepEqual(unexplained, []);
  if (!genuine) return;
  assert.deepEqual(disagreements.filter((row) => !used.has(row)), [], 'rows that nothing needs');
});
