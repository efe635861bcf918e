// The JSON Schema of appraisal policies beside the strict reader: what editors are told and what the program takes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";

const root = join(import.meta.dirname, "../..");
const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(readFileSync(join(root, "docs/formats/appraisal-policy.schema.json"))));
const folder = mkdtempSync(join(tmpdir(), "iapp-policy-"));

function reader(policy) {
    const file = join(folder, "policy.json");
    writeFileSync(file, JSON.stringify(policy));
    try {
        execFileSync(process.env.IAPP, ["attest", "policy", "lint", file, "--json"], { stdio: "pipe" });
        return true;
    } catch {
        return false;
    }
}

const seeds = readdirSync(join(root, "fuzz/corpus/appraisal_policy")).map((name) => JSON.parse(readFileSync(join(root, "fuzz/corpus/appraisal_policy", name))));

/// Every object inside `value`, with the way to it.
function* objects(value, path = []) {
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) yield path;
    for (const [key, below] of Object.entries(value)) yield* objects(below, [...path, key]);
}

test("policies of the corpus are policies to both", () => {
    assert.ok(seeds.length >= 2);
    for (const seed of seeds) assert.deepEqual([validate(seed), reader(seed)], [true, true], JSON.stringify(validate.errors));
});

test("a member that nobody knows is refused by both, wherever it is", () => {
    const open = new Set(["registers", "events"]); // names of these are the reader's business
    for (const seed of seeds)
        for (const path of objects(seed)) {
            const bent = structuredClone(seed);
            path.reduce((at, key) => at[key], bent).unknown = 1;
            if (!open.has(path.at(-1))) assert.equal(validate(bent), false, path.join("."));
            assert.equal(reader(bent), false, path.join("."));
        }
});

test("a member of another type is refused by both", () => {
    for (const seed of seeds)
        for (const key of Object.keys(seed)) {
            const bent = { ...seed, [key]: 7.5 };
            assert.deepEqual([validate(bent), reader(bent)], [false, false], key);
        }
});
