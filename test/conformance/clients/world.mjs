// Who takes part: accounts made fresh for each run, each with the published clients, and the resources cases share.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IExecDataProtector } from '@iexec/dataprotector';
import { IExecDataProtector as IExecDataProtectorWithSharing } from 'dataprotector-sharing';
import { Contract, ContractFactory, getCreateAddress, JsonRpcProvider, Wallet } from 'ethers';
import { IExec, utils } from 'iexec';
import { pushImage } from './image.mjs';
import { watch } from './suite.mjs';

export const { NULL_ADDRESS, NULL_BYTES32, DATASET_INFINITE_VOLUME } = utils;
export const kNobody = '0x00000000000000000000000000000000000000A1'; // no contract, no account
export const kTdxTag = '0x0000000000000000000000000000000000000000000000000000000000000009';
export const kUnknownHash = `0x${'ab'.repeat(32)}`;
export const kFastCategory = 5; // its deals are over after 30 s
export const kNoService = 'http://127.0.0.1:1';

/** What iexec says without a wallet, and when a service is not there. */
export const noSigner = 'The current provider is not a signer, impossible to sign messages or transactions';
export const marketAway = 'Market API error: Connection to http://127.0.0.1:1 failed with a network error';
export const smsAway = 'SMS error: Connection to http://127.0.0.1:1 failed with a network error';
export const compassAway = 'Compass API error: Connection to http://127.0.0.1:1 failed with a network error';

export const randomName = (stem) => `${stem}-${randomBytes(6).toString('hex')}`;
export const randomHash = () => `0x${randomBytes(32).toString('hex')}`;

let env;
let funder;

/** The network every account lives on, as `iapp devnet env` describes it. */
export function useNetwork(variables) {
  env = variables;
  funder = walletOf(env.FUNDER_PRIVATE_KEY, 1);
}

export const network = () => env;

export const iexecOptions = (changes = {}) => ({
  hubAddress: env.HUB_ADDRESS,
  smsURL: env.SMS_URL,
  iexecGatewayURL: env.MARKET_URL,
  ipfsNodeURL: env.IPFS_API_URL,
  ipfsGatewayURL: env.IPFS_GATEWAY_URL,
  compassURL: env.COMPASS_URL,
  pocoSubgraphURL: env.SUBGRAPH_URL,
  ...changes,
});

export const dataProtectorOptions = (changes = {}) => ({
  dataprotectorContractAddress: env.DATAPROTECTOR_ADDRESS,
  sharingContractAddress: env.SHARING_ADDRESS,
  subgraphUrl: env.DP_SUBGRAPH_URL,
  ipfsNode: env.IPFS_API_URL,
  ipfsGateway: env.IPFS_GATEWAY_URL,
  iexecOptions: iexecOptions(),
  ...changes,
});

async function fund(address, { ether = 10n ** 18n, nrlc = 0n }) {
  const rlc = new Contract(env.RLC_ADDRESS, ['function transfer(address,uint256) returns (bool)'], funder);
  const sent = [];
  if (ether > 0n) sent.push(funder.sendTransaction({ to: address, value: ether }));
  if (nrlc > 0n) sent.push(rlc.transfer(address, nrlc));
  for (const transaction of await Promise.all(sent)) await transaction.wait();
}

/**
 * A wallet as browsers have them: it numbers its transactions itself, one after the other, remembers nothing the chain may have
 * changed since (ethers, left alone, does for 250 ms), and lets a call use a fifth more gas than estimated, as other people's
 * transactions come in between. `batch` is how many calls may travel together.
 */
function walletOf(privateKey, batch = 100) {
  const provider = new JsonRpcProvider(env.RPC_URL, undefined, { pollingInterval: 1000, cacheTimeout: -1, batchMaxCount: batch });
  const wallet = new Wallet(privateKey, provider);
  const send = wallet.sendTransaction.bind(wallet);
  let last = Promise.resolve();
  wallet.sendTransaction = (transaction) => {
    const sent = last.then(async () => {
      const nonce = Number(await provider.send('eth_getTransactionCount', [wallet.address, 'pending']));
      const numbered = { ...transaction, nonce };
      if (transaction.data?.length > 2) numbered.gasLimit ??= ((await wallet.estimateGas(transaction)) * 6n) / 5n;
      return send(numbered);
    });
    last = sent.catch(() => {});
    return sent;
  };
  return wallet;
}

