// What a web page does: the published DataProtector with a wallet that is injected (EIP-1193) and signs in the page.
// Bundled by browser.test.mjs; it opens nothing of node's.
import { IExecDataProtector } from '@iexec/dataprotector';
import { JsonRpcProvider, Wallet } from 'ethers';

/** An EIP-1193 provider like the one a wallet extension injects: accounts and signatures are its own, the rest is the node's. */
class InjectedWallet {
  constructor(url, privateKey) {
    this.node = new JsonRpcProvider(url, undefined, { staticNetwork: true });
    this.wallet = new Wallet(privateKey, this.node);
    this.asked = new Set();
  }

  async request({ method, params = [] }) {
    this.asked.add(method);
    switch (method) {
      case 'eth_requestAccounts':
      case 'eth_accounts':
        return [this.wallet.address];
      case 'personal_sign':
        return this.wallet.signMessage(Uint8Array.from(params[0].slice(2).match(/../g) ?? [], (byte) => parseInt(byte, 16)));
      case 'eth_signTypedData_v4': {
        const { types: { EIP712Domain, ...types }, domain, message } = JSON.parse(params[1]);
        return this.wallet.signTypedData(domain, types, message);
      }
      case 'eth_sendTransaction': {
        const [{ gas, ...transaction }] = params;
        return (await this.wallet.sendTransaction({ ...transaction, gasLimit: gas })).hash;
      }
      default:
        return this.node.send(method, params);
    }
  }
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Protects, grants to itself, processes with a sealed result, revokes. */
globalThis.useDataProtector = async ({ privateKey, rpcUrl, options, app, workerpool, text }) => {
  const wallet = new InjectedWallet(rpcUrl, privateKey);
  const { core } = new IExecDataProtector(wallet, options);
  const { address: protectedData, schema } = await core.protectData({ name: 'From a page', data: { text, file: new Uint8Array(300_000) } });
  const terms = { protectedData, authorizedApp: app, authorizedUser: wallet.wallet.address };
  await core.grantAccess({ ...terms, numberOfAccess: 2 });
  const { taskId, result } = await core.processProtectedData({
    protectedData, app, workerpool, args: 'from a page', secrets: { 1: 'kept' }, encryptResult: true, path: 'dump.txt',
  });
  const revoked = await core.revokeAllAccess({ protectedData });
  const { count } = await core.getGrantedAccess({ protectedData });
  return { protectedData, schema, taskId, dump: hex(result), revoked: revoked.length, count, asked: [...wallet.asked] };
};
