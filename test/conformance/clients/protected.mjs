// Protected data of someone new, granted to someone else, and what the clients say when they cannot go on.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IExecDataProtectorDeserializer } from '@iexec/dataprotector-deserializer';
import { IExecDataProtector } from '@iexec/dataprotector';
import { watch } from './suite.mjs';
import { dataProtectorOptions, iexecOptions, kNoService, network, newPerson, randomName, runnable } from './world.mjs';

export const outage = "A service in the iExec protocol appears to be unavailable. You can retry later or contact iExec's technical support for help.";
export const noWallet = 'Unauthorized method. Please log in with your wallet';
export const kZip = 'PK\x03\x04';
export const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex');

export const reader = () => watch(new IExecDataProtector(network().RPC_URL, dataProtectorOptions()), 'dataprotector').core;
export const withoutService = (person, option) => person.dataProtectorWith({ iexecOptions: iexecOptions({ [option]: kNoService }) }).core;
export const lower = (address) => address.toLowerCase();

export const protect = (person, data = { email: 'a@b.c' }) => person.core.protectData({ name: randomName('data'), data });

/** An owner with protected data, and a requester who may use it in the app that runs. */
export async function granted({ data, ...terms } = {}) {
  const [owner, requester, { app }] = await Promise.all([newPerson(), newPerson(), runnable()]);
  const { address } = await protect(owner, data);
  const access = await owner.core.grantAccess({ protectedData: address, authorizedApp: app, authorizedUser: requester.address, ...terms });
  return { owner, requester, app, protectedData: address, access };
}

export async function readProtected(bytes, path, schema) {
  const file = join(mkdtempSync(join(tmpdir(), 'iapp-read-')), 'data.zip');
  writeFileSync(file, bytes);
  return new IExecDataProtectorDeserializer({ protectedDataPath: file }).getValue(path, schema);
}

export function titles() {
  const seen = [];
  return { seen, onStatusUpdate: ({ title, isDone }) => isDone && seen.push(title) };
}
