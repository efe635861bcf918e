// iexec: what the key service keeps, and the local cryptography beside it.
import assert from 'node:assert/strict';
import { generateKeyPairSync, webcrypto, createDecipheriv, createHash } from 'node:crypto';
import { method, refused } from './suite.mjs';
import { deployApp, deployDataset, kNobody, kNoService, newPerson, noSigner, Person, randomName, smsAway, stranger } from './world.mjs';

const longest = 'é'.repeat(2048); // 4096 bytes

for (const { kind, Kind, deploy } of [
  { kind: 'app', Kind: 'App', deploy: deployApp },
  { kind: 'dataset', Kind: 'Dataset', deploy: (person) => deployDataset(person, null) },
]) {
  const push = (client, ...args) => client[kind][`push${Kind}Secret`](...args);

  method(`iexec.${kind}.push${Kind}Secret`, {
    'by its owner, any text': async () => {
      for (const value of ['x', ' spaces and\nlines ', 'àé€😀', '{"a":1}', longest]) {
        const person = await newPerson();
        assert.equal(await push(person.iexec, await deploy(person), value), true);
      }
    },
    'by the owner it was transferred to': async () => {
      const [person, next] = await Promise.all([newPerson(), newPerson()]);
      const address = await deploy(person);
      await person.iexec[kind][`transfer${Kind}`](address, next.address);
      assert.equal(await push(next.iexec, address, 'x'), true);
    },
  }, {
    'a second time, even the same': async () => {
      const person = await newPerson();
      const address = await deploy(person);
      await push(person.iexec, address, 'x');
      await refused(push(person.iexec, address, 'x'), `Secret already exists for ${address} and can't be updated`);
      await refused(push(person.iexec, address, 'y'), `Secret already exists for ${address} and can't be updated`);
    },
    'by someone else': async () => {
      const [person, other] = await Promise.all([newPerson(), newPerson()]);
      const address = await deploy(person);
      await refused(push(other.iexec, address, 'x'), `Wallet ${other.address} is not allowed to set secret for ${address}`);
    },
    'by the owner before the transfer': async () => {
      const person = await newPerson();
      const address = await deploy(person);
      await person.iexec[kind][`transfer${Kind}`](address, kNobody);
      await refused(push(person.iexec, address, 'x'), `is not allowed to set secret for ${address}`);
    },
    'for an address without a contract': async () => refused(push((await newPerson()).iexec, kNobody, 'x'), `is not allowed to set secret for ${kNobody}`),
    'one byte too long': async () => {
      const person = await newPerson();
      await refused(push(person.iexec, await deploy(person), `${longest}x`), 'SMS answered with unexpected status: 413');
    },
    'nothing': async () => {
      const person = await newPerson();
      await refused(push(person.iexec, await deploy(person), ''), 'SMS answered with unexpected status: 400');
    },
    'without a wallet': async () => refused(push(stranger(), kNobody, 'x'), noSigner),
    'when the service is smsAway': async () => refused(push(new Person().iexecWith({ smsURL: kNoService }), kNobody, 'x'), smsAway),
  });

  method(`iexec.${kind}.check${Kind}SecretExists`, {
    'first no, then yes': async () => {
      const person = await newPerson();
      const address = await deploy(person);
      assert.equal(await stranger()[kind][`check${Kind}SecretExists`](address), false);
      await push(person.iexec, address, 'x');
      assert.equal(await stranger()[kind][`check${Kind}SecretExists`](address.toLowerCase()), true);
    },
  }, {
    'what is no address': async () => refused(stranger()[kind][`check${Kind}SecretExists`]('x'), 'x is not a valid ethereum address'),
    'when the service is smsAway': async () => refused(stranger({ smsURL: kNoService })[kind][`check${Kind}SecretExists`](kNobody), smsAway),
  });
}

