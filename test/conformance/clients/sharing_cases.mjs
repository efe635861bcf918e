// @iexec/dataprotector 2.0.0-beta.23, the last with the sharing module: collections, renting, subscriptions, sales.
import assert from 'node:assert/strict';
import {
  method, kPrice, kDuration, lower, notYours, noCollection, inNone, reader, protect, curator, offered, customer, stakeOf,
} from './collections.mjs';
import { refused } from './suite.mjs';
import { kNobody, network, newPerson, Person, stranger } from './world.mjs';

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
