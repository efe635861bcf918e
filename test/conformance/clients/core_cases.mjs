// @iexec/dataprotector: data protected, listed, granted, revoked, given away.
import assert from 'node:assert/strict';
import { method, needs, refused } from './suite.mjs';
import { outage, noWallet, png, reader, withoutService, lower, protect, granted, titles } from './protected.mjs';
import { DATASET_INFINITE_VOLUME, deployGroup, kNobody, kNoService, network, newPerson, NULL_ADDRESS, Person, shop, stranger } from './world.mjs';

method('dataprotector.core.protectData', needs(network(), ['DP_SUBGRAPH_URL'], {
  'of every type, and the listing has it at once': async () => {
    const owner = await newPerson();
    const { seen, onStatusUpdate } = titles();
    const data = { email: 'é@x.y', age: 42, big: 2n ** 100n, yes: true, nested: { deep: { text: 'x' } }, picture: png };
    const made = await owner.core.protectData({ name: 'All types', data, onStatusUpdate });
    assert.deepEqual(made.schema, { email: 'string', age: 'f64', big: 'i128', yes: 'bool', nested: { deep: { text: 'string' } }, picture: 'image/png' });
    assert.deepEqual(seen, ['EXTRACT_DATA_SCHEMA', 'CREATE_ZIP_FILE', 'CREATE_ENCRYPTION_KEY', 'ENCRYPT_FILE', 'UPLOAD_ENCRYPTED_FILE', 'DEPLOY_PROTECTED_DATA', 'PUSH_SECRET_TO_SMS']);
    const [listed] = await reader().getProtectedData({ protectedDataAddress: made.address });
    assert.deepEqual(listed, {
      name: 'All types', address: lower(made.address), owner: lower(owner.address), schema: made.schema, creationTimestamp: made.creationTimestamp, multiaddr: made.multiaddr,
    });
    assert.equal(await stranger().dataset.checkDatasetSecretExists(made.address), true);
    const { dataset } = await stranger().dataset.showDataset(made.address);
    assert.deepEqual([dataset.owner, dataset.datasetName], [owner.address, 'All types']);
    const stored = await fetch(`${network().IPFS_GATEWAY_URL}${made.multiaddr.replace('/p2p/', '/ipfs/')}`).then((answer) => answer.arrayBuffer());
    assert.equal(await stranger().dataset.computeEncryptedFileChecksum(Buffer.from(stored)), dataset.datasetChecksum);
  },
  'without a name': async () => {
    const { name, address } = await (await newPerson()).core.protectData({ data: { x: 'y' } });
    assert.deepEqual([name, (await reader().getProtectedData({ protectedDataAddress: address }))[0].name], ['', '']);
  },
  'three megabytes': async () => {
    const { address } = await protect(await newPerson(), { file: Buffer.alloc(3_000_000, 7) });
    assert.equal((await reader().getProtectedData({ protectedDataAddress: address }))[0].schema.file, 'application/octet-stream');
  },
}), {
  'what is no data': async () => {
    const { core } = new Person();
    await refused(core.protectData({}), 'data is not valid');
    await refused(core.protectData({ data: { 'a b': 'x' } }), 'data is not valid');
    await refused(core.protectData({ data: { a: null } }), 'data is not valid');
    await refused(core.protectData({ data: [1] }), 'data is not valid');
    await refused(core.protectData({ data: {}, name: 7 }), 'name should be a string');
    await refused(core.protectData({ data: { a: 'x' }, uploadMode: 'ftp' }), 'uploadMode must be one of');
  },
  'when the IPFS node is away': async () => refused(new Person().dataProtectorWith({ ipfsNode: kNoService }).core.protectData({ data: { a: 'x' } }), 'Failed to upload encrypted data'),
  'when the gateway is away': async () => refused(new Person().dataProtectorWith({ ipfsGateway: kNoService }).core.protectData({ data: { a: 'x' } }), 'Failed to upload encrypted data'),
  'without ether': async () => refused(new Person().core.protectData({ data: { a: 'x' } }), 'Failed to create protected data into smart contract'),
  'when the key service is away': async () => {
    const error = await refused(withoutService(await newPerson(), 'smsURL').protectData({ data: { a: 'x' } }), outage);
    assert.equal(error.isProtocolError, true);
  },
  'without a wallet': async () => refused(reader().protectData({ data: { a: 'x' } }), noWallet),
});

