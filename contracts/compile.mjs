// Compiles our own Solidity with the pinned solc and returns creation bytecode and ABI per contract.
// Not a framework: no cache, no imports outside src/, warnings are errors.
import fs from 'node:fs';
import path from 'node:path';
import solc from 'solc';

const settings = {
    optimizer: {enabled: true, runs: 200},
    evmVersion: 'prague',
    metadata: {bytecodeHash: 'none', appendCBOR: false},  // the same source gives the same bytes wherever it is built
    outputSelection: {'*': {'*': ['abi', 'evm.bytecode.object']}},
};

export function compile(folder) {
    const files = fs.readdirSync(folder).filter((file) => file.endsWith('.sol')).sort();
    const sources = Object.fromEntries(files.map((file) => [file, {content: fs.readFileSync(path.join(folder, file), 'utf8')}]));
    const output = JSON.parse(solc.compile(JSON.stringify({language: 'Solidity', sources, settings})));
    if (output.errors?.length) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'));
    return Object.fromEntries(Object.values(output.contracts).flatMap(Object.entries)
        .map(([name, contract]) => [name, {abi: contract.abi, bytecode: '0x' + contract.evm.bytecode.object}]));
}
