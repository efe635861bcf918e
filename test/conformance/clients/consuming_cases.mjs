// @iexec/dataprotector 2.0.0-beta.23: white-lists, real tasks on shared data, and the listings.
import assert from 'node:assert/strict';
import { IExecDataProtector } from 'dataprotector-sharing';
import { method, kPrice, kDuration, lower, inNone, reader, protect, curator, offered, customer } from './collections.mjs';
import { refused, watch } from './suite.mjs';
import {
  dataProtectorOptions, deployApp, iexecOptions, kNobody, kNoService, network, newPerson, olderIexec, Person, randomName, readDump, runnable,
  shared,
} from './world.mjs';

method('dataprotector.sharing.createAddOnlyAppWhitelist', {
  'and the listing has it': async () => {
    const { owner, addOnlyAppWhitelist } = await curator();
    const { addOnlyAppWhitelists } = await owner.sharing.getUserAddOnlyAppWhitelist();
    assert.deepEqual(addOnlyAppWhitelists, [{ address: lower(addOnlyAppWhitelist), owner: lower(owner.address), apps: [] }]);
  },
}, {
  'without ether': async () => refused(new Person().sharing.createAddOnlyAppWhitelist(), 'Failed to create collection into collection smart contract'),
});

/** An app given to the sharing contract: what a white-list may hold. */
async function givenApp() {
  const developer = await newPerson();
  const app = await deployApp(developer);
  await developer.iexec.app.transferApp(app, network().SHARING_ADDRESS);
  return app;
}

method('dataprotector.sharing.addAppToAddOnlyAppWhitelist', {
  'an app given to the sharing contract': async () => {
    const [{ owner, addOnlyAppWhitelist }, app] = await Promise.all([curator(), givenApp()]);
    await owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app });
    const { addOnlyAppWhitelists: [found] } = await reader().getUserAddOnlyAppWhitelist({ user: owner.address });
    assert.deepEqual(found.apps, [{ address: lower(app) }]);
  },
}, {
  'a second time': async () => {
    const [{ owner, addOnlyAppWhitelist }, app] = await Promise.all([curator(), givenApp()]);
    await owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app });
    await refused(owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app }), 'already have registered this app');
  },
  'an app of someone else': async () => {
    const { owner, addOnlyAppWhitelist } = await curator();
    await refused(owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app: await deployApp(owner) }), 'This app is not owned by the sharing contract.');
  },
  'what is no app': async () => {
    const { owner, addOnlyAppWhitelist } = await curator();
    await refused(owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app: kNobody }), 'This app does not seem to exist or it has been burned.');
  },
  "to someone else's white-list": async () => {
    const [{ addOnlyAppWhitelist }, app] = await Promise.all([curator(), givenApp()]);
    await refused(new Person().sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist, app }), 'is not owned by the wallet');
  },
  'to what is no white-list': async () =>
    refused(new Person().sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist: kNobody, app: kNobody }), 'does not exist in the app whitelist registry'),
});

/** 2.0.0-beta.23 only asks for workerpools of the framework before TDX: the pool's operator offers that, unless an earlier run did. */
const olderPoolOrder = shared('older pool order', async () => {
  const { IExec, utils } = await olderIexec();
  const scheduler = utils.getSignerFromPrivateKey(network().RPC_URL, network().SCHEDULER_PRIVATE_KEY);
  const { order, orderbook } = new IExec({ ethProvider: scheduler }, iexecOptions());
  const wanted = { workerpool: network().WORKERPOOL_ADDRESS, category: 0 };
  const offers = await orderbook.fetchWorkerpoolOrderbook({ ...wanted, minTag: ['tee', 'scone'], minVolume: 100 });
  if (offers.count > 0) return;
  const template = await order.createWorkerpoolorder({ ...wanted, volume: 1000, tag: ['tee', 'scone'] });
  await order.publishWorkerpoolorder(await order.signWorkerpoolorder(template));
});

/** Data offered, and an app on its white-list that runs. */
const usable = async (offer) => {
  const [made, { developer }] = await Promise.all([offered(offer), runnable(), olderPoolOrder()]);
  const app = await givenRunnable(developer);
  await made.owner.sharing.addAppToAddOnlyAppWhitelist({ addOnlyAppWhitelist: made.addOnlyAppWhitelist, app });
  return { ...made, app };
};

const givenRunnable = async () => (await sharedRunnable()).app;
const sharedRunnable = shared('runnable app of the sharing contract', async () => {
  const { developer, app: original } = await runnable();
  const { app: { appMultiaddr, appChecksum } } = await developer.iexec.app.showApp(original);
  const fields = { owner: developer.address, name: randomName('given'), type: 'DOCKER', multiaddr: appMultiaddr, checksum: appChecksum };
  const { address: app } = await developer.iexec.app.deployApp(fields);
  await developer.iexec.app.transferApp(app, network().SHARING_ADDRESS);
  return { app };
});