method('dataprotector.core.getProtectedData', needs(network(), ['DP_SUBGRAPH_URL'], {
  'by owner, the newest first': async () => {
    const owner = await newPerson();
    const made = [];
    for (let i = 0; i < 3; ++i) made.unshift(lower((await protect(owner)).address));
    const listed = await reader().getProtectedData({ owner: owner.address });
    assert.deepEqual(listed.map(({ address }) => address).sort(), [...made].sort());
    const times = listed.map(({ creationTimestamp }) => creationTimestamp);
    assert.deepEqual(times, [...times].sort((a, b) => b - a));
  },
  'by schema: all of it, nested, one of several types': async () => {
    const owner = await newPerson();
    const wide = lower((await protect(owner, { email: 'x', n: { v: 1 } })).address);
    const narrow = lower((await protect(owner, { email: true })).address);
    const read = async (requiredSchema) => (await reader().getProtectedData({ owner: owner.address, requiredSchema })).map(({ address }) => address).sort();
    assert.deepEqual(await read({ email: 'string' }), [wide]);
    assert.deepEqual(await read({ email: ['string', 'bool'] }), [wide, narrow].sort());
    assert.deepEqual(await read({ email: 'string', n: { v: 'f64' } }), [wide]);
    assert.deepEqual(await read({ n: { v: 'string' } }), []);
  },
  'page after page, and by time': async () => {
    const owner = await newPerson();
    for (let i = 0; i < 11; ++i) await protect(owner);
    const page = (number) => reader().getProtectedData({ owner: owner.address, page: number, pageSize: 10 });
    assert.deepEqual([(await page(0)).length, (await page(1)).length, (await page(2)).length], [10, 1, 0]);
    const [{ creationTimestamp }] = await page(0);
    assert.ok((await reader().getProtectedData({ owner: owner.address, createdAfterTimestamp: creationTimestamp })).length >= 1);
    assert.equal((await reader().getProtectedData({ owner: owner.address, createdAfterTimestamp: creationTimestamp + 100_000 })).length, 0);
  },
  'follows a transfer': async () => {
    const [owner, next] = await Promise.all([newPerson(), newPerson()]);
    const { address } = await protect(owner);
    await owner.core.transferOwnership({ protectedData: address, newOwner: next.address });
    assert.deepEqual((await reader().getProtectedData({ owner: owner.address })).length, 0);
    assert.equal((await reader().getProtectedData({ owner: next.address }))[0].address, lower(address));
  },
  'nothing': async () => assert.deepEqual(await reader().getProtectedData({ protectedDataAddress: kNobody }), []),
}), needs(network(), ['DP_SUBGRAPH_URL'], {
  'what is no filter': async () => {
    await refused(reader().getProtectedData({ owner: 'x' }), 'owner should be an ethereum address');
    await refused(reader().getProtectedData({ requiredSchema: { email: 'unknown' } }), 'requiredSchema is not valid');
    await refused(reader().getProtectedData({ pageSize: 5 }), 'pageSize must be greater than or equal to 10');
    await refused(reader().getProtectedData({ createdAfterTimestamp: -1 }), 'createdAfterTimestamp');
  },
  'when the subgraph is away': async () => refused(new Person().dataProtectorWith({ subgraphUrl: `${kNoService}/x` }).core.getProtectedData({}), 'Failed to fetch protected data'),
}));

