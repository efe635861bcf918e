// Two verifiers of Intel quotes that share no code with ours, each as a function from a case to a verdict.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import qvl from '@phala/dcap-qvl';

/** Intel's production root, DER: the only one that the WebAssembly verifier knows. */
export const intelRoot = Buffer.from(qvl.constants.TRUSTED_ROOT_CA_DER);

const bytes = (hex) => Buffer.from(hex, 'hex');
const hexMembers = ['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'];
const withBytes = (collateral) =>
  Object.fromEntries(Object.entries(collateral).map(([name, value]) => [name, hexMembers.includes(name) ? bytes(value) : value]));

const refused = (error) => ({ accepted: false, reason: String(error?.message ?? error).split('\n')[0].slice(0, 200) });
const accepted = ({ status, advisory_ids }) => ({ accepted: true, status, advisories: [...advisory_ids].sort() });

/** JavaScript, npm @phala/dcap-qvl: takes a root. */
export function javascript({ quote, collateral, at, root }) {
  try {
    return accepted(qvl.QuoteVerifier.newWithRootCa(root).verify(quote, withBytes(collateral), at));
  } catch (error) {
    return refused(error);
  }
}

const package_ = '@phala/dcap-qvl-web/dcap-qvl-web';
const wasm = new WebAssembly.Module(readFileSync(fileURLToPath(import.meta.resolve(`${package_}_bg.wasm`))));
let instances = 0, instance;
async function startWebassembly() {
  instance = await import(`${import.meta.resolve(`${package_}.js`)}?${++instances}`);
  instance.initSync({ module: wasm });
}
await startWebassembly();

/** Rust compiled to WebAssembly, npm @phala/dcap-qvl-web: Intel's root is built in. */
export async function webassembly({ quote, collateral, at }) {
  try {
    return accepted(instance.js_verify(quote, collateral, BigInt(at)));
  } catch (error) {
    const trap = error instanceof WebAssembly.RuntimeError;
    if (trap) await startWebassembly(); // what trapped is not used again
    return { ...refused(error), trap };
  }
}
