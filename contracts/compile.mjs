// Compiles our own Solidity with the pinned solc and returns creation bytecode and ABI per contract.
// Not a framework: no cache, imports only from here and from node_modules, warnings about our sources are errors.
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import solc from 'solc';

const here = path.dirname(fileURLToPath(import.meta.url));

const settings = {
    optimizer: {enabled: true, runs: 200},
    evmVersion: 'prague',
    metadata: {bytecodeHash: 'none', appendCBOR: false},  // the same source gives the same bytes wherever it is built
    outputSelection: {'*': {'*': ['abi', 'evm.bytecode.object']}},
};

const read = (file) => ({content: fs.readFileSync(file, 'utf8')});

function find(file) {
    const found = path.join(here, isOurs(file) ? file : `node_modules/${file}`);
    return fs.existsSync(found) ? {contents: read(found).content} : {error: 'no such file'};
}

const isOurs = (file) => !file?.startsWith('@');

/// Contracts of one folder here, `src` or `test`, by name.
export function compile(folder) {
    const files = fs.readdirSync(path.join(here, folder)).filter((file) => file.endsWith('.sol')).sort()
        .map((file) => `${folder}/${file}`);
    const sources = Object.fromEntries(files.map((file) => [file, read(path.join(here, file))]));
    const input = JSON.stringify({language: 'Solidity', sources, settings});
    const output = JSON.parse(solc.compile(input, {import: find}));
    const errors = (output.errors ?? []).filter((error) => error.severity === 'error' || isOurs(error.sourceLocation?.file));
    if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
    return Object.fromEntries(files.flatMap((file) => Object.entries(output.contracts[file] ?? {}))
        .map(([name, contract]) => [name, {abi: contract.abi, bytecode: '0x' + contract.evm.bytecode.object}]));
}
