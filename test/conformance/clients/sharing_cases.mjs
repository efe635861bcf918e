// @iexec/dataprotector 2.0.0-beta.23, the last with the sharing module: collections, renting, subscriptions, sales, use.
import assert from 'node:assert/strict';
import { IExecDataProtector } from 'dataprotector-sharing';
import { method as caseTable, needs, refused, watch } from './suite.mjs';
import {
  dataProtectorOptions, deployApp, iexecOptions, kNobody, kNoService, network, newPerson, olderIexec, Person, randomName, readDump, runnable, shared, stranger,
} from './world.mjs';

const method = (name, works, refuses) =>
  caseTable(name, needs(network(), ['SHARING_ADDRESS', 'DP_SUBGRAPH_URL'], works), needs(network(), ['SHARING_ADDRESS', 'DP_SUBGRAPH_URL'], refuses));

const kPrice = 5;
const kDuration = 3600;
const lower = (address) => address.toLowerCase();
const notYours = "This collection can't be managed by you.";
const noCollection = 'This collection does not seem to exist or it has been burned.';
const inNone = 'The protected data is not a part of a collection';

const reader = () => watch(new IExecDataProtector(network().RPC_URL, dataProtectorOptions()), 'dataprotector').sharing;

const protect = async (person) => (await person.core.protectData({ name: randomName('shared'), data: { text: 'shared' } })).address;

/** Someone with a collection and a white-list without apps. */
async function curator() {
  const owner = await newPerson();
  const { collectionId } = await owner.sharing.createCollection();
  const { addOnlyAppWhitelist } = await owner.sharing.createAddOnlyAppWhitelist();
  return { owner, collectionId, addOnlyAppWhitelist };
}

/** A collection with one piece of data, offered as `offer` says: rent, subscription, sale. */
async function offered(offer = {}) {
  const made = await curator();
  const { owner, collectionId, addOnlyAppWhitelist } = made;
  const protectedData = await protect(owner);
  await owner.sharing.addToCollection({ collectionId, protectedData, addOnlyAppWhitelist });
  const price = offer.price ?? kPrice;
  const duration = offer.duration ?? kDuration;
  if (offer.rent) await owner.sharing.setProtectedDataToRenting({ protectedData, price, duration });
  if (offer.sale) await owner.sharing.setProtectedDataForSale({ protectedData, price });
  if (offer.subscription) {
    await owner.sharing.setSubscriptionParams({ collectionId, price, duration });
    await owner.sharing.setProtectedDataToSubscription({ protectedData });
  }
  return { ...made, protectedData };
}

const customer = () => newPerson({ stake: 20n });
const stakeOf = async (person) => (await person.iexec.account.checkBalance(person.address)).stake.toNumber();

method('dataprotector.sharing.createCollection', {
  'two of one owner': async () => {
    const owner = await newPerson();
    const one = await owner.sharing.createCollection();
    const two = await owner.sharing.createCollection();
    assert.ok(two.collectionId > one.collectionId);
    assert.match(one.txHash, /^0x/);
    const { collections } = await reader().getCollectionsByOwner({ owner: owner.address });
    assert.deepEqual(collections.map(({ id }) => Number(id)).sort(), [one.collectionId, two.collectionId].sort());
  },
}, {
  'without ether': async () => refused(new Person().sharing.createCollection(), 'Failed to create collection into collection smart contract'),
});

method('dataprotector.sharing.removeCollection', {
  'an empty one': async () => {
    const { owner, collectionId } = await curator();
    await owner.sharing.removeCollection({ collectionId });
    assert.deepEqual((await reader().getCollectionsByOwner({ owner: owner.address })).collections, []);
  },
}, {
  'one that is not empty': async () => {
    const { owner, collectionId } = await offered();
    await refused(owner.sharing.removeCollection({ collectionId }), 'Collection still has protected data');
  },
  "someone else's": async () => {
    const [{ collectionId }, other] = await Promise.all([curator(), newPerson()]);
    await refused(other.sharing.removeCollection({ collectionId }), notYours);
  },
  'one that is not there': async () => refused(new Person().sharing.removeCollection({ collectionId: 999_999 }), 'collectionId does not exist'),
});

