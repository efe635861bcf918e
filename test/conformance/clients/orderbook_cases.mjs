// iexec: what the order book lists, and how it filters and pages.
import assert from 'node:assert/strict';
import { method, refused } from './suite.mjs';
import {
  DATASET_INFINITE_VOLUME, deployApp, deployDataset, deployWorkerpool, kNobody, kNoService, kUnknownHash, marketAway, newPerson, shared, signApp,
  signDataset, signRequest, signWorkerpool, stranger,
} from './world.mjs';

const kOther = '0x00000000000000000000000000000000000000b2';

// Each list is read with one resource of its own, so that what other cases publish is never in it.
const lists = [
  {
    kind: 'app', fetch: 'fetchAppOrderbook', owner: 'appOwner', price: 'appprice', restrictions: { dataset: 'isDatasetStrict', workerpool: 'isWorkerpoolStrict', requester: 'isRequesterStrict' },
    make: async () => { const person = await newPerson(); const app = await deployApp(person); return { person, about: { app }, sign: (fields) => signApp(person, { app, ...fields }) }; },
  },
  {
    kind: 'dataset', fetch: 'fetchDatasetOrderbook', owner: 'datasetOwner', price: 'datasetprice', restrictions: { app: 'isAppStrict', workerpool: 'isWorkerpoolStrict', requester: 'isRequesterStrict' },
    make: async () => { const person = await newPerson(); const dataset = await deployDataset(person); return { person, about: { dataset }, sign: (fields) => signDataset(person, { dataset, ...fields }) }; },
  },
  {
    kind: 'workerpool', fetch: 'fetchWorkerpoolOrderbook', owner: 'workerpoolOwner', price: 'workerpoolprice', restrictions: { app: 'isAppStrict', dataset: 'isDatasetStrict', requester: 'isRequesterStrict' },
    make: async () => { const person = await newPerson({ stake: 100_000n }); const workerpool = await deployWorkerpool(person); return { person, about: { workerpool }, sign: (fields) => signWorkerpool(person, { workerpool, ...fields }) }; },
  },
];

/** Publishes orders one after the other; returns their hashes. */
async function publishAll(person, kind, orders) {
  const hashes = [];
  const Kind = kind[0].toUpperCase() + kind.slice(1);
  for (const order of orders) hashes.push(await person.iexec.order[`publish${Kind}order`](await order));
  return hashes;
}

const hashesOf = ({ orders }) => orders.map(({ orderHash }) => orderHash);

