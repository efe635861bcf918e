// @iexec/dataprotector: protected data processed by real tasks, one by one and in bulk, down to results its users open.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { method, needs, refused } from './suite.mjs';
import { outage, noWallet, kZip, reader, withoutService, lower, protect, granted, readProtected, titles } from './protected.mjs';
import {
  DATASET_INFINITE_VOLUME, deployApp, deployGroup, finishedTask, kNobody, kUnknownHash, network, newPerson, nextContractOf, NULL_ADDRESS,
  Person, readDump, runnable, runDeal, shared, shop, signApp, stranger,
} from './world.mjs';

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
    assert.deepEqual(after.tasks.map(({ protectedDataAddresses }) => protectedDataAddresses), [datasets.slice(0, 2).sort(), datasets.slice(2)]); // the subgraph's order is by id
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