method('dataprotector.sharing.addToCollection', {
  'and the subgraph has it at once': async () => {
    const { owner, collectionId, protectedData } = await offered();
    const { protectedDataInCollection: [found] } = await reader().getProtectedDataInCollections({ protectedData });
    assert.deepEqual([found.address, Number(found.collection.id), found.collection.owner.id], [lower(protectedData), collectionId, lower(owner.address)]);
  },
}, {
  'a second time': async () => {
    const { owner, collectionId, addOnlyAppWhitelist, protectedData } = await offered();
    await refused(owner.sharing.addToCollection({ collectionId, protectedData, addOnlyAppWhitelist }), 'The protected data is already in a collection');
  },
  "to someone else's collection": async () => {
    const [{ collectionId, addOnlyAppWhitelist }, other] = await Promise.all([curator(), newPerson()]);
    await refused(other.sharing.addToCollection({ collectionId, addOnlyAppWhitelist, protectedData: kNobody }), notYours);
  },
  'with what is no white-list': async () => {
    const { owner, collectionId } = await curator();
    await refused(
      owner.sharing.addToCollection({ collectionId, protectedData: await protect(owner), addOnlyAppWhitelist: kNobody }),
      'Failed to add protected data to collection',
      'does not exist in the app whitelist registry',
    );
  },
  "someone else's data": async () => {
    const [{ owner, collectionId, addOnlyAppWhitelist }, other] = await Promise.all([curator(), newPerson()]);
    await refused(owner.sharing.addToCollection({ collectionId, protectedData: await protect(other), addOnlyAppWhitelist }), /revert|approve/i);
  },
  'to one that is not there': async () =>
    refused(new Person().sharing.addToCollection({ collectionId: 999_999, protectedData: kNobody, addOnlyAppWhitelist: kNobody }), noCollection),
});

method('dataprotector.sharing.removeProtectedDataFromCollection', {
  'and the owner has it back': async () => {
    const { owner, protectedData } = await offered();
    await owner.sharing.removeProtectedDataFromCollection({ protectedData });
    assert.equal((await stranger().dataset.showDataset(protectedData)).dataset.owner, owner.address);
    assert.deepEqual((await reader().getProtectedDataInCollections({ protectedData })).protectedDataInCollection, []);
  },
}, {
  'while it is rented': async () => {
    const [{ owner, protectedData }, renter] = await Promise.all([offered({ rent: true }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration });
    await refused(owner.sharing.removeProtectedDataFromCollection({ protectedData }), 'This protected data has active rentals.');
  },
  'what is in none': async () => {
    const owner = await newPerson();
    await refused(owner.sharing.removeProtectedDataFromCollection({ protectedData: await protect(owner) }), inNone);
  },
  "someone else's": async () => {
    const { protectedData } = await offered();
    await refused(new Person().sharing.removeProtectedDataFromCollection({ protectedData }), notYours);
  },
});

for (const name of ['setProtectedDataToRenting', 'setProtectedDataRentingParams'])
  method(`dataprotector.sharing.${name}`, {
    'and the listing says so': async () => {
      const { owner, protectedData } = await offered();
      await owner.sharing[name]({ protectedData, price: kPrice, duration: kDuration });
      const { protectedDataInCollection: [found] } = await reader().getProtectedDataInCollections({ protectedData, isRentable: true });
      assert.deepEqual([found.isRentable, found.rentalParams], [true, { price: String(kPrice), duration: String(kDuration) }]);
    },
    'other terms in place of the first': async () => {
      const { owner, protectedData } = await offered({ rent: true });
      await owner.sharing[name]({ protectedData, price: 0, duration: 60 });
      const { protectedDataInCollection: [found] } = await reader().getProtectedDataInCollections({ protectedData });
      assert.deepEqual(found.rentalParams, { price: '0', duration: '60' });
    },
  }, {
    'what is for sale': async () => {
      const { owner, protectedData } = await offered({ sale: true });
      await refused(owner.sharing[name]({ protectedData, price: 1, duration: 1 }), 'This protected data is currently available for sale.');
    },
    "someone else's": async () => {
      const { protectedData } = await offered();
      await refused(new Person().sharing[name]({ protectedData, price: 1, duration: 1 }), notYours);
    },
    'for no time': async () => refused(new Person().sharing[name]({ protectedData: kNobody, price: 1, duration: 0 }), 'duration should be a strictly positive integer'),
  });

method('dataprotector.sharing.removeProtectedDataFromRenting', {
  'and the listing says so': async () => {
    const { owner, protectedData } = await offered({ rent: true });
    await owner.sharing.removeProtectedDataFromRenting({ protectedData });
    assert.deepEqual((await reader().getProtectedDataInCollections({ protectedData, isRentable: true })).protectedDataInCollection, []);
  },
}, {
  'what is not for rent': async () => {
    const { owner, protectedData } = await offered();
    await refused(owner.sharing.removeProtectedDataFromRenting({ protectedData }), 'This protected data is not available for renting.');
  },
  "someone else's": async () => {
    const { protectedData } = await offered({ rent: true });
    await refused(new Person().sharing.removeProtectedDataFromRenting({ protectedData }), notYours);
  },
});

method('dataprotector.sharing.rentProtectedData', {
  'the owner is paid, and the rental is listed': async () => {
    const [{ owner, protectedData }, renter] = await Promise.all([offered({ rent: true }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration });
    assert.deepEqual([await stakeOf(renter), await stakeOf(owner)], [20 - kPrice, kPrice]);
    const { rentals: [rental] } = await reader().getRentals({ renterAddress: renter.address });
    assert.deepEqual([rental.protectedData.id, rental.renter], [lower(protectedData), lower(renter.address)]);
    assert.equal(Number(rental.endDate) - Number(rental.creationTimestamp), kDuration);
  },
  'from an allowance, and for nothing': async () => {
    const [dear, free, renter] = await Promise.all([offered({ rent: true }), offered({ rent: true, price: 0 }), customer()]);
    await renter.iexec.account.approve(kPrice, network().SHARING_ADDRESS);
    await renter.sharing.rentProtectedData({ protectedData: dear.protectedData, price: kPrice, duration: kDuration });
    await renter.sharing.rentProtectedData({ protectedData: free.protectedData, price: 0, duration: kDuration });
    assert.equal((await reader().getRentals({ renterAddress: renter.address })).rentals.length, 2);
  },
}, {
  'what is not for rent': async () => {
    const { protectedData } = await offered();
    await refused(new Person().sharing.rentProtectedData({ protectedData, price: 1, duration: 1 }), 'This protected data is not available for renting.');
  },
  'at other terms': async () => {
    const { protectedData } = await offered({ rent: true });
    await refused(new Person().sharing.rentProtectedData({ protectedData, price: kPrice - 1, duration: kDuration }), 'do not correspond to the current renting params');
    await refused(new Person().sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration + 1 }), 'do not correspond to the current renting params');
  },
  'without the money': async () => {
    const { protectedData } = await offered({ rent: true });
    await refused(new Person().sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration }), 'Not enough xRLC in your iExec account');
  },
  'what is in no collection': async () => refused(new Person().sharing.rentProtectedData({ protectedData: kNobody, price: 1, duration: 1 }), inNone),
});

