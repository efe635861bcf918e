// iexec: orders brought together, and bulks of datasets prepared.
import assert from 'node:assert/strict';
import { method, refused } from './suite.mjs';
import { kinds, seller } from './sellers.mjs';
import {
  DATASET_INFINITE_VOLUME, deployWorkerpool, kNoService, network, newPerson, noSigner, NULL_ADDRESS, shop, shopOrders, signDataset, signRequest,
  signWorkerpool, smsAway, stranger,
} from './world.mjs';

const bulkOrder = async (bend = {}) => {
  const { provider, dataset } = await shop();
  return signDataset(provider, { dataset, volume: DATASET_INFINITE_VOLUME, ...bend });
};

method('iexec.order.prepareDatasetBulk', {
  'slices as the key service reads them': async () => {
    const orders = [await bulkOrder(), await bulkOrder(), await bulkOrder()];
    const { cid, volume } = await stranger().order.prepareDatasetBulk(orders, { maxDatasetPerTask: 2, thegraphUpload: false });
    assert.equal(volume, 2);
    const read = (at) => fetch(`${network().IPFS_GATEWAY_URL}/ipfs/${at}`).then((answer) => answer.json());
    const slices = await Promise.all((await read(cid)).map(read));
    assert.deepEqual(slices.map((slice) => slice.length), [2, 1]);
    assert.equal(slices[1][0].sign, orders[2].sign);
    assert.equal(slices[0][0].volume, String(DATASET_INFINITE_VOLUME));
  },
}, {
  'an order with a price': async () => refused(stranger().order.prepareDatasetBulk([await bulkOrder({ datasetprice: 1 })]), 'is not valid for bulk datasetorder expected 0'),
  'an order that ends': async () => refused(stranger().order.prepareDatasetBulk([await bulkOrder({ volume: 1 })]), 'expected DATASET_INFINITE_VOLUME'),
  'no order': async () => refused(stranger().order.prepareDatasetBulk([]), 'must have at least 1 items'),
  'more than a hundred for one task': async () => refused(stranger().order.prepareDatasetBulk([await bulkOrder()], { maxDatasetPerTask: 101 }), 'maxDatasetPerTask must be less than or equal to 100'),
  'when the node is away': async () =>
    refused(stranger({ ipfsNodeURL: kNoService }).order.prepareDatasetBulk([await bulkOrder()], { thegraphUpload: false }), /fetch failed|ECONNREFUSED/),
  'when the gateway is away': async () =>
    refused(stranger({ ipfsGatewayURL: kNoService }).order.prepareDatasetBulk([await bulkOrder()], { thegraphUpload: false }), 'fetch failed'),
});

// What no four orders may be, with the client's message.
const unmatchable = {
  'an app order of another app': [async (orders) => ({ apporder: await (await seller(kinds[0])).order({}) }), /app address mismatch/],
  'a dataset order of another dataset': [async () => ({ datasetorder: await (await seller(kinds[1])).order({}) }), /dataset address mismatch/],
  'a workerpool order of another workerpool': [async () => ({ workerpoolorder: await (await seller(kinds[2])).order({}) }), /workerpool address mismatch/],
  'a signature of something else': [async ({ apporder }) => ({ apporder: { ...apporder, volume: '9' } }), 'apporder invalid sign'],
  'a bent dataset order': [async ({ datasetorder }) => ({ datasetorder: { ...datasetorder, volume: '9' } }), 'datasetorder invalid sign'],
  'a bent workerpool order': [async ({ workerpoolorder }) => ({ workerpoolorder: { ...workerpoolorder, volume: '9' } }), 'workerpoolorder invalid sign'],
  'a bent request': [async ({ requestorder }) => ({ requestorder: { ...requestorder, volume: '9' } }), 'requestorder invalid sign'],
};

const bends = {
  'another category': [{ workerpool: { category: 1 } }, 'category mismatch between requestorder (0) and workerpoolorder (1)'],
  'less trust than wanted': [{ request: { trust: 4 } }, 'workerpoolorder trust is too low (expected 4, got 0)'],
  'a workerpool without the gpu wanted': [{ request: { tag: ['tee', 'tdx', 'gpu'] } }, 'Missing tags [gpu] in workerpoolorder'],
  'an app too dear': [{ app: { appprice: 101 } }, 'appmaxprice too low (expected 101, got 100)'],
  'a dataset too dear': [{ dataset: { datasetprice: 101 } }, 'datasetmaxprice too low (expected 101, got 100)'],
  'a workerpool too dear': [{ workerpool: { workerpoolprice: 101 } }, 'workerpoolmaxprice too low (expected 101, got 100)'],
};