const consume = (person, { protectedData, app }, more = {}) =>
  person.sharing.consumeProtectedData({ protectedData, app, workerpool: network().WORKERPOOL_ADDRESS, path: 'dump.txt', ...more });

method('dataprotector.sharing.consumeProtectedData', {
  'rented: a real task, to the file the app wrote': async () => {
    const [made, renter] = await Promise.all([usable({ rent: true }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData: made.protectedData, price: kPrice, duration: kDuration });
    const { result, taskId, dealId, txHash, pemPrivateKey } = await consume(renter, made);
    assert.ok(dealId && txHash);
    assert.match(pemPrivateKey, /^-----BEGIN PRIVATE KEY-----/);
    const { env, files } = readDump(result);
    assert.equal(env.IEXEC_TASK_ID, taskId);
    assert.equal(files[env.IEXEC_DATASET_FILENAME].subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  },
  'subscribed to its collection': async () => {
    const [made, subscriber] = await Promise.all([usable({ subscription: true }), customer()]);
    await subscriber.sharing.subscribeToCollection({ collectionId: made.collectionId, price: kPrice, duration: kDuration });
    const { result } = await consume(subscriber, made);
    assert.ok(readDump(result).env.IEXEC_TASK_ID);
  },
}, {
  'neither rented nor subscribed': async () => {
    const made = await usable({ rent: true });
    await refused(consume(new Person(), made), 'You are not allowed to consume this protected data.');
  },
  'in an app that is not on the white-list': async () => {
    const [made, renter, app] = await Promise.all([usable({ rent: true }), customer(), givenApp()]);
    await renter.sharing.rentProtectedData({ protectedData: made.protectedData, price: kPrice, duration: kDuration });
    await refused(consume(renter, { ...made, app }), 'This whitelist contract does not have registered this app');
  },
  'on a workerpool that offers nothing': async () => {
    const [made, renter] = await Promise.all([usable({ rent: true }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData: made.protectedData, price: kPrice, duration: kDuration });
    await refused(consume(renter, made, { workerpool: kNobody }), 'Failed to consume protected data', 'Could not find a workerpool order');
  },
  'what is in no collection': async () => refused(consume(new Person(), { protectedData: kNobody, app: kNobody }), inNone),
});

method('dataprotector.sharing.getProtectedDataInCollections', {
  'by collection, by owner, by offer': async () => {
    const { owner, collectionId, protectedData } = await offered({ rent: true });
    const read = async (filter) => (await reader().getProtectedDataInCollections(filter)).protectedDataInCollection.map(({ address }) => address);
    assert.deepEqual(await read({ collectionId }), [lower(protectedData)]);
    assert.deepEqual(await read({ collectionOwner: owner.address }), [lower(protectedData)]);
    assert.deepEqual(await read({ collectionId, isForSale: true }), []);
    assert.deepEqual(await read({ collectionId, isDistributed: true }), [lower(protectedData)]);
    assert.deepEqual(await read({ collectionId, createdAfterTimestamp: 4_000_000_000 }), []);
  },
  'what is in none is not listed': async () => {
    const protectedData = await protect(await newPerson());
    assert.deepEqual((await reader().getProtectedDataInCollections({ protectedData })).protectedDataInCollection, []);
  },
  'page after page': async () => {
    const { owner, collectionId, addOnlyAppWhitelist } = await curator();
    const made = await Promise.all(Array.from({ length: 11 }, () => protect(owner)));
    await Promise.all(made.map((protectedData) => owner.sharing.addToCollection({ collectionId, addOnlyAppWhitelist, protectedData })));
    const page = async (number) => (await reader().getProtectedDataInCollections({ collectionId, page: number, pageSize: 10 })).protectedDataInCollection.length;
    assert.deepEqual([await page(0), await page(1), await page(2)], [10, 1, 0]);
  },
}, {
  'a page too small': async () => refused(reader().getProtectedDataInCollections({ pageSize: 9 }), 'pageSize must be greater than or equal to 10'),
  'when the subgraph is away': async () => {
    const { sharing } = watch(new IExecDataProtector(network().RPC_URL, dataProtectorOptions({ subgraphUrl: `${kNoService}/x` })), 'dataprotector');
    await refused(sharing.getProtectedDataInCollections({}), /Failed to get protected data/i);
  },
});

method('dataprotector.sharing.getProtectedDataPricingParams', {
  'all offers': async () => {
    const { protectedData } = await offered({ subscription: true });
    const { protectedDataPricingParams: params } = await reader().getProtectedDataPricingParams({ protectedData });
    assert.equal(params.address, lower(protectedData));
    assert.deepEqual([params.isIncludedInSubscription, params.isRentable, params.isForSale], [true, false, false]);
    assert.deepEqual(params.collection.subscriptionParams, { price: String(kPrice), duration: String(kDuration) });
  },
}, {
  'what is not there': async () => refused(reader().getProtectedDataPricingParams({ protectedData: kNobody }), 'Failed to get protected data pricing params', 'Protected data not found'),
});

method('dataprotector.sharing.getCollectionOwners', {
  'and whether I am subscribed': async () => {
    const [{ owner, collectionId }, subscriber] = await Promise.all([offered({ subscription: true }), customer()]);
    const find = async () => (await subscriber.sharing.getCollectionOwners({ limit: 1000 })).collectionOwners.find(({ id }) => id === lower(owner.address));
    assert.equal((await find()).hasActiveSubscription, false);
    await subscriber.sharing.subscribeToCollection({ collectionId, price: kPrice, duration: kDuration });
    assert.equal((await find()).hasActiveSubscription, true);
  },
  'no more than asked for': async () => {
    await Promise.all([curator(), curator()]);
    assert.equal((await new Person().sharing.getCollectionOwners({ limit: 1 })).collectionOwners.length, 1);
  },
}, {
  'more than a thousand': async () => refused(new Person().sharing.getCollectionOwners({ limit: 1001 }), 'limit must be less than or equal to 1000'),
});

method('dataprotector.sharing.getCollectionsByOwner', {
  'with what is offered, or with everything': async () => {
    const { owner, collectionId, addOnlyAppWhitelist, protectedData } = await offered({ sale: true });
    await owner.sharing.addToCollection({ collectionId, addOnlyAppWhitelist, protectedData: await protect(owner) });
    const read = async (more) => (await reader().getCollectionsByOwner({ owner: owner.address, ...more })).collections[0].protectedDatas;
    assert.deepEqual((await read({})).map(({ id }) => id), [lower(protectedData)]);
    assert.equal((await read({ includeHiddenProtectedDatas: true })).length, 2);
  },
  'none': async () => assert.deepEqual((await reader().getCollectionsByOwner({ owner: new Person().address })).collections, []),
}, {
  'what is no owner': async () => refused(reader().getCollectionsByOwner({ owner: 'x' }), 'owner should be an ethereum address'),
});

method('dataprotector.sharing.getCollectionSubscriptions', {
  'running ones, or all': async () => {
    const [{ collectionId }, subscriber] = await Promise.all([offered({ subscription: true, duration: 1 }), customer()]);
    await subscriber.sharing.subscribeToCollection({ collectionId, price: kPrice, duration: 1 });
    await new Promise((done) => setTimeout(done, 3000));
    assert.deepEqual((await reader().getCollectionSubscriptions({ collectionId })).collectionSubscriptions, []);
    assert.equal((await reader().getCollectionSubscriptions({ collectionId, includePastSubscriptions: true })).collectionSubscriptions.length, 1);
  },
}, {
  'what is no subscriber': async () => refused(reader().getCollectionSubscriptions({ subscriberAddress: 'x' }), 'subscriberAddress should be an ethereum address'),
});

method('dataprotector.sharing.getRentals', {
  'running ones, or all': async () => {
    const [{ protectedData }, renter] = await Promise.all([offered({ rent: true, duration: 1 }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData, price: kPrice, duration: 1 });
    await new Promise((done) => setTimeout(done, 3000));
    assert.deepEqual((await reader().getRentals({ protectedData })).rentals, []);
    assert.equal((await reader().getRentals({ protectedData, includePastRentals: true })).rentals.length, 1);
  },
}, {
  'what is no renter': async () => refused(reader().getRentals({ renterAddress: 'x' }), 'renterAddress should be an ethereum address'),
});

method('dataprotector.sharing.getUserAddOnlyAppWhitelist', {
  'none': async () => assert.deepEqual(await new Person().sharing.getUserAddOnlyAppWhitelist(), { addOnlyAppWhitelists: [] }),
  'of someone else': async () => {
    const { owner, addOnlyAppWhitelist } = await curator();
    const { addOnlyAppWhitelists } = await reader().getUserAddOnlyAppWhitelist({ user: owner.address });
    assert.equal(addOnlyAppWhitelists[0].address, lower(addOnlyAppWhitelist));
  },
}, {
  'what is no user': async () => refused(reader().getUserAddOnlyAppWhitelist({ user: 'x' }), 'userAddress'),
});
