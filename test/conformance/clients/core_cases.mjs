// @iexec/dataprotector: the core module, down to results its users open.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IExecDataProtectorDeserializer } from '@iexec/dataprotector-deserializer';
import { IExecDataProtector } from '@iexec/dataprotector';
import { method, needs, refused, watch } from './suite.mjs';
import {
  dataProtectorOptions, DATASET_INFINITE_VOLUME, deployApp, deployGroup, finishedTask, iexecOptions, kNobody, kNoService, kUnknownHash, network, newPerson, nextContractOf, NULL_ADDRESS,
  Person, randomName, readDump, runnable, runDeal, shared, shop, signApp, stranger,
} from './world.mjs';

const outage = "A service in the iExec protocol appears to be unavailable. You can retry later or contact iExec's technical support for help.";
const noWallet = 'Unauthorized method. Please log in with your wallet';
const kZip = 'PK\x03\x04';
const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');

const reader = () => watch(new IExecDataProtector(network().RPC_URL, dataProtectorOptions()), 'dataprotector').core;
const withoutService = (person, option) => person.dataProtectorWith({ iexecOptions: iexecOptions({ [option]: kNoService }) }).core;
const lower = (address) => address.toLowerCase();

const protect = (person, data = { email: 'a@b.c' }) => person.core.protectData({ name: randomName('data'), data });

/** An owner with protected data, and a requester who may use it in the app that runs. */
async function granted({ data, ...terms } = {}) {
  const [owner, requester, { app }] = await Promise.all([newPerson(), newPerson(), runnable()]);
  const { address } = await protect(owner, data);
  const access = await owner.core.grantAccess({ protectedData: address, authorizedApp: app, authorizedUser: requester.address, ...terms });
  return { owner, requester, app, protectedData: address, access };
}

async function readProtected(bytes, path, schema) {
  const file = join(mkdtempSync(join(tmpdir(), 'iapp-read-')), 'data.zip');
  writeFileSync(file, bytes);
  return new IExecDataProtectorDeserializer({ protectedDataPath: file }).getValue(path, schema);
}

function titles() {
  const seen = [];
  return { seen, onStatusUpdate: ({ title, isDone }) => isDone && seen.push(title) };
}

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
    assert.deepEqual([name, (await reader().getProtectedData({ protectedDataAddress: address }))[0].name], [undefined, '']);
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

const run = (person, app, protectedData, more = {}) =>
  person.core.processProtectedData({ protectedData, app, workerpool: network().WORKERPOOL_ADDRESS, ...more });