for (const { kind, fetch, owner, price, restrictions, make } of lists) {
  const book = shared(`book of ${kind}`, async () => {
    const { person, about, sign } = await make();
    const free = await publishAll(person, kind, [sign({ [price]: 7 }), sign({ [price]: 3, volume: 5 })]);
    const restricted = {};
    for (const name of Object.keys(restrictions)) [restricted[name]] = await publishAll(person, kind, [sign({ [`${name}restrict`]: kOther })]);
    const [gpu] = await publishAll(person, kind, [sign({ [price]: 9, tag: ['tee', 'tdx', 'gpu'] })]);
    return { person, about, free, restricted, gpu };
  });
  const list = async (options = {}) => stranger().orderbook[fetch]({ ...(await book()).about, ...options });

  method(`iexec.orderbook.${fetch}`, {
    'the cheapest first, without those that are restricted': async () => {
      const { free, gpu } = await book();
      const { count, orders } = await list();
      assert.equal(count, 3);
      assert.deepEqual(hashesOf({ orders }), [free[1], free[0], gpu]);
      assert.deepEqual([orders[0].remaining, orders[0].status, orders[0].chainId], [5, 'open', 421614]);
      assert.equal(orders[0].order[price], 3);
    },
    'restricted to whom it names, or to anybody': async () => {
      const { restricted } = await book();
      for (const [name, strict] of Object.entries(restrictions)) {
        assert.equal((await list({ [name]: kOther })).count, 4, name);
        assert.deepEqual(hashesOf(await list({ [name]: kOther, [strict]: true })), [restricted[name]], name);
        assert.equal((await list({ [name]: kNobody })).count, 3, name);
        assert.equal((await list({ [name]: 'any' })).count, 4, name);
      }
    },
    'by its owner': async () => {
      const { person, about } = await book();
      const { count } = await stranger().orderbook[fetch]({ [owner]: person.address });
      assert.equal(count, 3);
      assert.ok(about);
    },
    'by tag and volume': async () => {
      const { free, gpu } = await book();
      assert.deepEqual(hashesOf(await list({ minTag: ['tee', 'tdx', 'gpu'] })), [gpu]);
      assert.deepEqual(hashesOf(await list({ maxTag: ['tee', 'tdx'] })), [free[1], free[0]]);
      assert.deepEqual(hashesOf(await list({ minVolume: 5 })), [free[1]]);
    },
    'page after page': async () => {
      const { person, about, sign } = await make();
      const hashes = await publishAll(person, kind, Array.from({ length: 12 }, () => sign({})));
      const first = await stranger().orderbook[fetch]({ ...about, pageSize: 10 });
      assert.deepEqual([first.count, first.orders.length], [12, 10]);
      const second = await first.more();
      assert.deepEqual([second.orders.length, second.more], [2, undefined]);
      assert.deepEqual([...hashesOf(first), ...hashesOf(second)].sort(), hashes.sort());
      const skipped = await stranger().orderbook[fetch]({ ...about, page: 1, pageSize: 10 });
      assert.deepEqual(hashesOf(skipped), hashesOf(second));
    },
    'nothing': async () => assert.deepEqual(await stranger().orderbook[fetch]({ [kind]: kNobody }), { count: 0, orders: [] }),
    ...(kind === 'dataset' && {
      'only those good for bulk': async () => {
        const { person, about, sign } = await make();
        const [bulk] = await publishAll(person, kind, [sign({ volume: DATASET_INFINITE_VOLUME }), sign({ volume: 3 })]);
        const { orders } = await stranger().orderbook[fetch]({ ...about, bulkOnly: true });
        assert.deepEqual(orders.map(({ orderHash, bulk: isBulk }) => [orderHash, isBulk]), [[bulk, true]]);
        assert.equal(orders[0].order.volume, DATASET_INFINITE_VOLUME);
      },
    }),
    ...(kind === 'workerpool' && {
      'by category and trust': async () => {
        const { person, about, sign } = await make();
        const [, trusted] = await publishAll(person, kind, [sign({ category: 1 }), sign({ category: 2, trust: 5 })]);
        const read = (options) => stranger().orderbook[fetch]({ ...about, ...options });
        assert.deepEqual(hashesOf(await read({ category: 2 })), [trusted]);
        assert.equal((await read({ category: 0 })).count, 0);
        assert.deepEqual(hashesOf(await read({ minTrust: 5 })), [trusted]);
        assert.equal((await read({ minTrust: 6 })).count, 0);
      },
    }),
  }, {
    'a page too small or too large': async () => {
      await refused(stranger().orderbook[fetch]({ [kind]: kNobody, pageSize: 9 }), 'pageSize must be greater than or equal to 10');
      await refused(stranger().orderbook[fetch]({ [kind]: kNobody, pageSize: 1001 }), 'API error: pageSize');
    },
    'what is no address': async () => {
      await refused(stranger().orderbook[fetch]({ [kind]: 'x' }), 'x is not a valid ethereum address');
      await refused(stranger().orderbook[fetch]({ [owner]: 'x' }), 'x is not a valid ethereum address');
    },
    'when the market is marketAway': async () => refused(stranger({ iexecGatewayURL: kNoService }).orderbook[fetch]({ [kind]: kNobody }), marketAway),
    ...(kind !== 'workerpool' && {
      'neither resource nor owner': async () => refused(stranger().orderbook[fetch]({}), `${kind} or ${owner} is required`),
      'any owner': async () => refused(stranger().orderbook[fetch]({ [owner]: 'any' }), `API error: ${owner} is not a valid ethereum address`),
    }),
  });
}

