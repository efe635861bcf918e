// What a service answered is still so after kill -9: each deed is done, every service dies at once, and the deed's check is made
// (survivals). And while services die and come back they say nothing that is not so (truths).
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

async function logAuthorization({ address, signer }) {
  const answer = await fetch(`${network().CORE_URL}/tasks/logs/challenge?address=${address}`);
  const { domain, types: { EIP712Domain: _, ...types }, message } = await answer.json();
  return `${TypedDataEncoder.hash(domain, types, message)}_${await signer.signTypedData(domain, types, message)}_${address}`;
}

async function addFile() {
  const content = randomBytes(700_000);
  const form = new FormData();
  form.set('file', new Blob([content]));
  const { Hash } = await (await fetch(`${network().IPFS_API_URL}/api/v0/add`, { method: 'POST', body: form })).json();
  return { content, url: `${network().IPFS_GATEWAY_URL}/ipfs/${Hash}` };
}

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
    const authorization = await logAuthorization(requester);
    return async () => assert.equal((await fetch(`${network().CORE_URL}/tasks/${taskid}/logs`, { headers: { authorization } })).status, 200);
  },
  'a file': async () => {
    const { content, url } = await addFile();
    return async () => assert.ok(content.equals(Buffer.from(await (await fetch(url)).arrayBuffer())));
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

const isOpen = async (answer) => answer.status === 200 && (await answer.json()).status === 'open';
const graphql = (url, query) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });

/** Name to { ask, isTrue }: a question with one right answer, asked of a service directly. */
export async function truths() {
  const { CORE_URL, COMPASS_URL, DP_SUBGRAPH_URL, MARKET_URL, RESULT_PROXY_URL, SMS_URL, SUBGRAPH_URL, WORKERPOOL_ADDRESS } = network();
  const [{ owner, protectedData, access }, { requester, taskid, dealid }, file] = await Promise.all([granted(), finishedTask(), addFile()]);
  const authorization = await logAuthorization(requester);
  const hash = await owner.iexec.order.hashDatasetorder(access);
  return {
    'order by hash': { ask: () => fetch(`${MARKET_URL}/datasetorders/${hash}?chainId=421614`), isTrue: isOpen },
    'list of orders': {
      ask: () => fetch(`${MARKET_URL}/datasetorders?chainId=421614&dataset=${protectedData}&app=any&requester=any`),
      isTrue: async (answer) => (await answer.json()).count === 1,
    },
    deal: { ask: () => fetch(`${MARKET_URL}/deals/${dealid}?chainId=421614`), isTrue: async (answer) => (await answer.json()).dealid === dealid },
    secret: { ask: () => fetch(`${SMS_URL}/secrets/web3?secretAddress=${protectedData}`, { method: 'HEAD' }), isTrue: ({ status }) => status === 204 },
    file: { ask: () => fetch(file.url), isTrue: async (answer) => file.content.equals(Buffer.from(await answer.arrayBuffer())) },
    'protected data': {
      ask: () => graphql(DP_SUBGRAPH_URL, `{protectedDatas(where:{id:"${lower(protectedData)}"}){owner{id}}}`),
      isTrue: async (answer) => (await answer.json()).data.protectedDatas[0]?.owner.id === lower(owner.address),
    },
    'task in the index': {
      ask: () => graphql(SUBGRAPH_URL, `{task(id:"${taskid}"){status}}`),
      isTrue: async (answer) => (await answer.json()).data.task?.status === 'COMPLETED',
    },
    'task at the scheduler': {
      ask: () => fetch(`${CORE_URL}/tasks/${taskid}`),
      isTrue: async (answer) => (await answer.json()).currentStatus === 'COMPLETED',
    },
    logs: {
      ask: () => fetch(`${CORE_URL}/tasks/${taskid}/logs`, { headers: { authorization } }),
      isTrue: async (answer) => (await answer.json()).computeLogsList?.length === 1,
    },
    workerpool: {
      ask: () => fetch(`${COMPASS_URL}/421614/workerpools/${WORKERPOOL_ADDRESS}`),
      isTrue: async (answer) => (await answer.json()).apiUrl === CORE_URL,
    },
    'no result': { ask: () => fetch(`${RESULT_PROXY_URL}/v1/results/${taskid}/ipfshash`), isTrue: ({ status }) => status === 404 },
  };
}

/** Asks until `isOver()`: the answer is right, or there is none (no connection, a connection that ended, 5xx). Counts the right ones. */
export async function askUntil(isOver, name, { ask, isTrue }) {
  let right = 0;
  while (!isOver()) {
    const answer = await ask().catch(() => null);
    if (answer === null || answer.status >= 500) {
      await new Promise((done) => setTimeout(done, 20));
      continue;
    }
    const verdict = await Promise.resolve(isTrue(answer)).catch((error) => (error instanceof TypeError && error.message === 'terminated' ? 'cut off' : error));
    assert.ok(verdict === true || verdict === 'cut off', `${name}: ${answer.status} ${verdict}`);
    if (verdict === true) ++right;
  }
  return right;
}