method('dataprotector.core.processProtectedData', {
  'a real task, to the file the app wrote': async () => {
    const { requester, app, protectedData } = await granted({ data: { email: 'who@where.org', age: 42 } });
    const { seen, onStatusUpdate } = titles();
    const secrets = { 1: 'first', 2: 'second' };
    const { result, taskId, dealId, txHash } = await run(requester, app, protectedData, { args: 'one "two three"', secrets, path: 'dump.txt', onStatusUpdate });
    assert.ok(taskId && dealId && txHash);
    assert.deepEqual(seen, ['FETCH_ORDERS', 'PUSH_REQUESTER_SECRET', 'REQUEST_TO_PROCESS_PROTECTED_DATA', 'TASK_EXECUTION', 'TASK_RESULT_DOWNLOAD']);
    const dump = readDump(result);
    assert.deepEqual(dump.args, ['one', 'two three']);
    assert.deepEqual([dump.env.IEXEC_REQUESTER_SECRET_1, dump.env.IEXEC_REQUESTER_SECRET_2], ['first', 'second']);
    assert.equal(dump.env.IEXEC_DATASET_FILENAME, lower(protectedData));
    const bytes = dump.files[dump.env.IEXEC_DATASET_FILENAME];
    assert.equal(await readProtected(bytes, 'email', 'string'), 'who@where.org');
    assert.equal(await readProtected(bytes, 'age', 'f64'), 42);
  },
  'sealed to a key of its own, which it opens': async () => {
    const { requester, app, protectedData } = await granted();
    const { result, pemPrivateKey, taskId } = await run(requester, app, protectedData, { encryptResult: true, path: 'dump.txt' });
    assert.match(pemPrivateKey, /^-----BEGIN PRIVATE KEY-----/);
    assert.equal(readDump(result).env.IEXEC_TASK_ID, taskId);
    const stored = await stranger().task.fetchResults(taskId).then((answer) => answer.arrayBuffer());
    assert.ok(Buffer.from(stored).includes('iexec_out.zip.aes'));
    const again = await requester.core.getResultFromCompletedTask({ taskId, pemPrivateKey });
    assert.equal(Buffer.from(again.result).subarray(0, 4).toString('latin1'), kZip);
  },
  'as a member of a group': async () => {
    const [owner, requester, { app }] = await Promise.all([newPerson(), newPerson(), runnable()]);
    const { address: protectedData } = await protect(owner);
    const group = await deployGroup(owner, [requester.address, await nextContractOf(owner)]); // the client asks whether it lists itself
    await owner.core.grantAccess({ protectedData, authorizedApp: app, authorizedUser: group });
    const { result } = await run(requester, app, protectedData, { userWhitelist: group, path: 'dump.txt' });
    assert.equal(readDump(result).env.IEXEC_DATASET_FILENAME, lower(protectedData));
  },
  'without waiting': async () => {
    const { requester, app, protectedData } = await granted();
    const answer = await run(requester, app, protectedData, { waitForResult: false });
    assert.deepEqual(Object.keys(answer).sort(), ['dealId', 'taskId', 'txHash']);
    assert.deepEqual(await requester.core.waitForTaskCompletion(answer), { status: 'COMPLETED', success: true });
  },
}, {
  'without a grant': async () => {
    const [{ app }, { dataset, requester }] = await Promise.all([runnable(), shop()]);
    await refused(run(requester, app, dataset), 'Failed to process protected data', 'No Dataset order found for the desired price');
  },
  'after its one use': async () => {
    const { requester, app, protectedData } = await granted();
    await run(requester, app, protectedData, { waitForResult: false });
    await refused(run(requester, app, protectedData), 'No Dataset order found for the desired price');
  },
  'after the grant was revoked': async () => {
    const { owner, requester, app, protectedData, access } = await granted();
    await owner.core.revokeOneAccess(access);
    await refused(run(requester, app, protectedData), 'No Dataset order found for the desired price');
  },
  'by another user': async () => {
    const { app, protectedData } = await granted();
    await refused(run(await newPerson(), app, protectedData), 'No Dataset order found for the desired price');
  },
  'at a price beyond the limit': async () => {
    const { requester, app, protectedData } = await granted({ pricePerAccess: 5 });
    await refused(run(requester, app, protectedData, { dataMaxPrice: 4 }), 'No Dataset order found for the desired price');
    await refused(run(requester, app, protectedData, { dataMaxPrice: 5 }), 'Cost per task (5) is greater than requester account stake (0)');
  },
  'in an app nobody offers': async () => {
    const [developer, { dataset, requester }] = await Promise.all([newPerson(), shop()]);
    await refused(run(requester, await deployApp(developer), dataset), 'No App order found for the desired price');
  },
  'on a workerpool that offers nothing': async () => {
    const { requester, app, protectedData } = await granted();
    await refused(run(requester, app, protectedData, { workerpool: kNobody }), 'No Workerpool order found for the desired price');
  },
  'what makes no sense': async () => {
    const args = { protectedData: kNobody, app: kNobody };
    await refused(new Person().core.processProtectedData({ ...args, pemPrivateKey: 'x' }), 'pemPrivateKey can only be provided when encryptResult is true');
    await refused(new Person().core.processProtectedData({ ...args, app: 'x' }), 'app should be an ethereum address');
    await refused(new Person().core.processProtectedData({ ...args, inputFiles: ['x'] }), 'should be a url');
    await refused(new Person().core.processProtectedData({ ...args, userWhitelist: kNobody }), 'userWhitelist is not a valid whitelist contract');
  },
  'when the market is away': async () => refused(withoutService(new Person(), 'iexecGatewayURL').processProtectedData({ protectedData: kNobody, app: kNobody }), outage),
  'without a wallet': async () => refused(reader().processProtectedData({ protectedData: kNobody, app: kNobody }), noWallet),
});