/** A wallet with its clients. */
export class Person {
  constructor(privateKey = Wallet.createRandom().privateKey) {
    this.privateKey = privateKey;
    this.signer = walletOf(privateKey);
    this.address = this.signer.address;
  }

  /** `changes` are options other than the network's own. */
  iexecWith(changes) {
    return watch(new IExec({ ethProvider: this.signer }, iexecOptions(changes)), 'iexec');
  }

  dataProtectorWith(changes) {
    return watch(new IExecDataProtector(this.signer, dataProtectorOptions(changes)), 'dataprotector');
  }

  get iexec() {
    return (this.iexecClient ??= this.iexecWith({}));
  }

  get core() {
    return (this.dataProtector ??= this.dataProtectorWith({})).core;
  }

  /** The core and sharing modules as 2.0.0-beta.23 has them. */
  get sharing() {
    return (this.sharingClient ??= watch(new IExecDataProtectorWithSharing(this.signer, dataProtectorOptions()), 'dataprotector')).sharing;
  }
}

/** Someone new: one ether for fees, `nrlc` in the wallet, and of those `stake` deposited. */
export async function newPerson({ nrlc = 0n, stake = 0n, ether } = {}) {
  const person = new Person();
  await fund(person.address, { nrlc: nrlc + stake, ether });
  if (stake > 0n) await person.iexec.account.deposit(stake.toString());
  return person;
}

/** Reads only: no wallet. */
export const stranger = (changes) => watch(new IExec({ ethProvider: env.RPC_URL }, iexecOptions(changes)), 'iexec');
export const admin = () => new Person(env.ADMIN_PRIVATE_KEY);

const made = new Map();
/** Made at first use and then shared by every case that asks. */
export const shared = (name, make) => () => {
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
};

export const appFields = (owner) => ({
  owner,
  name: randomName('app'),
  type: 'DOCKER',
  multiaddr: 'registry.example/app:1.0.0',
  checksum: randomHash(),
});
export const datasetFields = (owner) => ({
  owner,
  name: randomName('dataset'),
  multiaddr: '/ipfs/QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN',
  checksum: randomHash(),
});
export const workerpoolFields = (owner) => ({ owner, description: randomName('workerpool') });

export const deployApp = async (person) => (await person.iexec.app.deployApp(appFields(person.address))).address;
export const deployWorkerpool = async (person) =>
  (await person.iexec.workerpool.deployWorkerpool(workerpoolFields(person.address))).address;

/** A dataset whose key the key service has, unless `key` is null. */
export async function deployDataset(person, key = person.iexec.dataset.generateEncryptionKey()) {
  const { address } = await person.iexec.dataset.deployDataset(datasetFields(person.address));
  if (key) await person.iexec.dataset.pushDatasetSecret(address, key);
  return address;
}

export const signApp = async (person, fields, options) =>
  person.iexec.order.signApporder(await person.iexec.order.createApporder(fields), options);
export const signDataset = async (person, fields, options) =>
  person.iexec.order.signDatasetorder(await person.iexec.order.createDatasetorder(fields), options);
export const signWorkerpool = async (person, fields) =>
  person.iexec.order.signWorkerpoolorder(await person.iexec.order.createWorkerpoolorder({ category: 0, ...fields }));
export const signRequest = async (person, fields, options) =>
  person.iexec.order.signRequestorder(await person.iexec.order.createRequestorder({ category: 0, ...fields }), options);

/** Where the next contract this person deploys will be. */
export const nextContractOf = async (person) => getCreateAddress({ from: person.address, nonce: await person.signer.getNonce() });

/** An ERC-734 group, as the restrictions of orders may name one. TEST_ARTIFACTS is where its code is. */
export async function deployGroup(person, members) {
  const { bytecode } = JSON.parse(readFileSync(process.env.TEST_ARTIFACTS, 'utf8')).contracts.Group;
  const group = await new ContractFactory(['constructor(address[])'], bytecode, person.signer).deploy(members);
  await group.waitForDeployment();
  return group.getAddress();
}

/** A provider with an app, a dataset and a workerpool nobody works for, and a requester: enough to make deals. */
export const shop = shared('shop', async () => {
  const [provider, requester] = await Promise.all([newPerson({ stake: 10_000n }), newPerson({ stake: 100_000n })]);
  const app = await deployApp(provider);
  const dataset = await deployDataset(provider);
  const workerpool = await deployWorkerpool(provider);
  return { provider, requester, app, dataset, workerpool };
});

