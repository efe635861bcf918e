// Collections of protected data of someone new, offered for rent, by subscription or for sale, and customers for them.
import { IExecDataProtector } from 'dataprotector-sharing';
import { method as caseTable, needs, watch } from './suite.mjs';
import { dataProtectorOptions, network, newPerson, randomName } from './world.mjs';

export const method = (name, works, refuses) =>
  caseTable(name, needs(network(), ['SHARING_ADDRESS', 'DP_SUBGRAPH_URL'], works), needs(network(), ['SHARING_ADDRESS', 'DP_SUBGRAPH_URL'], refuses));

export const kPrice = 5;
export const kDuration = 3600;
export const lower = (address) => address.toLowerCase();
export const notYours = "This collection can't be managed by you.";
export const noCollection = 'This collection does not seem to exist or it has been burned.';
export const inNone = 'The protected data is not a part of a collection';

export const reader = () => watch(new IExecDataProtector(network().RPC_URL, dataProtectorOptions()), 'dataprotector').sharing;

export const protect = async (person) => (await person.core.protectData({ name: randomName('shared'), data: { text: 'shared' } })).address;

/** Someone with a collection and a white-list without apps. */
export async function curator() {
  const owner = await newPerson();
  const { collectionId } = await owner.sharing.createCollection();
  const { addOnlyAppWhitelist } = await owner.sharing.createAddOnlyAppWhitelist();
  return { owner, collectionId, addOnlyAppWhitelist };
}

/** A collection with one piece of data, offered as `offer` says: rent, subscription, sale. */
export async function offered(offer = {}) {
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

export const customer = () => newPerson({ stake: 20n });
export const stakeOf = async (person) => (await person.iexec.account.checkBalance(person.address)).stake.toNumber();
