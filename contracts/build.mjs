// Writes what the C++ side needs to deploy contracts, one file each:
//   node build.mjs OUT_DIR           -> OUT_DIR/poco-artifacts.json   PoCo and our own contracts
//   node build.mjs OUT_DIR --tests   -> OUT_DIR/test-artifacts.json   contracts only tests deploy
//
// PoCo's own contracts come unlinked from artifacts/ of the npm tarball. The tarball's artifacts/ lacks the RLC token and the
// diamond-1 contracts, so those come from the deployment records of Arbitrum One, which carry creation bytecode.
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import sha3 from 'js-sha3';
import {compile} from './compile.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const poco = path.join(here, 'node_modules/@iexec/poco');
const library = 'IexecLibOrders_v5';

/// The facets of the token-mode hub in deployment order. A selector belongs to the first facet that offers it.
const facets = [
    'IexecAccessorsABILegacyFacet', 'IexecCategoryManagerFacet', 'IexecConfigurationExtraFacet', 'IexecConfigurationFacet',
    'IexecERC20Facet', 'IexecEscrowTokenFacet', 'IexecOrderManagementFacet', 'IexecPoco1Facet', 'IexecPoco2Facet',
    'IexecPocoAccessorsFacet', 'IexecRelayFacet',
];
const diamondFacets = ['DiamondCutFacet', 'DiamondLoupeFacet', 'OwnershipFacet'];
const registries = {AppRegistry: 'apps', DatasetRegistry: 'datasets', WorkerpoolRegistry: 'workerpools'};

const readJson = (...parts) => JSON.parse(fs.readFileSync(path.join(poco, ...parts), 'utf8'));
const artifact = (folder, name) => readJson('artifacts/contracts', folder, `${name}.sol`, `${name}.json`);
const deployed = (name) => readJson('deployments/arbitrum', `${name}.json`);

const canonicalType = (input) => input.type.startsWith('tuple')
    ? `(${input.components.map(canonicalType).join(',')})${input.type.slice('tuple'.length)}`
    : input.type;

/// Four-byte selectors in ABI order. EIP-2535 as this diamond writes it: receive() is 0x00000000, fallback() 0xffffffff.
function selectors(abi) {
    const one = {
        function: (item) => '0x' + sha3.keccak256(`${item.name}(${item.inputs.map(canonicalType).join(',')})`).slice(0, 8),
        receive: () => '0x00000000',
        fallback: () => '0xffffffff',
    };
    return abi.filter((item) => item.type in one).map((item) => one[item.type](item));
}

/// Bytecode with zeros where the library address goes, and the byte offsets of those places.
function unlinked({bytecode, linkReferences}) {
    const places = Object.values(linkReferences ?? {}).flatMap((file) => Object.entries(file));
    for (const [name] of places) if (name !== library) throw new Error(`unknown library ${name}`);
    const links = places.flatMap(([, offsets]) => offsets.map(({start}) => start));
    const code = bytecode.replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40));
    if (!/^0x([0-9a-f]{2})+$/.test(code)) throw new Error('bytecode is not hexadecimal after linking');
    return links.length ? {bytecode: code, links} : {bytecode: code};
}

function facetEntries(taken) {
    const entry = (name, source) => {
        const fresh = selectors(source.abi).filter((selector) => !taken.has(selector));
        fresh.forEach((selector) => taken.add(selector));
        return [name, {...unlinked(source), selectors: fresh}];
    };
    return Object.fromEntries([
        ...diamondFacets.map((name) => entry(name, deployed(name))),
        ...facets.map((name) => entry(name, artifact('facets', name))),
    ]);
}

const ours = (folder) => Object.fromEntries(Object.entries(compile(folder))
    .filter(([, {bytecode}]) => bytecode !== '0x').map(([name, contract]) => [name, unlinked(contract)]));

const deployment = () => ({
    schema: 'iapp-poco-artifacts/1', poco: readJson('package.json').version, library, diamondFacets, facets,
    contracts: {
        RLC: unlinked(deployed('RLC')),
        DiamondInit: unlinked(deployed('DiamondInit')),
        Diamond: unlinked(artifact('', 'Diamond')),
        [library]: unlinked(artifact('libs', library)),
        ...facetEntries(new Set()),
        ...Object.fromEntries(Object.entries(registries)
            .map(([name, folder]) => [name, unlinked(artifact(`registries/${folder}`, name))])),
        ...ours('src'),
    },
});

function save(out, file, document) {
    fs.mkdirSync(out, {recursive: true});
    fs.writeFileSync(path.join(out, `${file}.new`), JSON.stringify(document));
    fs.renameSync(path.join(out, `${file}.new`), path.join(out, file));
}

const [out, mode] = process.argv.slice(2);
if (!out) throw new Error('usage: node build.mjs OUT_DIR [--tests]');
if (mode === '--tests') save(out, 'test-artifacts.json', {schema: 'iapp-test-artifacts/1', contracts: ours('test')});
else save(out, 'poco-artifacts.json', deployment());
