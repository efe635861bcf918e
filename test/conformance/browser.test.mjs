// DataProtector in a real browser: a page of another origin than every service, with an injected wallet, protects, grants,
// processes and revokes. Proves the services' CORS. IAPP names the program that makes the network, as in clients.test.mjs;
// CHROMIUM the browser.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { Network } from './clients/network.mjs';
import { dataProtectorOptions, newPerson, readDump, runnable, useNetwork } from './clients/world.mjs';

const kMilliseconds = 120_000;

const network = await Network.open();
useNetwork(network.env);
let browser;
let server;

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [new URL('./browser/page.mjs', import.meta.url).pathname],
    bundle: true, format: 'iife', platform: 'browser', target: 'es2022', write: false, logLevel: 'error',
    define: { global: 'globalThis' }, external: ['crypto'], // node's, which a page never loads
  });
  return outputFiles[0].text;
}

/** Serves the page at an origin of its own. */
async function serve(script) {
  server = createServer((request, response) => {
    const page = request.url === '/';
    response.writeHead(200, { 'content-type': page ? 'text/html' : 'text/javascript' });
    response.end(page ? '<!doctype html><title>page</title><script src="/page.js"></script>' : script);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${server.address().port}/`;
}

before(async () => {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'], protocolTimeout: kMilliseconds });
});

after(async () => {
  await browser?.close();
  server?.close();
  network.close();
  setImmediate(() => process.exit()); // providers of the clients go on polling
});

test('a page protects, grants, processes and revokes', { timeout: kMilliseconds }, async () => {
  const [{ app }, person, script] = await Promise.all([runnable(), newPerson(), bundle()]);
  const page = await browser.newPage();
  const trouble = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('requestfailed', (request) => trouble.push(`${request.url()}: ${request.failure().errorText}`));
  await page.goto(await serve(script));
  const seen = await page.evaluate((options) => globalThis.useDataProtector(options), {
    privateKey: person.privateKey, rpcUrl: network.env.RPC_URL, options: dataProtectorOptions(), app, workerpool: network.env.WORKERPOOL_ADDRESS, text: 'typed in a form',
  }).catch((error) => assert.fail(`${error.message}\n${trouble.join('\n')}`));
  assert.deepEqual(seen.schema, { text: 'string', file: 'application/octet-stream' });
  assert.deepEqual([seen.revoked, seen.count], [1, 0]);
  const dump = readDump(Buffer.from(seen.dump, 'hex'));
  assert.deepEqual([dump.args, dump.env.IEXEC_REQUESTER_SECRET_1, dump.env.IEXEC_TASK_ID], [['from', 'a', 'page'], 'kept', seen.taskId]);
  assert.ok(dump.files[seen.protectedData.toLowerCase()].length > 0);
  for (const method of ['eth_sendTransaction', 'eth_signTypedData_v4', 'personal_sign']) assert.ok(seen.asked.includes(method), `the wallet was not asked for ${method}`);
});