const matchRefusals = (run) => ({
  ...Object.fromEntries(
    Object.entries(unmatchable).map(([title, [bend, message]]) => [
      title,
      async () => {
        const orders = await shopOrders();
        await refused(run((await shop()).requester, { ...orders, ...(await bend(orders)) }), message);
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(bends).map(([title, [bend, message]]) => [title, async () => refused(run((await shop()).requester, await shopOrders(bend)), message)]),
  ),
  'a workerpool whose owner has too little stake': async () => {
    const [{ requester }, poor] = await Promise.all([shop(), newPerson()]);
    const workerpool = await deployWorkerpool(poor);
    const orders = await shopOrders({ request: { workerpool: NULL_ADDRESS } });
    const workerpoolorder = await signWorkerpool(poor, { workerpool, workerpoolprice: 10 });
    await refused(run(requester, { ...orders, workerpoolorder }), "is greater than workerpool owner's account stake (0). Orders can't be matched");
  },
  'a cancelled app order': async () => {
    const { provider, requester } = await shop();
    const orders = await shopOrders();
    await provider.iexec.order.cancelApporder(orders.apporder);
    await refused(run(requester, orders), 'apporder is fully consumed');
  },
  'a cancelled dataset order': async () => {
    const { provider, requester } = await shop();
    const orders = await shopOrders();
    await provider.iexec.order.cancelDatasetorder(orders.datasetorder);
    await refused(run(requester, orders), 'datasetorder is fully consumed');
  },
  'a cancelled workerpool order': async () => {
    const { provider, requester } = await shop();
    const orders = await shopOrders();
    await provider.iexec.order.cancelWorkerpoolorder(orders.workerpoolorder);
    await refused(run(requester, orders), 'workerpoolorder is fully consumed');
  },
  'a cancelled request': async () => {
    const { requester } = await shop();
    const orders = await shopOrders();
    await requester.iexec.order.cancelRequestorder(orders.requestorder);
    await refused(run(requester, orders), 'requestorder is fully consumed');
  },
  'an app order without its app': async () => {
    const { requester } = await shop();
    await refused(run(requester, { ...(await shopOrders()), apporder: undefined }), /is a required field/);
  },
});

method('iexec.order.estimateMatchOrders', {
  'volume and cost': async () => {
    const { requester } = await shop();
    const orders = await shopOrders({ app: { appprice: 1 }, dataset: { datasetprice: 2 }, workerpool: { workerpoolprice: 4, volume: 2 }, request: { volume: 5 } });
    const { volume, total } = await requester.iexec.order.estimateMatchOrders(orders);
    assert.deepEqual([volume.toString(), total.toString()], ['2', '14']);
  },
  'without a dataset': async () => {
    const { volume, total } = await stranger().order.estimateMatchOrders(await shopOrders({ dataset: null }));
    assert.deepEqual([volume.toString(), total.toString()], ['1', '0']);
  },
}, matchRefusals((person, orders) => person.iexec.order.estimateMatchOrders(orders)));

method('iexec.order.matchOrders', {
  'a deal, and the book knows what is left': async () => {
    const { provider, requester } = await shop();
    const orders = await shopOrders({ app: { volume: 3 }, request: { volume: 2 } });
    const hash = await provider.iexec.order.publishApporder(orders.apporder);
    const { dealid, volume, txHash } = await requester.iexec.order.matchOrders(orders);
    assert.match(dealid, /^0x[0-9a-f]{64}$/);
    assert.match(txHash, /^0x[0-9a-f]{64}$/);
    assert.equal(volume.toString(), '2');
    const left = await stranger().orderbook.fetchApporder(hash);
    assert.deepEqual([left.status, left.remaining], ['open', 1]);
  },
  'the last of an order fills it': async () => {
    const { provider, requester } = await shop();
    const orders = await shopOrders();
    const hash = await provider.iexec.order.publishDatasetorder(orders.datasetorder);
    await requester.iexec.order.matchOrders(orders);
    const left = await stranger().orderbook.fetchDatasetorder(hash);
    assert.deepEqual([left.status, left.remaining], ['filled', 0]);
  },
  'paid by stake, which is locked': async () => {
    const [{ provider }, requester] = await Promise.all([shop(), newPerson({ stake: 50n })]);
    const orders = await shopOrders({ dataset: null, app: { appprice: 3 }, workerpool: { workerpoolprice: 10 } });
    const requestorder = await signRequest(requester, { app: orders.apporder.app, workerpool: orders.workerpoolorder.workerpool, appmaxprice: 3, workerpoolmaxprice: 10 });
    await requester.iexec.order.matchOrders({ ...orders, requestorder });
    const { stake, locked } = await requester.iexec.account.checkBalance(requester.address);
    assert.deepEqual([stake.toString(), locked.toString()], ['37', '13']);
    assert.ok((await provider.iexec.account.checkBalance(provider.address)).locked.gten(3));
  },
  'without asking the key service': async () => {
    const { requester } = await shop();
    const orders = await shopOrders();
    const { dealid } = await requester.iexecWith({ smsURL: kNoService }).order.matchOrders(orders, { preflightCheck: false });
    assert.match(dealid, /^0x/);
  },
}, {
  ...matchRefusals((person, orders) => person.iexec.order.matchOrders(orders)),
  'a requester with too little stake for one task': async () => {
    const requester = await newPerson();
    const orders = await shopOrders({ dataset: null, app: { appprice: 3 } });
    const requestorder = await signRequest(requester, { app: orders.apporder.app, workerpool: orders.workerpoolorder.workerpool, appmaxprice: 3 });
    await refused(requester.iexec.order.matchOrders({ ...orders, requestorder }), 'Cost per task (3) is greater than requester account stake (0)');
  },
  'a requester with too little stake for all tasks': async () => {
    const requester = await newPerson({ stake: 4n });
    const orders = await shopOrders({ dataset: null, app: { appprice: 3, volume: 2 }, workerpool: { volume: 2 } });
    const requestorder = await signRequest(requester, { app: orders.apporder.app, workerpool: orders.workerpoolorder.workerpool, appmaxprice: 3, volume: 2 });
    await refused(requester.iexec.order.matchOrders({ ...orders, requestorder }), 'Total cost for 2 tasks (6) is greater than requester account stake (4)');
  },
  'when the key service is away': async () => {
    const { requester } = await shop();
    await refused(requester.iexecWith({ smsURL: kNoService }).order.matchOrders(await shopOrders()), smsAway);
  },
  'without a wallet': async () => refused(stranger().order.matchOrders(await shopOrders()), noSigner),
});
