#!/usr/bin/env node
// The compiler as forge calls it: a native solc's `--version` and `--standard-json`, answered by the pinned npm solc.
// Not a compiler driver: forge resolves imports itself, so the input carries every source.
import fs from 'node:fs';
import solc from 'solc';

if (process.argv.includes('--version')) {
    console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (process.argv.includes('--standard-json')) {
    process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8')));
} else {
    throw new Error(`unsupported: ${process.argv.slice(2).join(' ')}`);
}
