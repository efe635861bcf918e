// Datasets and results between us and the npm clients, both ways: what one seals the other opens.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { IExecDataProtectorDeserializer } from '@iexec/dataprotector-deserializer';
import { IExec, utils } from 'iexec';
import { get, path, put, refusal, sealTool, sealToolWithInput } from './seal_tool.mjs';

// The package exports only its class; the functions its protectData calls are read from its own file.
const dataprotector = dirname(fileURLToPath(import.meta.resolve('@iexec/dataprotector')));
const { createZipFromObject, extractDataSchema, ensureDataObjectIsValid } = await import(
  pathToFileURL(join(dataprotector, 'utils/data.js')).href
);
const provider = utils.getSignerFromPrivateKey('http://127.0.0.1:1', `0x${'11'.repeat(32)}`);
const iexec = new IExec({ ethProvider: provider }, { allowExperimentalNetworks: true });

const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');
const object = {
  email: 'é@x.y',
  empty: '',
  age: 42,
  small: -1.5,
  big: 2n ** 100n,
  negative: -1n,
  yes: true,
  no: false,
  nested: { deep: { leaf: 'x' }, none: {} },
  img: png,
  raw: Buffer.from('plain'),
};

/** The same object in the notation of seal_tool. */
const tagged = (value) => {
  if (typeof value === 'boolean') return { bool: value };
  if (typeof value === 'number') return { f64: value };
  if (typeof value === 'bigint') return { i128: value.toString() };
  if (typeof value === 'string') return { string: value };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  return { object: taggedObject(value) };
};
const taggedObject = (value) => Object.fromEntries(Object.entries(value).map(([key, member]) => [key, tagged(member)]));

const key = iexec.dataset.generateEncryptionKey();
put('key', key);

const decrypt = (sealed) => {
  const decipher = crypto.createDecipheriv('aes-256-cbc', Buffer.from(key, 'base64'), sealed.subarray(0, 16));
  return Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]);
};

test('the schema is the one DataProtector writes', async () => {
  const ours = sealTool('schema', put('object.json', JSON.stringify(taggedObject(object)))).trim();
  assert.equal(ours, JSON.stringify(await extractDataSchema(object)));
});

test('an object we seal is read by the deserializer of an iExec app', async () => {
  const [checksum] = sealTool('seal-object-v1', path('key'), put('object.json', JSON.stringify(taggedObject(object))), path('ours.bin')).split('\n');
  const sealed = get('ours.bin');
  assert.equal(await iexec.dataset.computeEncryptedFileChecksum(sealed), checksum);
  const reader = new IExecDataProtectorDeserializer({ protectedDataPath: put('payload.zip', decrypt(sealed)) });
  const value = (p, schema) => reader.getValue(p, schema);
  assert.equal(await value('email', 'string'), object.email);
  assert.equal(await value('empty', 'string'), '');
  assert.equal(await value('age', 'f64'), 42);
  assert.equal(await value('small', 'f64'), -1.5);
  assert.equal(await value('big', 'i128'), 2n ** 100n);
  assert.equal(await value('negative', 'i128'), -1n);
  assert.equal(await value('yes', 'bool'), true);
  assert.equal(await value('no', 'bool'), false);
  assert.equal(await value('nested.deep.leaf', 'string'), 'x');
  assert.deepEqual(Buffer.from(await value('img', 'image/png')), png);
});

test('our payload and theirs have the same entries and the same length', async () => {
  sealTool('seal-object-v1', path('key'), put('object.json', JSON.stringify(taggedObject(object))), path('ours.bin'));
  const ours = put('ours.zip', decrypt(get('ours.bin')));
  const theirs = put('theirs.zip', await createZipFromObject(object));
  assert.deepEqual(JSON.parse(sealTool('list', ours)), JSON.parse(sealTool('list', theirs)));
  assert.equal(get('ours.zip').length, get('theirs.zip').length);
});

test('an object DataProtector seals opens here', async () => {
  ensureDataObjectIsValid(object);
  const zip = await createZipFromObject(object);
  const sealed = await iexec.dataset.encrypt(zip, key);
  const checksum = await iexec.dataset.computeEncryptedFileChecksum(sealed);
  const entries = JSON.parse(sealTool('open-object-v1', path('key'), checksum, put('sdk.bin', sealed)));
  assert.equal(entries['nested/deep/leaf'], '0100000078');
  assert.equal(entries['nested/none/'], '');
  assert.equal(entries.img, png.toString('hex'));
  assert.equal(refusal('open-object-v1', path('key'), `0x${'00'.repeat(32)}`, path('sdk.bin')), 'seal.checksum');
});

for (const size of [0, 1, 15, 16, 17, 1_000_000]) {
  test(`raw files of ${size} bytes go both ways`, async () => {
    const content = crypto.randomBytes(size);
    const checksum = sealTool('seal-v1', path('key'), put('content', content), path('ours.bin')).trim();
    assert.equal(await iexec.dataset.computeEncryptedFileChecksum(get('ours.bin')), checksum);
    assert.deepEqual(decrypt(get('ours.bin')), content);
    const sealed = await iexec.dataset.encrypt(content, key);
    sealTool('open-v1', path('key'), await iexec.dataset.computeEncryptedFileChecksum(sealed), put('sdk.bin', sealed), path('opened'));
    assert.deepEqual(get('opened'), content);
  });
}

test('mime types are guessed alike', async () => {
  const starts = ['', '47', '474946383761', '474946383961', '4749463838', 'ffd8ff', 'fffb', 'fff3', 'fff2', 'fff1', '52494646aabbccdd57454250',
    '52494646aabbccdd57415645', '52494646aabbccdd41564920', '52494646aabbccdd41494646', '53503031', '000001ba', '000001b3', '504b0304', '504b0506',
    '504b0708', '504b0102', '424d', '494433', '4d546864', '89504e470d0a1a0a', '89504e470d0a1a', 'efbbbf25504446', '25504446', '3c3f786d6c20',
    '3c3f786d6c', '0000000066747970', '0000001866747970' + '69736f6d', '0000001866747970' + '6d696631', '0000001866747970' + '68656963',
    '0000001866747970' + '7174', '0000001866747970' + '61766966', '0000001866747970' + '3367', '4700000066747970' + '7174', 'ff'.repeat(16), '00'.repeat(40)];
  for (let i = 0; i < 2000; ++i) {
    const random = crypto.randomBytes(20).toString('hex');
    starts.push(starts[i % 40] + random, random);
  }
  const ours = sealToolWithInput(starts.join('\n') + '\n', 'mime').split('\n');
  for (const [i, start] of starts.entries()) {
    const theirs = await extractDataSchema({ x: Buffer.from(start, 'hex') });
    assert.equal(ours[i], theirs.x, start);
  }
});

test('an encrypted result opens in the npm client', async () => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', {
    modulusLength: 4096,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  sealTool('rsa-seal', put('public.pem', publicKey), put('content', 'the answer'), path('result.zip'));
  const archive = await utils.decryptResult(get('result.zip'), privateKey);
  const entries = JSON.parse(sealTool('list', put('inner.zip', Buffer.from(archive))));
  assert.deepEqual(entries, { 'result.txt': Buffer.from('the answer').toString('hex') });
});