method('dataprotector.sharing.setSubscriptionParams', {
  'and the listing says so': async () => {
    const { owner, collectionId } = await curator();
    await owner.sharing.setSubscriptionParams({ collectionId, price: kPrice, duration: kDuration });
    const { collectionOwners } = await owner.sharing.getCollectionOwners({ limit: 1000 });
    const { collections: [found] } = collectionOwners.find(({ id }) => id === lower(owner.address));
    assert.deepEqual(found.subscriptionParams, { price: String(kPrice), duration: String(kDuration) });
  },
}, {
  "someone else's": async () => {
    const { collectionId } = await curator();
    await refused(new Person().sharing.setSubscriptionParams({ collectionId, price: 1, duration: 1 }), notYours);
  },
  'of one that is not there': async () => refused(new Person().sharing.setSubscriptionParams({ collectionId: 999_999, price: 1, duration: 1 }), noCollection),
  'for no time': async () => refused(new Person().sharing.setSubscriptionParams({ collectionId: 1, price: 1, duration: 0 }), 'duration should be a strictly positive integer'),
});

method('dataprotector.sharing.setProtectedDataToSubscription', {
  'and the listing says so': async () => {
    const { owner, protectedData } = await offered();
    await owner.sharing.setProtectedDataToSubscription({ protectedData });
    assert.equal((await reader().getProtectedDataInCollections({ protectedData })).protectedDataInCollection[0].isIncludedInSubscription, true);
  },
}, {
  'a second time': async () => {
    const { owner, protectedData } = await offered({ subscription: true });
    await refused(owner.sharing.setProtectedDataToSubscription({ protectedData }), 'This protected data is currently included in your subscription.');
  },
  'what is for sale': async () => {
    const { owner, protectedData } = await offered({ sale: true });
    await refused(owner.sharing.setProtectedDataToSubscription({ protectedData }), 'This protected data is currently available for sale.');
  },
  "someone else's": async () => {
    const { protectedData } = await offered();
    await refused(new Person().sharing.setProtectedDataToSubscription({ protectedData }), notYours);
  },
});