method('dataprotector.core.waitForTaskCompletion', {
  'of a finished one': async () => {
    const { taskid, dealid } = await finishedTask();
    const { seen, onStatusUpdate } = titles();
    assert.deepEqual(await reader().waitForTaskCompletion({ taskId: taskid, dealId: dealid, onStatusUpdate }), { status: 'COMPLETED', success: true });
    assert.deepEqual(seen, ['TASK_UPDATED']);
  },
}, {
  'one that is not there': async () =>
    refused(reader().waitForTaskCompletion({ taskId: kUnknownHash, dealId: kUnknownHash }), 'Failed to wait for task completion', 'No deal found'),
  'what is no task id': async () => refused(reader().waitForTaskCompletion({ taskId: '0x12', dealId: kUnknownHash }), 'taskId must be a valid iExec task ID'),
});

method('dataprotector.core.getResultFromCompletedTask', {
  'the archive, and one file of it': async () => {
    const { taskid } = await finishedTask();
    const whole = await reader().getResultFromCompletedTask({ taskId: taskid });
    assert.equal(Buffer.from(whole.result).subarray(0, 4).toString('latin1'), kZip);
    const { result } = await reader().getResultFromCompletedTask({ taskId: taskid, path: 'dump.txt' });
    assert.deepEqual(readDump(result).args, ['one', 'two']);
  },
}, {
  'a file that is not in it': async () => {
    const { taskid } = await finishedTask();
    await refused(reader().getResultFromCompletedTask({ taskId: taskid, path: 'other.txt' }), 'Failed to process task result');
  },
  'of a task that is not there': async () => refused(reader().getResultFromCompletedTask({ taskId: kUnknownHash }), 'Failed to process task result'),
  'sealed, with another key': async () => {
    const requester = await newPerson();
    const { publicKey, privateKey } = keyPair();
    await requester.iexec.result.pushResultEncryptionKey(publicKey);
    const { taskid, dealid } = await runDeal({ requester, params: { iexec_result_encryption: true } });
    await requester.core.waitForTaskCompletion({ taskId: taskid, dealId: dealid });
    const other = keyPair().privateKey;
    await refused(requester.core.getResultFromCompletedTask({ taskId: taskid, pemPrivateKey: other }), 'Failed to process task result');
    const { result } = await requester.core.getResultFromCompletedTask({ taskId: taskid, path: 'dump.txt', pemPrivateKey: privateKey });
    assert.equal(readDump(result).env.IEXEC_TASK_ID, taskid);
  },
});

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 4096, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** Three pieces of data of two owners, granted for bulk to one requester. */
const bulkGrants = shared('bulk grants', async () => {
  const [{ app }, requester, one, two] = await Promise.all([runnable(), newPerson(), newPerson(), newPerson()]);
  const accesses = [];
  for (const [owner, text] of [[one, 'a'], [one, 'b'], [two, 'c']]) {
    const { address } = await protect(owner, { text });
    accesses.push(await owner.core.grantAccess({ protectedData: address, authorizedApp: app, authorizedUser: requester.address, allowBulk: true }));
  }
  return { app, requester, one, accesses };
});

const prepare = async (more = {}) => {
  const { app, requester, accesses } = await bulkGrants();
  return requester.core.prepareBulkRequest({ app, bulkAccesses: accesses, maxProtectedDataPerTask: 2, workerpool: network().WORKERPOOL_ADDRESS, ...more });
};