method('dataprotector.core.grantAccess', {
  'one use for one user': async () => {
    const { requester, app, protectedData, access } = await granted();
    assert.deepEqual([access.dataset, access.apprestrict, access.requesterrestrict], [protectedData, app, requester.address].map(lower));
    assert.deepEqual([access.volume, access.datasetprice, access.remainingAccess], ['1', '0', 1]);
  },
  'several uses at a price, and for bulk': async () => {
    const { access } = await granted({ pricePerAccess: 3, numberOfAccess: 10 });
    assert.deepEqual([access.datasetprice, access.volume], ['3', '10']);
    assert.equal((await granted({ allowBulk: true })).access.volume, String(DATASET_INFINITE_VOLUME));
  },
  'to everyone who uses the app': async () => {
    const [owner, { app }] = await Promise.all([newPerson(), shop()]);
    const { address } = await protect(owner);
    const access = await owner.core.grantAccess({ protectedData: address, authorizedApp: app });
    assert.equal(access.requesterrestrict, NULL_ADDRESS);
  },
  'to a group of apps': async () => {
    const [owner, { app }] = await Promise.all([newPerson(), shop()]);
    const { address } = await protect(owner);
    const group = await deployGroup(owner, [app]);
    assert.equal((await owner.core.grantAccess({ protectedData: address, authorizedApp: group })).apprestrict, lower(group));
  },
}, {
  'the same again': async () => {
    const { owner, requester, app, protectedData } = await granted();
    await refused(
      owner.core.grantAccess({ protectedData, authorizedApp: app, authorizedUser: requester.address }),
      'Failed to grant access',
      `An access has been already granted to the user: ${lower(requester.address)} with the app: ${lower(app)}`,
    );
  },
  'to what is no app': async () => {
    const owner = await newPerson();
    const { address } = await protect(owner);
    await refused(owner.core.grantAccess({ protectedData: address, authorizedApp: kNobody }), 'Failed to grant access', 'No app or whitelist smart contract deployed at address.');
    await refused(owner.core.grantAccess({ protectedData: address, authorizedApp: NULL_ADDRESS }), 'this would give access to any app');
  },
  "to someone else's data": async () => {
    const { protectedData, requester } = await granted();
    await refused(requester.core.grantAccess({ protectedData, authorizedApp: (await shop()).app }), 'Failed to sign data access', 'Invalid order signer, must be the resource owner');
  },
  'bulk at a price, or for a number of uses': async () => {
    const args = { protectedData: kNobody, authorizedApp: kNobody, allowBulk: true };
    await refused(new Person().core.grantAccess({ ...args, pricePerAccess: 1 }), 'allowBulk requires pricePerAccess to be 0 or undefined');
    await refused(new Person().core.grantAccess({ ...args, numberOfAccess: 1 }), 'allowBulk requires numberOfAccess');
    await refused(new Person().core.grantAccess({ protectedData: kNobody, authorizedApp: kNobody, numberOfAccess: 0 }), 'numberOfAccess should be a strictly positive integer');
  },
  'when the market is away': async () => refused(withoutService(new Person(), 'iexecGatewayURL').grantAccess({ protectedData: kNobody, authorizedApp: kNobody }), outage),
  'without a wallet': async () => refused(reader().grantAccess({ protectedData: kNobody, authorizedApp: kNobody }), noWallet),
});

method('dataprotector.core.getGrantedAccess', {
  'of one piece of data, to one user': async () => {
    const { requester, protectedData, access } = await granted();
    const { count, grantedAccess } = await reader().getGrantedAccess({ protectedData, authorizedUser: requester.address, isUserStrict: true });
    assert.deepEqual([count, grantedAccess], [1, [access]]);
  },
  'page after page, and those for bulk': async () => {
    const owner = await newPerson();
    const { address } = await protect(owner);
    const { app } = await shop();
    for (let i = 0; i < 11; ++i) await owner.core.grantAccess({ protectedData: address, authorizedApp: app, authorizedUser: new Person().address, allowBulk: i === 0 });
    const first = await reader().getGrantedAccess({ protectedData: address, page: 0, pageSize: 10 });
    const second = await reader().getGrantedAccess({ protectedData: address, page: 1, pageSize: 10 });
    assert.deepEqual([first.count, first.grantedAccess.length, second.grantedAccess.length], [11, 10, 1]);
    assert.equal((await reader().getGrantedAccess({ protectedData: address, bulkOnly: true })).count, 1);
  },
  'none': async () => assert.deepEqual(await reader().getGrantedAccess({ protectedData: kNobody }), { count: 0, grantedAccess: [] }),
}, {
  'what is no address': async () => refused(reader().getGrantedAccess({ protectedData: 'x' }), 'protectedData should be an ethereum address'),
  'a page too large': async () => refused(reader().getGrantedAccess({ pageSize: 1001 }), 'pageSize must be less than or equal to 1000'),
  'when the market is away': async () => refused(withoutService(new Person(), 'iexecGatewayURL').getGrantedAccess({}), outage),
});