method('dataprotector.sharing.removeProtectedDataFromSubscription', {
  'and the listing says so': async () => {
    const { owner, protectedData } = await offered({ subscription: true });
    await owner.sharing.removeProtectedDataFromSubscription({ protectedData });
    assert.equal((await reader().getProtectedDataInCollections({ protectedData })).protectedDataInCollection[0].isIncludedInSubscription, false);
  },
}, {
  'what is not in it': async () => {
    const { owner, protectedData } = await offered();
    await refused(owner.sharing.removeProtectedDataFromSubscription({ protectedData }), 'This protected data is not included in subscription.');
  },
  'while someone is subscribed': async () => {
    const [{ owner, collectionId, protectedData }, subscriber] = await Promise.all([offered({ subscription: true }), customer()]);
    await subscriber.sharing.subscribeToCollection({ collectionId, price: kPrice, duration: kDuration });
    await refused(owner.sharing.removeProtectedDataFromSubscription({ protectedData }), /active subscriptions|Failed to Remove Protected Data From Subscription/);
  },
  "someone else's": async () => {
    const { protectedData } = await offered({ subscription: true });
    await refused(new Person().sharing.removeProtectedDataFromSubscription({ protectedData }), notYours);
  },
});

method('dataprotector.sharing.subscribeToCollection', {
  'the owner is paid, and the subscription is listed': async () => {
    const [{ owner, collectionId }, subscriber] = await Promise.all([offered({ subscription: true }), customer()]);
    await subscriber.sharing.subscribeToCollection({ collectionId, price: kPrice, duration: kDuration });
    assert.deepEqual([await stakeOf(subscriber), await stakeOf(owner)], [20 - kPrice, kPrice]);
    const { collectionSubscriptions: [one] } = await reader().getCollectionSubscriptions({ subscriberAddress: subscriber.address });
    assert.deepEqual([Number(one.collection.id), one.subscriber.id], [collectionId, lower(subscriber.address)]);
    assert.equal(Number(one.endDate) - Number(one.creationTimestamp), kDuration);
  },
  'from an allowance': async () => {
    const [{ collectionId }, subscriber] = await Promise.all([offered({ subscription: true }), customer()]);
    await subscriber.iexec.account.approve(kPrice, network().SHARING_ADDRESS);
    await subscriber.sharing.subscribeToCollection({ collectionId, price: kPrice, duration: kDuration });
    assert.equal((await reader().getCollectionSubscriptions({ collectionId })).collectionSubscriptions.length, 1);
  },
}, {
  'one that offers none': async () => {
    const { collectionId } = await curator();
    await refused(new Person().sharing.subscribeToCollection({ collectionId, price: 1, duration: 1 }), 'This collection has no valid subscription params.');
  },
  'at other terms': async () => {
    const { collectionId } = await offered({ subscription: true });
    await refused(new Person().sharing.subscribeToCollection({ collectionId, price: kPrice + 1, duration: kDuration }), 'do not correspond to the current subscription params');
  },
  'without the money': async () => {
    const { collectionId } = await offered({ subscription: true });
    await refused(new Person().sharing.subscribeToCollection({ collectionId, price: kPrice, duration: kDuration }), 'Not enough xRLC in your iExec account');
  },
  'one that is not there': async () => refused(new Person().sharing.subscribeToCollection({ collectionId: 999_999, price: 1, duration: 1 }), 'collectionId does not exist'),
});