/** The same request, had it asked for a sealed result. */
const sealed = (bulkRequest) => ({ ...bulkRequest, params: JSON.stringify({ ...JSON.parse(bulkRequest.params), iexec_result_encryption: true }) });

/** Texts of the data the tasks saw, by task. */
async function textsOf(tasks) {
  const texts = [];
  for (const { result } of tasks) {
    const { env, files } = readDump(result);
    const names = Array.from({ length: Number(env.IEXEC_BULK_SLICE_SIZE) }, (_, i) => env[`IEXEC_DATASET_${i + 1}_FILENAME`]);
    texts.push(await Promise.all(names.map((name) => readProtected(files[name], 'text', 'string'))));
  }
  return texts;
}

method('dataprotector.core.prepareBulkRequest', {
  'a signed request, one task for every slice': async () => {
    const { app, requester } = await bulkGrants();
    const { bulkRequest, pemPrivateKey } = await prepare({ args: 'x', secrets: { 1: 'y' } });
    assert.equal(pemPrivateKey, undefined);
    assert.deepEqual([bulkRequest.app, bulkRequest.requester, bulkRequest.volume, bulkRequest.dataset], [app, requester.address, '2', NULL_ADDRESS]);
    assert.match(JSON.parse(bulkRequest.params).bulk_cid, /^Qm/);
  },
}, {
  'no access': async () => refused(new Person().core.prepareBulkRequest({ app: kNobody, bulkAccesses: [] }), 'bulkAccesses is required and must not be empty'),
  'an access that is not for bulk': async () => {
    const { requester, app, access } = await granted();
    await refused(requester.core.prepareBulkRequest({ app, bulkAccesses: [access] }), 'Failed to prepare bulk request', 'expected DATASET_INFINITE_VOLUME');
  },
  'when the key service is away': async () => {
    const { accesses, app } = await bulkGrants();
    await refused(withoutService(new Person(), 'smsURL').prepareBulkRequest({ app, bulkAccesses: accesses, secrets: { 1: 'x' } }), outage);
  },
  'without a wallet': async () => refused(reader().prepareBulkRequest({ app: kNobody, bulkAccesses: [{}] }), noWallet),
});

method('dataprotector.core.processBulkRequest', {
  'real tasks, each to the file the app wrote': async () => {
    const { requester } = await bulkGrants();
    const { bulkRequest } = await prepare();
    const { seen, onStatusUpdate } = titles();
    const { tasks } = await requester.core.processBulkRequest({ bulkRequest, workerpool: network().WORKERPOOL_ADDRESS, waitForResult: true, path: 'dump.txt', onStatusUpdate });
    assert.deepEqual(tasks.map(({ bulkIndex, status, success, error }) => [bulkIndex, status, success, error]), [[0, 'COMPLETED', true, undefined], [1, 'COMPLETED', true, undefined]]);
    assert.deepEqual(await textsOf(tasks), [['a', 'b'], ['c']]);
    assert.equal(seen.filter((title) => title === 'PROCESS_BULK_SLICE').length, 2);
  },
  'sealed results, opened': async () => {
    const { requester } = await bulkGrants();
    const { bulkRequest, pemPrivateKey } = await prepare({ encryptResult: true, maxProtectedDataPerTask: 100 });
    const { tasks } = await requester.core.processBulkRequest({
      bulkRequest, pemPrivateKey, workerpool: network().WORKERPOOL_ADDRESS, waitForResult: true, path: 'dump.txt',
    });
    assert.deepEqual(tasks.map(({ status, error }) => [status, error]), [['COMPLETED', undefined]]);
    assert.deepEqual(await textsOf(tasks), [['a', 'b', 'c']]);
  },
}, {
  'what is no bulk request': async () => {
    const { bulkRequest } = await prepare();
    const { core } = new Person();
    await refused(core.processBulkRequest({}), 'bulkRequest is a required field');
    await refused(core.processBulkRequest({ bulkRequest: { ...bulkRequest, params: '{}' } }), 'should be a valid JSON string with bulk_cid field');
    await refused(core.processBulkRequest({ bulkRequest: { ...bulkRequest, dataset: kNobody } }), 'dataset must be one of');
  },
  'a sealed result without its key': async () => {
    const { bulkRequest } = await prepare();
    await refused(new Person().core.processBulkRequest({ bulkRequest: sealed(bulkRequest), waitForResult: true }), 'Missing pemPrivateKey required for result decryption');
  },
  'an app nobody offers at that price': async () => {
    const { requester } = await bulkGrants();
    const developer = await newPerson();
    const app = await deployApp(developer);
    await developer.iexec.order.publishApporder(await signApp(developer, { app, appprice: 1 }));
    const { bulkRequest } = await prepare({ app });
    await refused(requester.core.processBulkRequest({ bulkRequest }), 'Failed to process protected data', 'No App order found for the desired price');
  },
  'when the market is away': async () => {
    const { bulkRequest } = await prepare();
    await refused(withoutService(new Person(), 'iexecGatewayURL').processBulkRequest({ bulkRequest }), outage);
  },
});