/** The four orders of a deal in the shop; each part may bend its order. */
export async function shopOrders({ app = {}, dataset, workerpool = {}, request = {} } = {}) {
  const { provider, requester, ...resources } = await shop();
  const withData = dataset !== null;
  const volume = request.volume ?? 1;
  return {
    apporder: await signApp(provider, { app: resources.app, volume, ...app }),
    ...(withData && { datasetorder: await signDataset(provider, { dataset: resources.dataset, volume, ...dataset }) }),
    workerpoolorder: await signWorkerpool(provider, { workerpool: resources.workerpool, volume, ...workerpool }),
    requestorder: await signRequest(requester, {
      app: resources.app,
      ...(withData && { dataset: resources.dataset }),
      workerpool: resources.workerpool,
      appmaxprice: 100,
      datasetmaxprice: 100,
      workerpoolmaxprice: 100,
      ...request,
    }),
  };
}

/** A deal of the shop that no worker will ever take up: { dealid, orders }. */
export async function shopDeal(bend) {
  const { requester } = await shop();
  const orders = await shopOrders(bend);
  return { orders, ...(await requester.iexec.order.matchOrders(orders)) };
}

/** The hub beyond what the clients call: the first step of a task, which is the scheduler's. */
export async function initializeTask(person, dealid, index) {
  const hub = new Contract(env.HUB_ADDRESS, ['function initialize(bytes32,uint256) returns (bytes32)'], person.signer);
  await (await hub.initialize(dealid, index)).wait();
  return person.iexec.deal.computeTaskId(dealid, index);
}

/** An app that runs, offered to all for nothing: the probe, which writes down all it sees. */
export const runnable = shared('runnable', async () => {
  const developer = await newPerson();
  const image = await pushImage(env.REGISTRY_URL, randomName('probe'), process.env.PROBE, ['dump']);
  const { address: app } = await developer.iexec.app.deployApp({ ...appFields(developer.address), ...image });
  await developer.iexec.order.publishApporder(await signApp(developer, { app, volume: 1_000_000 }));
  return { developer, app };
});

/** An order of the network's own workerpool, which has a worker. */
export async function poolOrder(category = 0) {
  const { orders } = await stranger().orderbook.fetchWorkerpoolOrderbook({ workerpool: env.WORKERPOOL_ADDRESS, category });
  return orders[0].order;
}

/** Resolves with the last value of an observable. */
export const lastOf = (observable) =>
  new Promise((done, failed) => {
    let last;
    observable.subscribe({ next: (value) => (last = value), error: failed, complete: () => done(last) });
  });

/** A deal of the runnable app on the network's workerpool, by someone new. */
export async function runDeal({ params = {}, requester, ...more } = {}) {
  const { developer, app } = await runnable();
  requester ??= await newPerson();
  const requestorder = await signRequest(requester, { app, workerpool: env.WORKERPOOL_ADDRESS, params, ...more });
  const apporder = await signApp(developer, { app, volume: more.volume ?? 1 });
  const { dealid } = await requester.iexec.order.matchOrders({ apporder, workerpoolorder: await poolOrder(), requestorder });
  return { requester, app, dealid, taskid: await requester.iexec.deal.computeTaskId(dealid, 0) };
}

/** One finished task, shared by the cases that only look at one. */
export const finishedTask = shared('finishedTask', async () => {
  const deal = await runDeal({ params: { iexec_args: 'one two' } });
  const { task } = await lastOf(await deal.requester.iexec.task.obsTask(deal.taskid, { dealid: deal.dealid }));
  if (task.statusName !== 'COMPLETED') throw new Error(`the task ended ${task.statusName}`);
  return deal;
});

/** What the probe wrote: { env, args, files }, files as Buffers by path below /iexec_in. */
export function readDump(bytes) {
  const dump = { env: {}, args: [], files: {} };
  for (const line of Buffer.from(bytes).toString().trim().split('\n')) {
    const [kind, first, second = ''] = line.split(' ');
    const text = Buffer.from(first, 'hex').toString();
    if (kind === 'env') dump.env[text.slice(0, text.indexOf('='))] = text.slice(text.indexOf('=') + 1);
    else if (kind === 'arg') dump.args.push(text);
    else dump.files[text] = Buffer.from(second, 'hex');
  }
  return dump;
}

/** iexec 8, the one 2.0.0-beta.23 of DataProtector brings along. */
export const olderIexec = async () => {
  const from = dirname(fileURLToPath(import.meta.resolve('dataprotector-sharing')));
  return import(createRequire(`${from}/`).resolve('iexec'));
};
