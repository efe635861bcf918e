// The npm clients as they come: told where services answer and nothing else. Contracts, token and workerpool are at the
// addresses they have as constants, which `iapp devnet up --canonical-addresses` puts there. IAPP as in clients.test.mjs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AbiCoder, JsonRpcProvider, keccak256, toBeHex } from 'ethers';
import { customer, kDuration, kPrice, offered } from './clients/collections.mjs';
import { Network } from './clients/network.mjs';
import { granted, lower } from './clients/protected.mjs';
import { newPerson, Person, readDump, useNetwork } from './clients/world.mjs';

const kMilliseconds = 120_000;
const kPool = '0xB967057a21dc6A66A29721d96b8Aa7454B7c383F'; // the default of @iexec/dataprotector
const kOtherPool = '0x2956f0cb779904795a5f30d3b3ea88b714c3123f'; // that of @iexec/iapp
const kBalances = '0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00'; // ERC-7201 openzeppelin.storage.ERC20

const network = await Network.open('--canonical-addresses');
const { HUB_ADDRESS, DATAPROTECTOR_ADDRESS, SHARING_ADDRESS, WORKERPOOL_ADDRESS, ...urls } = network.env;
useNetwork(urls);

after(() => {
  network.close();
  setImmediate(() => process.exit()); // providers of the clients go on polling
});

test('the network says where it put them', () => {
  assert.equal(WORKERPOOL_ADDRESS, kPool);
  assert.ok(HUB_ADDRESS && DATAPROTECTOR_ADDRESS && SHARING_ADDRESS);
});

test('protects, grants and processes on the workerpools that clients know', { timeout: kMilliseconds }, async () => {
  const { owner, requester, app, protectedData } = await granted({ data: { email: 'who@where.org' }, numberOfAccess: 2 });
  for (const workerpool of [undefined, kOtherPool]) {
    const { result, taskId, dealId } = await requester.core.processProtectedData({ protectedData, app, workerpool, args: 'as it comes', path: 'dump.txt' });
    const dump = readDump(result);
    assert.deepEqual([dump.args, dump.env.IEXEC_TASK_ID], [['as', 'it', 'comes'], taskId]);
    assert.ok(dump.files[lower(protectedData)].length > 0);
    const deal = await requester.iexec.deal.show(dealId);
    assert.equal(lower(deal.workerpool.pointer), lower(workerpool ?? kPool));
  }
  const found = await owner.core.getProtectedData({ owner: owner.address });
  assert.deepEqual(found.map(({ address }) => address), [lower(protectedData)]);
});

test('the workerpools are like others to the client', { timeout: kMilliseconds }, async () => {
  const { iexec } = new Person();
  for (const [at, pool] of [kPool, kOtherPool].entries()) {
    assert.equal(await iexec.workerpool.checkDeployedWorkerpool(pool), true);
    const { workerpool } = await iexec.workerpool.showWorkerpool(pool);
    assert.deepEqual((await iexec.workerpool.showUserWorkerpool(at, workerpool.owner)).workerpool, workerpool);
    assert.equal(await iexec.workerpool.getWorkerpoolApiUrl(pool), urls.CORE_URL);
    const { count } = await iexec.orderbook.fetchWorkerpoolOrderbook({ workerpool: pool });
    assert.ok(count > 0);
  }
});

test('shares', { timeout: kMilliseconds }, async () => {
  const [{ owner, collectionId, protectedData }, renter] = await Promise.all([offered({ rent: true }), customer()]);
  await renter.sharing.rentProtectedData({ protectedData, price: kPrice, duration: kDuration });
  const { rentals } = await owner.sharing.getRentals({ renterAddress: renter.address });
  assert.deepEqual(rentals.map((rental) => rental.protectedData.id), [lower(protectedData)]);
  const { collections } = await owner.sharing.getCollectionsByOwner({ owner: owner.address });
  assert.deepEqual(collections.map(({ id }) => Number(id)), [collectionId]);
});

test('a balance written where the token of that network keeps it is a balance, and can be staked', { timeout: kMilliseconds }, async () => {
  const person = await newPerson();
  const slot = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [person.address, kBalances]));
  await new JsonRpcProvider(urls.RPC_URL).send('anvil_setStorageAt', [urls.RLC_ADDRESS, slot, toBeHex(7n, 32)]);
  assert.equal((await person.iexec.wallet.checkBalances(person.address)).nRLC.toString(), '7');
  await person.iexec.account.deposit(5); // approveAndCall
  assert.equal((await person.iexec.account.checkBalance(person.address)).stake.toString(), '5');
});