method('dataprotector.core.inspectBulkRequest', needs(network(), ['SUBGRAPH_URL'], {
  'before, and after with data and results': async () => {
    const { requester, accesses } = await bulkGrants();
    const { bulkRequest } = await prepare();
    const before = await reader().inspectBulkRequest({ bulkRequest, detailed: true });
    assert.deepEqual([before.bulkStatus, before.tasksToCreateCount, before.tasks], ['INITIALIZING', 2, []]);
    const { tasks } = await requester.core.processBulkRequest({ bulkRequest, workerpool: network().WORKERPOOL_ADDRESS });
    const during = await reader().inspectBulkRequest({ bulkRequest });
    assert.deepEqual([during.tasksToCreateCount, during.tasksTotalCount, during.tasks.map(({ taskId }) => taskId)], [0, 2, tasks.map(({ taskId }) => taskId)]);
    for (const task of tasks) await requester.core.waitForTaskCompletion(task);
    const after = await reader().inspectBulkRequest({ bulkRequest, detailed: true, withResult: true, path: 'dump.txt' });
    assert.deepEqual([after.bulkStatus, after.tasksCompletedCount, after.tasksProcessingCount], ['FINISHED', 2, 0]);
    const datasets = accesses.map(({ dataset }) => lower(dataset));
    assert.deepEqual(after.tasks.map(({ protectedDataAddresses }) => protectedDataAddresses), [datasets.slice(0, 2), datasets.slice(2)]);
    assert.deepEqual(await textsOf(after.tasks), [['a', 'b'], ['c']]);
  },
}), needs(network(), ['SUBGRAPH_URL'], {
  'a path without results': async () => {
    const { bulkRequest } = await prepare();
    await refused(reader().inspectBulkRequest({ bulkRequest, path: 'x' }), 'path parameter is only allowed when withResult is true');
  },
  'a sealed result without its key': async () => {
    const { bulkRequest } = await prepare();
    await refused(reader().inspectBulkRequest({ bulkRequest: sealed(bulkRequest), withResult: true }), 'Missing pemPrivateKey required for result decryption');
  },
  'when the market is away': async () => {
    const { bulkRequest } = await prepare();
    await refused(withoutService(new Person(), 'iexecGatewayURL').inspectBulkRequest({ bulkRequest }), outage);
  },
  'when the subgraph is away': async () => {
    const { bulkRequest } = await prepare();
    await refused(withoutService(new Person(), 'pocoSubgraphURL').inspectBulkRequest({ bulkRequest, detailed: true }), 'Failed to get protected data in bulk');
  },
}));
