// Runs our seal_tool on files of a temporary folder that lives as long as the test process.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'iapp-seal-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

export const path = (name) => join(folder, name);
export const put = (name, content) => (writeFileSync(path(name), content), path(name));
export const get = (name) => readFileSync(path(name));

/** Standard output of a call that must succeed. */
export const sealTool = (...args) => execFileSync(process.env.SEAL_TOOL, args, { encoding: 'utf8', maxBuffer: 1 << 28 });

/** The reason id of a call that must be refused. */
export const refusal = (...args) => {
  const { status, stderr } = spawnSync(process.env.SEAL_TOOL, args, { encoding: 'utf8' });
  return status === 0 ? '' : stderr.split(':')[0];
};

export const sealToolWithInput = (input, ...args) => execFileSync(process.env.SEAL_TOOL, args, { input, encoding: 'utf8' });
