// Results between us and Debian's age, both ways, at the sizes where chunks begin and end.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import test from 'node:test';
import { get, path, put, refusal, sealTool } from './seal_tool.mjs';

const installed = spawnSync('age', ['--version']).status === 0;
const options = { skip: installed ? false : 'age is not installed' };

const identity = installed ? execFileSync('age-keygen', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) : '';
const recipient = identity.match(/age1\w+/)?.[0];
put('identity', identity);

for (const size of [0, 1, 65535, 65536, 65537, 131072, 1_000_000]) {
  test(`${size} bytes go both ways`, options, () => {
    const content = crypto.randomBytes(size);
    put('content', content);
    sealTool('age-seal', recipient, path('content'), path('ours.age'));
    assert.deepEqual(execFileSync('age', ['-d', '-i', path('identity'), path('ours.age')], { maxBuffer: 1 << 24 }), content);

    execFileSync('age', ['-r', recipient, '-o', path('theirs.age'), path('content')]);
    sealTool('age-open', path('identity'), path('theirs.age'), path('opened'));
    assert.deepEqual(get('opened'), content);
  });
}

test('files of several recipients, and files for others', options, () => {
  put('content', 'x');
  const other = execFileSync('age-keygen', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(/age1\w+/)[0];
  execFileSync('age', ['-r', other, '-r', recipient, '-o', path('two.age'), path('content')]);
  sealTool('age-open', path('identity'), path('two.age'), path('opened'));
  assert.equal(get('opened').toString(), 'x');
  execFileSync('age', ['-r', other, '-o', path('other.age'), path('content')]);
  assert.equal(refusal('age-open', path('identity'), path('other.age'), path('opened')), 'seal.age_not_for_us');
});

test('an armored file is refused by name', options, () => {
  execFileSync('age', ['-a', '-r', recipient, '-o', path('armored.age'), put('content', 'x')]);
  assert.equal(refusal('age-open', path('identity'), path('armored.age'), path('opened')), 'seal.age_header');
});
