// What a service answered is still so after kill -9: each deed is done, every service dies at once, and the deed's check is made.
// Knows how to do and to check; who kills is the caller's affair.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TypedDataEncoder } from 'ethers';
import { seller, kinds } from './sellers.mjs';
import { refused } from './suite.mjs';
import { granted, lower, protect, reader } from './protected.mjs';
import { deployApp, deployDataset, finishedTask, lastOf, network, newPerson, runDeal, shopDeal, shop, stranger } from './world.mjs';

/** Secrets by kind: how one is pushed and asked for, and what a second one is told. */
const secrets = {
  'the key of a dataset': async (person) => {
    const address = await deployDataset(person, null);
    return { push: (value) => person.iexec.dataset.pushDatasetSecret(address, value), has: () => stranger().dataset.checkDatasetSecretExists(address) };
  },
  'the secret of an app': async (person) => {
    const address = await deployApp(person);
    return { push: (value) => person.iexec.app.pushAppSecret(address, value), has: () => stranger().app.checkAppSecretExists(address) };
  },
  "a requester's secret": async (person) => ({
    push: (value) => person.iexec.secrets.pushRequesterSecret('mine', value),
    has: () => stranger().secrets.checkRequesterSecretExists(person.address, 'mine'),
  }),
  'a key for results': async (person) => ({
    push: (value) => person.iexec.result.pushResultEncryptionKey(value),
    has: () => stranger().result.checkResultEncryptionKeyExists(person.address),
  }),
  'a token of a storage': async (person) => ({
    push: (value) => person.iexec.storage.pushStorageToken(value, 'dropbox'),
    has: () => stranger().storage.checkStorageTokenExists(person.address, 'dropbox'),
  }),
};

async function secret(make) {
  const { push, has } = await make(await newPerson());
  await push('first');
  return async () => {
    assert.equal(await has(), true);
    await refused(push('second'), 'already exists');
  };
}

/** An order that is published, and what then happens to it. */
async function order(kind, then, state) {
  const { person, order: sign } = await seller(kind);
  const signed = await sign({ volume: 3 });
  const hash = await person.iexec.order[`publish${kind.Kind}order`](signed);
  await then(person, signed, hash);
  return async () => {
    const found = await stranger().orderbook[`fetch${kind.Kind}order`](hash).then(({ status }) => status, ({ message }) => message);
    assert.equal(found, state(kind));
  };
}

const orders = (kind) => ({
  [`a published ${kind.kind} order`]: () => order(kind, () => {}, () => 'open'),
  [`an unpublished ${kind.kind} order`]: () => order(kind, (person, _, hash) => person.iexec.order[`unpublish${kind.Kind}order`](hash), () => `API error: ${kind.kind}order not found`),
  [`a cancelled ${kind.kind} order`]: () => order(kind, (person, signed) => person.iexec.order[`cancel${kind.Kind}order`](signed), () => 'canceled'),
});

const taskOf = async ({ requester, taskid }) => {
  const [{ task, replicates }, logs, result] = await Promise.all([
    requester.iexec.task.fetchOffchainInfo(taskid),
    requester.iexec.task.fetchLogs(taskid),
    requester.iexec.task.fetchResults(taskid).then((answer) => answer.arrayBuffer()),
  ]);
  return { task, replicates, logs, result: Buffer.from(result).toString('hex') };
};

/** Title to a deed that resolves with its check. */
export const survivals = {
  ...Object.fromEntries(Object.entries(secrets).map(([title, make]) => [title, () => secret(make)])),
  ...Object.assign({}, ...kinds.map(orders)),
  'a deal, and what is left of its orders': async () => {
    const { dealid, orders: matched } = await shopDeal();
    const { requester } = await shop();
    return async () => {
      const hash = await requester.iexec.order.hashRequestorder(matched.requestorder);
      assert.equal((await stranger().deal.fetchDealsByRequestorder(hash)).deals[0].dealid, dealid);
    };
  },
  'a task that nobody has begun': async () => {
    const deal = await runDeal({ params: { iexec_args: 'survives' } });
    return async () => {
      const { task } = await lastOf(await deal.requester.iexec.task.obsTask(deal.taskid, { dealid: deal.dealid }));
      assert.equal(task.statusName, 'COMPLETED');
      assert.equal((await deal.requester.iexec.task.fetchLogs(deal.taskid)).length, 1);
    };
  },
  'the history, the logs and the result of a task': async () => {
    const deal = await finishedTask();
    const before = await taskOf(deal);
    return async () => assert.deepEqual(await taskOf(deal), before);
  },
  'a challenge for logs': async () => {
    const { requester, taskid } = await finishedTask();
    const { domain, types: { EIP712Domain: _, ...types }, message } = await (await fetch(`${network().CORE_URL}/tasks/logs/challenge?address=${requester.address}`)).json();
    const digest = TypedDataEncoder.hash(domain, types, message);
    const authorization = `${digest}_${await requester.signer.signTypedData(domain, types, message)}_${requester.address}`;
    return async () => assert.equal((await fetch(`${network().CORE_URL}/tasks/${taskid}/logs`, { headers: { authorization } })).status, 200);
  },
  'a file': async () => {
    const content = randomBytes(700_000);
    const form = new FormData();
    form.set('file', new Blob([content]));
    const added = await (await fetch(`${network().IPFS_API_URL}/api/v0/add`, { method: 'POST', body: form })).json();
    return async () => {
      const stored = await fetch(`${network().IPFS_GATEWAY_URL}/ipfs/${added.Hash}`).then((answer) => answer.arrayBuffer());
      assert.ok(content.equals(Buffer.from(stored)));
    };
  },
  'protected data': async () => {
    const owner = await newPerson();
    const { address } = await protect(owner);
    return async () => {
      const [found] = await reader().getProtectedData({ protectedDataAddress: address });
      assert.equal(found.owner, lower(owner.address));
      assert.equal(await stranger().dataset.checkDatasetSecretExists(address), true);
    };
  },
  'an access, and that it was taken back': async () => {
    const { owner, protectedData, access } = await granted();
    const other = await granted();
    await owner.core.revokeOneAccess(access);
    return async () => {
      assert.equal((await reader().getGrantedAccess({ protectedData })).count, 0);
      assert.equal((await reader().getGrantedAccess({ protectedData: other.protectedData, authorizedApp: other.app, authorizedUser: other.requester.address })).count, 1);
    };
  },
  'a collection': async () => {
    const owner = await newPerson();
    const { collectionId } = await owner.sharing.createCollection();
    return async () => {
      const { collections } = await owner.sharing.getCollectionsByOwner({ owner: owner.address });
      assert.deepEqual(collections.map(({ id }) => Number(id)), [Number(collectionId)]);
    };
  },
};