method('dataprotector.core.revokeOneAccess', {
  'and it is gone at once': async () => {
    const { owner, protectedData, access } = await granted();
    const { txHash } = await owner.core.revokeOneAccess(access);
    assert.match(txHash, /^0x/);
    assert.equal((await reader().getGrantedAccess({ protectedData })).count, 0);
  },
  'and can be granted again': async () => {
    const { owner, app, requester, protectedData, access } = await granted();
    await owner.core.revokeOneAccess(access);
    await owner.core.grantAccess({ protectedData, authorizedApp: app, authorizedUser: requester.address });
    assert.equal((await reader().getGrantedAccess({ protectedData })).count, 1);
  },
}, {
  'a second time': async () => {
    const { owner, access } = await granted();
    await owner.core.revokeOneAccess(access);
    await refused(owner.core.revokeOneAccess(access), 'Failed to revoke access', 'datasetorder already canceled');
  },
  "someone else's": async () => {
    const { requester, access } = await granted();
    await refused(requester.core.revokeOneAccess(access), 'Failed to revoke access', /revert/);
  },
  'what is no access': async () => refused(new Person().core.revokeOneAccess({ dataset: kNobody }), 'is a required field'),
});

method('dataprotector.core.revokeAllAccess', {
  'to one piece of data': async () => {
    const { owner, protectedData } = await granted();
    const { app } = await shop();
    await owner.core.grantAccess({ protectedData, authorizedApp: app });
    const { seen, onStatusUpdate } = titles();
    assert.equal((await owner.core.revokeAllAccess({ protectedData, onStatusUpdate })).length, 2);
    assert.deepEqual(seen, ['RETRIEVE_ALL_GRANTED_ACCESS', 'REVOKE_ONE_ACCESS', 'REVOKE_ONE_ACCESS']);
    assert.equal((await reader().getGrantedAccess({ protectedData })).count, 0);
  },
  'to one app only': async () => {
    const { owner, app, protectedData } = await granted();
    await owner.core.grantAccess({ protectedData, authorizedApp: (await shop()).app });
    assert.equal((await owner.core.revokeAllAccess({ protectedData, authorizedApp: app })).length, 1);
    assert.equal((await reader().getGrantedAccess({ protectedData })).count, 1);
  },
  'none': async () => {
    const owner = await newPerson();
    const { address } = await protect(owner);
    assert.deepEqual(await owner.core.revokeAllAccess({ protectedData: address }), []);
  },
}, {
  "someone else's": async () => {
    const { requester, protectedData } = await granted();
    await refused(requester.core.revokeAllAccess({ protectedData }), 'Failed to revoke an access');
  },
  'when the market is away': async () => refused(withoutService(new Person(), 'iexecGatewayURL').revokeAllAccess({ protectedData: kNobody }), 'Failed to retrieve granted access', outage),
});

method('dataprotector.core.transferOwnership', {
  'and the old grants are dead': async () => {
    const { owner, requester, protectedData } = await granted();
    const { to } = await owner.core.transferOwnership({ protectedData, newOwner: requester.address });
    assert.equal(lower(to), lower(requester.address));
    assert.equal((await reader().getGrantedAccess({ protectedData })).count, 0);
  },
}, {
  "someone else's": async () => {
    const { requester, protectedData } = await granted();
    await refused(requester.core.transferOwnership({ protectedData, newOwner: kNobody }), 'Failed to transfer protectedData ownership', 'Only dataset owner can transfer dataset ownership');
  },
  'what is not deployed': async () => refused((await newPerson()).core.transferOwnership({ protectedData: kNobody, newOwner: kNobody }), 'Failed to transfer', 'Invalid dataset address'),
});