const requests = shared('requests', async () => {
  const [provider, requester] = await Promise.all([newPerson(), newPerson({ stake: 10_000n })]);
  const app = await deployApp(provider);
  const workerpool = await deployWorkerpool(provider);
  await provider.iexec.order.publishApporder(await signApp(provider, { app, volume: 100 }));
  const sign = (fields) => signRequest(requester, { app, ...fields });
  const hashes = await publishAll(requester, 'request', [
    sign({ workerpoolmaxprice: 1 }),
    sign({ workerpoolmaxprice: 5, trust: 3, volume: 4 }),
    sign({ workerpoolmaxprice: 3, category: 1, beneficiary: kNobody }),
    sign({ workerpool }),
  ]);
  return { requester, app, workerpool, hashes };
});

method('iexec.orderbook.fetchRequestOrderbook', {
  'the best payer first': async () => {
    const { app, hashes } = await requests();
    const { count, orders } = await stranger().orderbook.fetchRequestOrderbook({ app });
    assert.equal(count, 3);
    assert.deepEqual(hashesOf({ orders }), [hashes[1], hashes[2], hashes[0]]);
  },
  'by everything a request says': async () => {
    const { requester, app, workerpool, hashes } = await requests();
    const read = async (options) => hashesOf(await stranger().orderbook.fetchRequestOrderbook({ app, ...options }));
    assert.deepEqual(await read({ category: 1 }), [hashes[2]]);
    assert.deepEqual(await read({ beneficiary: kNobody }), [hashes[2]]);
    assert.deepEqual(await read({ maxTrust: 2 }), [hashes[2], hashes[0]]);
    assert.deepEqual(await read({ minVolume: 4 }), [hashes[1]]);
    assert.deepEqual(await read({ requester: requester.address, workerpool, isWorkerpoolStrict: true }), [hashes[3]]);
    assert.equal((await read({ workerpool })).length, 4);
    assert.equal((await read({ workerpool: 'any' })).length, 4);
    assert.deepEqual(await read({ dataset: kNobody }), []);
  },
  'page after page': async () => {
    const { app } = await requests();
    const first = await stranger().orderbook.fetchRequestOrderbook({ app, pageSize: 10 });
    assert.equal(first.more, undefined);
  },
}, {
  'a page too large': async () => refused(stranger().orderbook.fetchRequestOrderbook({ pageSize: 1001 }), 'API error: pageSize'),
  'when the market is marketAway': async () => refused(stranger({ iexecGatewayURL: kNoService }).orderbook.fetchRequestOrderbook(), marketAway),
});

const requestMaker = async () => {
  const [provider, person] = await Promise.all([newPerson(), newPerson()]);
  const app = await deployApp(provider);
  await provider.iexec.order.publishApporder(await signApp(provider, { app }));
  return { person, sign: (fields) => signRequest(person, { app, ...fields }) };
};

for (const { kind, make } of [...lists, { kind: 'request', make: requestMaker }]) {
  const fetchOrder = `fetch${kind[0].toUpperCase()}${kind.slice(1)}order`;
  method(`iexec.orderbook.${fetchOrder}`, {
    'as it was published': async () => {
      const { person, sign } = await make();
      const order = await sign({});
      const [hash] = await publishAll(person, kind, [order]);
      const found = await stranger().orderbook[fetchOrder](hash);
      assert.equal(found.orderHash, hash);
      assert.match(found.publicationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      for (const [member, value] of Object.entries(order)) assert.equal(String(found.order[member]), value, member);
    },
  }, {
    'one that was never published': async () => refused(stranger().orderbook[fetchOrder](kUnknownHash), `API error: ${kind}order not found`),
    'what is no hash': async () => refused(stranger().orderbook[fetchOrder]('0x12'), '0x12 is not a bytes32 hexstring'),
    'when the market is marketAway': async () => refused(stranger({ iexecGatewayURL: kNoService }).orderbook[fetchOrder](kUnknownHash), marketAway),
  });
}
