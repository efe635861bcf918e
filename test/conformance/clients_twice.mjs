// The whole suite of clients.test.mjs twice on one network, each time in a process of its own: nothing may depend on a fresh
// network. The second time every service is killed and comes back before each round of cases: no answer may depend on what a
// service had only in memory. IAPP, PROBE and TEST_ARTIFACTS as there; KEEP=1 keeps the network's folder.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Network } from './clients/network.mjs';

const suite = fileURLToPath(new URL('./clients.test.mjs', import.meta.url));

function run(title, network, variables) {
  console.log(`== ${title}`);
  const env = { ...process.env, ...network.env, DEVNET_DIR: network.dir, ...variables };
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', suite], { env, stdio: 'inherit' });
  return status === 0;
}

const network = await Network.open();
try {
  const first = run('the suite on a fresh network', network, {});
  const again = run('again, with every service killed between the rounds', network, { RESTART: '1', WORKERS: process.env.WORKERS ?? '24' });
  process.exitCode = first && again ? 0 : 1;
} finally {
  network.close();
}
