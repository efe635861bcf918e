// The development network under test: one of our own in a temporary folder, or the one the environment describes
// (what `iapp devnet env` prints). Everything a case needs of it, and the restart of all its services.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const kPorts = 16; // how many a network may use, counted from its base

const answers = (port) =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(false));
  });

async function freePortBase() {
  for (;;) {
    const base = 32_000 - 32 * (1 + Math.floor(Math.random() * 300));
    const taken = await Promise.all(Array.from({ length: kPorts }, (_, offset) => answers(base + offset)));
    if (!taken.includes(true)) return base;
  }
}

const iapp = (...args) => execFileSync(process.env.IAPP, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function environmentOf(dir) {
  const text = iapp('devnet', 'env', '--dir', dir);
  return Object.fromEntries(text.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** What a network is to a case: `env` as `iapp devnet env` names it, `dir` if it is known (restarts need it). */
export class Network {
  constructor(env, dir, owned) {
    Object.assign(this, { env, dir, owned });
  }

  /** IAPP (the program) makes a network, with `options` of `iapp devnet up`; RPC_URL and the rest, when set, name one that runs already. */
  static async open(...options) {
    if (process.env.RPC_URL) return new Network(process.env, process.env.DEVNET_DIR, false);
    const dir = mkdtempSync(join(tmpdir(), 'iapp-conformance-'));
    iapp('devnet', 'up', '--detach', '--dir', dir, '--port-base', String(process.env.PORT_BASE ?? (await freePortBase())), ...options);
    return new Network(environmentOf(dir), dir, true);
  }

  close() {
    if (!this.owned) return;
    iapp('devnet', 'down', '--dir', this.dir);
    if (process.env.KEEP !== '1') rmSync(this.dir, { recursive: true, force: true });
  }

  programs() {
    return JSON.parse(readFileSync(join(this.dir, 'run.json'), 'utf8')).programs;
  }

  /** Kills every service (not the chain) and waits until the supervisor has each of them answering again. */
  async restartServices() {
    const before = this.programs();
    for (const pid of Object.values(before)) process.kill(pid, 'SIGKILL');
    const deadline = Date.now() + 60_000;
    const back = () => Object.entries(before).every(([name, pid]) => this.programs()[name] !== pid);
    while (!back() || !(await this.allAnswer())) {
      assert.ok(Date.now() < deadline, 'the services did not come back');
      await sleep(50);
    }
  }

  async allAnswer() {
    const urls = Object.entries(this.env).filter(([name]) => /^[A-Z_]+_URL$/.test(name)).map(([, url]) => new URL(url));
    return (await Promise.all(urls.map((url) => answers(Number(url.port))))).every(Boolean);
  }
}
