// The worked example of docs/formats/attestation-result.md, checked by node:crypto and a CBOR reader that share no code with ours.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const page = readFileSync(new URL('../../docs/formats/attestation-result.md', import.meta.url), 'utf8');
const block = (name) => page.match(new RegExp('```' + name + '\\n([^`]*)```'))[1].replaceAll('\n', '');

// RFC 8392, appendix A.2.3
const x = Buffer.from('143329cce7868e416927599cf65a34f3ce2ffda55a7eca69ed8919a394d42f0f', 'hex').toString('base64url');
const y = Buffer.from('60f7f1a780d8a783bfb7a2dd6b2796e8128dbbcef9d3d168db9529971a36e7b9', 'hex').toString('base64url');
const jwk = { crv: 'P-256', kty: 'EC', x, y };
const key = { key: crypto.createPublicKey({ format: 'jwk', key: jwk }), dsaEncoding: 'ieee-p1363' };
const thumbprint = crypto.createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');

/** Reads one CBOR item; maps become Map, tags become {tag, value}. */
function readCbor(bytes, at = { offset: 0 }) {
  const first = bytes[at.offset++];
  let argument = first & 31;
  if (argument >= 24) {
    const size = 1 << (argument - 24);
    argument = Number(BigInt('0x' + bytes.subarray(at.offset, at.offset + size).toString('hex')));
    at.offset += size;
  }
  const take = () => bytes.subarray(at.offset, (at.offset += argument));
  const item = () => readCbor(bytes, at);
  switch (first >> 5) {
    case 0: return argument;
    case 1: return -1 - argument;
    case 2: return take();
    case 3: return take().toString('utf8');
    case 4: return Array.from({ length: argument }, item);
    case 5: return new Map(Array.from({ length: argument }, () => [item(), item()]));
    case 6: return { tag: argument, value: item() };
    default: return { 20: false, 21: true, 22: null }[argument];
  }
}

const jwtParts = block('jwt').split('.');
const claims = JSON.parse(Buffer.from(jwtParts[1], 'base64url'));

test('the JWT verifies', () => {
  assert.deepEqual(JSON.parse(Buffer.from(jwtParts[0], 'base64url')), { alg: 'ES256', kid: thumbprint, typ: 'eat+jwt' });
  const signed = Buffer.from(jwtParts[0] + '.' + jwtParts[1]);
  assert.ok(crypto.verify('sha256', signed, key, Buffer.from(jwtParts[2], 'base64url')));
  assert.equal(claims.eat_profile, 'tag:ietf.org,2026:rats/ear#04');
  assert.equal(claims.exp, claims.iat + 600);
  assert.equal(claims.submods.cpu.ear_status, 'affirming');
  assert.deepEqual(claims.cnf.jwk, jwk);
});

test('the CWT verifies and says the same', () => {
  const { tag, value: [header, unprotected, payload, signature] } = readCbor(Buffer.from(block('cwt'), 'hex'));
  assert.equal(tag, 18);
  assert.equal(unprotected.size, 0);
  assert.deepEqual(readCbor(header), new Map([[1, -7], [4, Buffer.from(thumbprint)], [16, 'application/eat+cwt']]));
  const lengthOf = (bytes) => (bytes.length < 256 ? Buffer.from([0x58, bytes.length]) : Buffer.from([0x59, bytes.length >> 8, bytes.length & 255]));
  const signed = Buffer.concat([Buffer.from([0x84, 0x6a]), Buffer.from('Signature1'), lengthOf(header), header, Buffer.from([0x40]), lengthOf(payload), payload]);
  assert.ok(crypto.verify('sha256', signed, key, signature));

  const map = readCbor(payload);
  for (const [label, name] of [[1, 'iss'], [3, 'aud'], [4, 'exp'], [5, 'nbf'], [6, 'iat'], [265, 'eat_profile']])
    assert.equal(map.get(label), claims[name], name);
  assert.equal(map.get(10).toString('base64url'), claims.eat_nonce);
  const cpu = map.get(266).get('cpu');
  assert.equal(cpu.get(1000), 2);
  const names = ['instance-identity', 'configuration', 'executables', 'file-system', 'hardware', 'runtime-opaque', 'storage-opaque', 'sourced-data'];
  assert.deepEqual(Object.fromEntries([...cpu.get(1001)].map(([label, value]) => [names[label], value])), claims.submods.cpu.ear_trustworthiness_vector);
  const registers = Object.fromEntries([...cpu.get(1005).get('iapp_measurements')].map(([name, value]) => [name, value.toString('base64url')]));
  assert.deepEqual(registers, claims.submods.cpu.ear_attester_claims.iapp_measurements);
  const checks = cpu.get(1006).get('iapp_checks').map((check) => Object.fromEntries(check));
  assert.deepEqual(checks, claims.submods.cpu.ear_verifier_claims.iapp_checks);
});
