// Cases by public method of a client: what runs, what was really called, and the table at the end.
// Knows no method by itself: what must have a case is read from the clients' own objects (coverage()).
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { it } from 'node:test';

export const kCaseMilliseconds = 300_000;

const running = new AsyncLocalStorage();
const methods = new Map();

const isPartOfClient = (value) => typeof value === 'object' && value?.constructor?.name?.startsWith('IExec');

/** The same client, telling which of its methods a case calls. `path` names it in the table. */
export function watch(client, path) {
  return new Proxy(client, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      const name = `${path}.${String(key)}`;
      if (isPartOfClient(value)) return watch(value, name);
      if (typeof value !== 'function') return value;
      return (...args) => {
        running.getStore()?.add(name);
        return value.apply(target, args);
      };
    },
  });
}

/** Cases of one method: `works` are answers it gives, `refuses` what it says no to. */
export function method(name, works, refuses = {}) {
  assert.ok(!methods.has(name), `${name} has two tables`);
  const entries = (table, kind) => Object.entries(table).map(([title, run]) => ({ title, kind, run, ok: undefined }));
  methods.set(name, [...entries(works, 'works'), ...entries(refuses, 'refuses')]);
}

/** Cases of a network that must have `services` (variables of `iapp devnet env`). */
export function needs(env, services, cases) {
  assert.deepEqual(services.filter((service) => !env[service]), [], 'the network lacks services');
  return cases;
}

let turn = Promise.resolve();
const secondTries = [];

/**
 * Cases share one chain, and another case's transaction may come between what a client read and what it sends: a case that fails is
 * tried once more, one at a time. It counts (fewSecondTries()), so that no fault of a service hides here.
 */
async function tryTwice(name, run) {
  try {
    await run();
  } catch (error) {
    secondTries.push(`${name}: ${messages(error)}`.split('\n')[0]);
    const mine = turn.catch(() => {}).then(run);
    turn = mine;
    await mine;
  }
}

async function runCase(name, one) {
  const called = new Set();
  one.ok = false;
  await running.run(called, () => tryTwice(`${name}: ${one.title}`, one.run));
  assert.ok(called.has(name), `the case never called ${name}`);
  one.ok = true;
}

/** Registers every case that `chosen` (a predicate of its whole name) takes with node's runner; `around` runs it. */
export function defineCases(chosen, around, timeout = kCaseMilliseconds) {
  for (const [name, list] of methods)
    for (const one of list) {
      const title = `${name}: ${one.title}`;
      if (chosen(title)) it(title, { timeout }, () => around(() => runCase(name, one)));
    }
}

/** Cases that only passed at their second try are few: at most one of a hundred. */
export function fewSecondTries() {
  const ran = [...methods.values()].flat().filter((one) => one.ok !== undefined).length;
  assert.ok(secondTries.length <= Math.max(1, ran / 100), `${secondTries.length} of ${ran} cases needed a second try:\n${secondTries.join('\n')}`);
}

function functionsOf(part) {
  const names = new Set(Object.keys(part).filter((key) => typeof part[key] === 'function'));
  for (let at = Object.getPrototypeOf(part); at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    if (at.constructor.name.startsWith('IExec'))
      for (const key of Object.getOwnPropertyNames(at)) if (typeof part[key] === 'function') names.add(key);
  return [...names].filter((name) => !['constructor', 'init', 'resolveConfig'].includes(name));
}

/** Public methods of an object and of the parts it holds, as `path.part.method`. */
export function publicMethods(client, path, seen = new Set()) {
  if (seen.has(client)) return [];
  seen.add(client);
  const parts = Object.entries(client).filter(([, value]) => isPartOfClient(value));
  return [
    ...functionsOf(client).map((name) => `${path}.${name}`),
    ...parts.flatMap(([name, part]) => publicMethods(part, `${path}.${name}`, seen)),
  ];
}

/** Every public method has a case that works, and no table is of a method that is not there. */
export function coverage(names) {
  const without = names.filter((name) => !methods.get(name)?.some((one) => one.kind === 'works'));
  assert.deepEqual(without, [], 'public methods without a case');
  assert.deepEqual([...methods.keys()].filter((name) => !names.includes(name)), [], 'cases of methods that are not there');
}

function row(name, list) {
  const count = (kind) => list.filter((one) => one.kind === kind).length;
  const failed = list.filter((one) => !one.ok).length;
  const verdict = failed === 0 ? 'pass' : `FAIL (${failed} of ${list.length})`;
  return `${name.padEnd(58)} ${String(count('works')).padStart(5)} ${String(count('refuses')).padStart(7)}   ${verdict}`;
}

/** Method, cases that work, cases that are refused, verdict; of the cases that ran. */
export function table() {
  const ran = [...methods]
    .map(([name, list]) => [name, list.filter((one) => one.ok !== undefined)])
    .filter(([, list]) => list.length > 0);
  const passed = ran.filter(([, list]) => list.every((one) => one.ok)).length;
  const cases = ran.reduce((sum, [, list]) => sum + list.length, 0);
  return [
    `${'method'.padEnd(58)} works refuses   verdict`,
    ...ran.map(([name, list]) => row(name, list)),
    `${passed} of ${ran.length} methods pass, ${cases} cases`,
    ...secondTries.map((what) => `second try: ${what}`),
  ].join('\n');
}

function messages(error) {
  const all = [];
  for (let at = error; at; at = at.cause) all.push(String(at.message ?? at));
  return all;
}

/** The promise is refused, and each pattern (text or RegExp) is in its message or in that of a cause. */
export async function refused(promise, ...patterns) {
  const error = await Promise.resolve(promise).then(
    (value) => assert.fail(`was not refused: ${JSON.stringify(value)?.slice(0, 200)}`),
    (reason) => reason,
  );
  if (error instanceof assert.AssertionError) throw error;
  const said = messages(error);
  for (const pattern of patterns) {
    const found = said.some((text) => (pattern instanceof RegExp ? pattern.test(text) : text.includes(pattern)));
    assert.ok(found, `${pattern} is not in ${JSON.stringify(said)}`);
  }
  return error;
}
