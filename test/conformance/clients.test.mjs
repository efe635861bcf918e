// The unmodified npm clients against a whole network: every public method, what it answers and what it refuses.
// IAPP names the program that makes the network, unless the variables of `iapp devnet env` name a running one (with
// DEVNET_DIR, if services are to be restarted). RESTART=1 kills and restarts every service before each case, one by one.
// ONLY=text runs the cases whose name holds it; WORKERS is how many go at once.
import { after, before, describe, test } from 'node:test';
import { IExecDataProtector } from '@iexec/dataprotector';
import { IExecDataProtector as IExecDataProtectorWithSharing } from 'dataprotector-sharing';
import { IExec } from 'iexec';
import { Network } from './clients/network.mjs';
import { coverage, defineCases, publicMethods, table } from './clients/suite.mjs';
import { useNetwork } from './clients/world.mjs';

const restart = process.env.RESTART === '1';
const workers = restart ? 1 : Number(process.env.WORKERS ?? 16);
const network = await Network.open();
useNetwork(network.env);
const parts = [
  'wallet', 'registry', 'secret', 'order', 'match', 'orderbook', 'deal', // iexec
  'core', 'processing', 'sharing', 'consuming', // DataProtector
];
for (const part of parts) await import(`./clients/${part}_cases.mjs`);

console.error = () => {}; // the clients report there what they also throw

/** Public methods of the clients as they are installed, read from their own objects. */
function methodsOfClients() {
  const url = network.env.RPC_URL;
  return [
    ...publicMethods(new IExec({ ethProvider: url }), 'iexec'),
    ...publicMethods(new IExecDataProtector(url).core, 'dataprotector.core'),
    ...publicMethods(new IExecDataProtectorWithSharing(url).sharing, 'dataprotector.sharing'),
  ];
}

test('every public method has a case', () => coverage(methodsOfClients()));

describe('clients', { concurrency: workers }, () => {
  before(() => useNetwork(network.env));
  defineCases(async () => {
    if (restart) await network.restartServices();
  }, process.env.ONLY);
});

after(() => {
  console.log(table());
  network.close();
  setImmediate(() => process.exit()); // providers of the clients go on polling
});
