// The unmodified npm clients against a whole network: every public method, what it answers and what it refuses.
// IAPP names the program that makes the network, unless the variables of `iapp devnet env` name a running one (with
// DEVNET_DIR, if services are to be restarted). ONLY=text runs the cases whose name holds it; WORKERS is how many go at once.
// RESTART=1: the cases go in rounds of WORKERS, and before each round every service is killed and comes back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { IExecDataProtector } from '@iexec/dataprotector';
import { IExecDataProtector as IExecDataProtectorWithSharing } from 'dataprotector-sharing';
import { IExec } from 'iexec';
import { Network } from './clients/network.mjs';
import { Rounds } from './clients/rounds.mjs';
import { coverage, defineCases, fewSecondTries, kCaseMilliseconds, publicMethods, table } from './clients/suite.mjs';
import { useNetwork } from './clients/world.mjs';

const restart = process.env.RESTART === '1';
const workers = Number(process.env.WORKERS ?? 16);
const only = process.env.ONLY ?? '';
const network = await Network.open();
useNetwork(network.env);
const parts = [
  'wallet', 'registry', 'secret', 'order', 'match', 'orderbook', 'deal', // iexec
  'core', 'processing', 'sharing', 'consuming', // DataProtector
];
for (const part of parts) await import(`./clients/${part}_cases.mjs`);
const { askUntil, survivals, truths } = await import('./clients/survivals.mjs');

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

/** Services of the network that a page may talk to, by their variables. */
const forPages = Object.entries(network.env).filter(([name]) => /_URL$/.test(name) && !['RPC_URL', 'REGISTRY_URL'].includes(name));

test('a page of any origin may call every service', async () => {
  const asks = { origin: 'https://page.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };
  for (const [name, url] of forPages) {
    const answer = await fetch(url, { method: 'OPTIONS', headers: asks });
    assert.equal(answer.status, 204, name);
    assert.match(answer.headers.get('access-control-allow-origin'), /^(\*|https:\/\/page\.example)$/, name);
    assert.match(answer.headers.get('access-control-allow-headers'), /authorization, ?content-type/, name);
    for (const method of ['GET', 'HEAD', 'POST', 'PUT']) assert.ok(answer.headers.get('access-control-allow-methods').includes(method), name);
  }
});

describe('clients', { concurrency: workers }, () => {
  before(() => useNetwork(network.env));
  const chosen = (title) => title.includes(only);
  if (!restart) return defineCases(chosen, (run) => run());
  const rounds = new Rounds(() => network.restartServices());
  defineCases(chosen, (run) => rounds.take(run), 3 * kCaseMilliseconds); // it waits for its round
});

if (restart) {
  test('while services die and come back they say nothing that is not so', async () => {
    let over = false;
    const asked = Object.entries(await truths()).map(async ([name, truth]) => [name, await askUntil(() => over, name, truth)]);
    for (let i = 0; i < 10; ++i) await network.restartServices();
    over = true;
    for (const [name, right] of await Promise.all(asked)) assert.ok(right > 0, `${name}: never answered`);
  });
  describe('after kill -9 there is still', () => {
    for (const [title, deed] of Object.entries(survivals).filter(([name]) => name.includes(only)))
      test(title, async () => {
        const check = await deed();
        await network.restartServices();
        await check();
      });
  });
}

test('few cases needed a second try', () => fewSecondTries());

after(() => {
  console.log(table());
  network.close();
  setImmediate(() => process.exit()); // providers of the clients go on polling
});