method('iexec.secrets.pushRequesterSecret', {
  'under a name of one\'s own': async () => {
    const person = new Person();
    assert.deepEqual(await person.iexec.secrets.pushRequesterSecret('my-Secret_1', 'value'), { isPushed: true });
    assert.deepEqual(await person.iexec.secrets.pushRequesterSecret('n'.repeat(64), longest), { isPushed: true });
  },
  'names differ by case, and by owner': async () => {
    const [one, two] = [new Person(), new Person()];
    await one.iexec.secrets.pushRequesterSecret('name', '1');
    await one.iexec.secrets.pushRequesterSecret('Name', '2');
    await two.iexec.secrets.pushRequesterSecret('name', '3');
  },
}, {
  'a second time': async () => {
    const person = new Person();
    await person.iexec.secrets.pushRequesterSecret('name', '1');
    await refused(person.iexec.secrets.pushRequesterSecret('name', '2'), `Secret "name" already exists for ${person.address}`);
  },
  'a name too long, or of other characters': async () => {
    const { secrets } = new Person().iexec;
    await refused(secrets.pushRequesterSecret('n'.repeat(65), 'x'), 'SMS answered with unexpected status: 400');
    await refused(secrets.pushRequesterSecret('with space', 'x'), 'SMS answered with unexpected status: 400');
    await refused(secrets.pushRequesterSecret('é', 'x'), 'SMS answered with unexpected status: 400');
  },
  'a value too long': async () => refused(new Person().iexec.secrets.pushRequesterSecret('name', `${longest}x`), 'SMS answered with unexpected status: 400'),
  'without a wallet': async () => refused(stranger().secrets.pushRequesterSecret('name', 'x'), noSigner),
});

method('iexec.secrets.checkRequesterSecretExists', {
  'first no, then yes': async () => {
    const person = new Person();
    assert.equal(await stranger().secrets.checkRequesterSecretExists(person.address, 'name'), false);
    await person.iexec.secrets.pushRequesterSecret('name', '1');
    assert.equal(await stranger().secrets.checkRequesterSecretExists(person.address, 'name'), true);
    assert.equal(await stranger().secrets.checkRequesterSecretExists(person.address, 'NAME'), false);
  },
}, {
  'a name that cannot be': async () => refused(stranger().secrets.checkRequesterSecretExists(kNobody, 'n'.repeat(65)), 'SMS answered with unexpected status: 400'),
  'when the service is smsAway': async () => refused(stranger({ smsURL: kNoService }).secrets.checkRequesterSecretExists(kNobody, 'name'), smsAway),
});

const rsaKeys = () => generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });

method('iexec.result.pushResultEncryptionKey', {
  'PEM text, and a WebCrypto key': async () => {
    const answer = await new Person().iexec.result.pushResultEncryptionKey(rsaKeys().publicKey);
    assert.deepEqual(answer, { isPushed: true, isUpdated: false });
    const algorithm = { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
    const { publicKey } = await webcrypto.subtle.generateKey(algorithm, true, ['encrypt', 'decrypt']);
    assert.deepEqual(await new Person().iexec.result.pushResultEncryptionKey(publicKey), { isPushed: true, isUpdated: false });
  },
  'a new one in place of the old': async () => {
    const person = new Person();
    await person.iexec.result.pushResultEncryptionKey(rsaKeys().publicKey);
    const answer = await person.iexec.result.pushResultEncryptionKey(rsaKeys().publicKey, { forceUpdate: true });
    assert.deepEqual(answer, { isPushed: true, isUpdated: true });
  },
  'forced when there was none': async () => {
    const answer = await new Person().iexec.result.pushResultEncryptionKey(rsaKeys().publicKey, { forceUpdate: true });
    assert.deepEqual(answer, { isPushed: true, isUpdated: false });
  },
}, {
  'a second one without force': async () => {
    const person = new Person();
    await person.iexec.result.pushResultEncryptionKey(rsaKeys().publicKey);
    await refused(person.iexec.result.pushResultEncryptionKey(rsaKeys().publicKey), `Secret "iexec-result-encryption-public-key" already exists for ${person.address}`);
  },
  'nothing': async () => refused(new Person().iexec.result.pushResultEncryptionKey(''), 'SMS answered with unexpected status: 400'),
  'what is too long': async () => refused(new Person().iexec.result.pushResultEncryptionKey('x'.repeat(4097)), 'SMS answered with unexpected status: 413'),
  'without a wallet': async () => refused(stranger().result.pushResultEncryptionKey('x'), noSigner),
});

method('iexec.result.checkResultEncryptionKeyExists', {
  'first no, then yes': async () => {
    const person = new Person();
    assert.equal(await stranger().result.checkResultEncryptionKeyExists(person.address), false);
    await person.iexec.result.pushResultEncryptionKey(rsaKeys().publicKey);
    assert.equal(await stranger().result.checkResultEncryptionKeyExists(person.address), true);
  },
}, {
  'when the service is smsAway': async () => refused(stranger({ smsURL: kNoService }).result.checkResultEncryptionKeyExists(kNobody), smsAway),
});

method('iexec.storage.pushStorageToken', {
  'for dropbox, and again by force': async () => {
    const person = new Person();
    assert.deepEqual(await person.iexec.storage.pushStorageToken('token', 'dropbox'), { isPushed: true, isUpdated: false });
    assert.deepEqual(await person.iexec.storage.pushStorageToken('next', 'dropbox', { forceUpdate: true }), { isPushed: true, isUpdated: true });
  },
}, {
  'a second one without force': async () => {
    const person = new Person();
    await person.iexec.storage.pushStorageToken('token', 'dropbox');
    await refused(person.iexec.storage.pushStorageToken('next', 'dropbox'), `Secret "iexec-result-dropbox-token" already exists for ${person.address}`);
  },
  'for ipfs, which has none': async () => refused(new Person().iexec.storage.pushStorageToken('token', 'ipfs'), 'Storage provider "ipfs" does not support authentication tokens'),
  'for what is no provider': async () => refused(new Person().iexec.storage.pushStorageToken('token', 'ftp'), '"ftp" is not a valid storage provider'),
});

method('iexec.storage.checkStorageTokenExists', {
  'first no, then yes': async () => {
    const person = new Person();
    assert.equal(await stranger().storage.checkStorageTokenExists(person.address, 'dropbox'), false);
    await person.iexec.storage.pushStorageToken('token', 'dropbox');
    assert.equal(await stranger().storage.checkStorageTokenExists(person.address, 'dropbox'), true);
  },
}, {
  'for ipfs, which has none': async () => refused(stranger().storage.checkStorageTokenExists(kNobody, 'ipfs'), 'does not support authentication tokens'),
});

method('iexec.dataset.generateEncryptionKey', {
  '256 bits in base64, never the same': async () => {
    const { dataset } = stranger();
    const [one, two] = [dataset.generateEncryptionKey(), dataset.generateEncryptionKey()];
    assert.equal(Buffer.from(one, 'base64').length, 32);
    assert.notEqual(one, two);
  },
});

method('iexec.dataset.encrypt', {
  'with the key the key service will hand out': async () => {
    const { dataset } = stranger();
    const key = dataset.generateEncryptionKey();
    const sealed = await dataset.encrypt(Buffer.from(randomName('text')), key);
    const decipher = createDecipheriv('aes-256-cbc', Buffer.from(key, 'base64'), sealed.subarray(0, 16));
    assert.match(Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]).toString(), /^text-/);
  },
}, {
  'a key of another size': async () => refused(stranger().dataset.encrypt(Buffer.from('x'), 'AAAA'), 'is not a valid encryption key'),
  'text instead of bytes': async () => {
    const { dataset } = stranger();
    await refused(dataset.encrypt('x', dataset.generateEncryptionKey()), 'Invalid file buffer');
  },
});

method('iexec.dataset.computeEncryptedFileChecksum', {
  'sha256': async () => {
    const bytes = Buffer.from('sealed');
    assert.equal(await stranger().dataset.computeEncryptedFileChecksum(bytes), `0x${createHash('sha256').update(bytes).digest('hex')}`);
  },
}, {
  'text instead of bytes': async () => refused(stranger().dataset.computeEncryptedFileChecksum('x'), 'Invalid file buffer'),
});