method('dataprotector.sharing.setProtectedDataForSale', {
  'and the listing says so': async () => {
    const { owner, protectedData } = await offered();
    await owner.sharing.setProtectedDataForSale({ protectedData, price: kPrice });
    const { protectedDataInCollection: [found] } = await reader().getProtectedDataInCollections({ protectedData, isForSale: true });
    assert.deepEqual([found.isForSale, found.saleParams], [true, { price: String(kPrice) }]);
  },
}, {
  'what is for rent': async () => {
    const { owner, protectedData } = await offered({ rent: true });
    await refused(owner.sharing.setProtectedDataForSale({ protectedData, price: 1 }), 'This protected data is currently for rent.');
  },
  'what is rented': async () => {
    const [{ owner, protectedData }, renter] = await Promise.all([offered({ rent: true }), customer()]);
    await renter.sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration });
    await owner.sharing.removeProtectedDataFromRenting({ protectedData });
    await refused(owner.sharing.setProtectedDataForSale({ protectedData, price: 1 }), 'This protected data has active rentals.');
  },
  'what is in the subscription': async () => {
    const { owner, protectedData } = await offered({ subscription: true });
    await refused(owner.sharing.setProtectedDataForSale({ protectedData, price: 1 }), 'This protected data is currently included in your subscription.');
  },
  "someone else's": async () => {
    const { protectedData } = await offered();
    await refused(new Person().sharing.setProtectedDataForSale({ protectedData, price: 1 }), notYours);
  },
});

method('dataprotector.sharing.removeProtectedDataForSale', {
  'and the listing says so': async () => {
    const { owner, protectedData } = await offered({ sale: true });
    await owner.sharing.removeProtectedDataForSale({ protectedData });
    assert.deepEqual((await reader().getProtectedDataInCollections({ protectedData, isForSale: true })).protectedDataInCollection, []);
  },
}, {
  'what is not for sale': async () => {
    const { owner, protectedData } = await offered();
    await refused(owner.sharing.removeProtectedDataForSale({ protectedData }), 'This protected data is currently not for sale.');
  },
  "someone else's": async () => {
    const { protectedData } = await offered({ sale: true });
    await refused(new Person().sharing.removeProtectedDataForSale({ protectedData }), notYours);
  },
});

method('dataprotector.sharing.buyProtectedData', {
  'the seller is paid, the buyer owns it': async () => {
    const [{ owner, protectedData }, buyer] = await Promise.all([offered({ sale: true }), customer()]);
    await buyer.sharing.buyProtectedData({ protectedData, price: kPrice });
    assert.deepEqual([await stakeOf(buyer), await stakeOf(owner)], [20 - kPrice, kPrice]);
    assert.equal((await stranger().dataset.showDataset(protectedData)).dataset.owner, buyer.address);
  },
  'from an allowance, into a collection of the buyer': async () => {
    const [{ protectedData }, buyer] = await Promise.all([offered({ sale: true }), customer()]);
    await buyer.iexec.account.approve(kPrice, network().SHARING_ADDRESS);
    const { collectionId } = await buyer.sharing.createCollection();
    const { addOnlyAppWhitelist } = await buyer.sharing.createAddOnlyAppWhitelist();
    await buyer.sharing.buyProtectedData({ protectedData, price: kPrice, addToCollectionId: collectionId, addOnlyAppWhitelist });
    const { protectedDataInCollection: [found] } = await reader().getProtectedDataInCollections({ protectedData });
    assert.deepEqual([Number(found.collection.id), found.isForSale], [collectionId, false]);
  },
}, {
  'what is not for sale': async () => {
    const { protectedData } = await offered();
    await refused(new Person().sharing.buyProtectedData({ protectedData, price: 1 }), 'This protected data is currently not for sale.');
  },
  'at another price': async () => {
    const { protectedData } = await offered({ sale: true });
    await refused(new Person().sharing.buyProtectedData({ protectedData, price: kPrice + 1 }), 'does not correspond to the current sale price');
  },
  'without the money': async () => {
    const { protectedData } = await offered({ sale: true });
    await refused(new Person().sharing.buyProtectedData({ protectedData, price: kPrice }), 'Not enough xRLC in your iExec account');
  },
});

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

/** 2.0.0-beta.23 only asks for workerpools of the framework before TDX: the pool's operator offers that, once a run. */
const olderPoolOrder = shared('older pool order', async () => {
  const { IExec, utils } = await olderIexec();
  const scheduler = utils.getSignerFromPrivateKey(network().RPC_URL, network().SCHEDULER_PRIVATE_KEY);
  const { order } = new IExec({ ethProvider: scheduler }, iexecOptions());
  const template = await order.createWorkerpoolorder({ workerpool: network().WORKERPOOL_ADDRESS, category: 0, volume: 1000, tag: ['tee', 'scone'] });
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
    for (let i = 0; i < 11; ++i) await owner.sharing.addToCollection({ collectionId, addOnlyAppWhitelist, protectedData: await protect(owner) });
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
