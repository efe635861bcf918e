// Our GraphQL parser beside the reference implementation: the same documents are accepted, and read as the same nodes.
// Differences that are meant: a service of queries refuses everything else, texts before a definition are not of the edition
// we implement (October 2021), and what is unused is no mistake.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import * as reference from 'graphql';
import { generate, handWritten, mutate } from './graphql_documents.mjs';

// Fields of the reference's schema are of no interest: its rules that ask for them are not used.
const schema = reference.buildSchema('type Query { unrelated: Int }');
const rules = [
  'ExecutableDefinitions', 'KnownArgumentNames', 'KnownDirectives', 'KnownFragmentNames', 'LoneAnonymousOperation', 'NoFragmentCycles', 'NoUndefinedVariables',
  'ProvidedRequiredArguments', 'UniqueArgumentNames', 'UniqueDirectivesPerLocation', 'UniqueFragmentNames', 'UniqueInputFieldNames', 'UniqueOperationNames',
  'UniqueVariableNames', 'ValuesOfCorrectType',
].map((name) => reference[`${name}Rule`]);

/** A node without positions; a name is its text. */
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (node === null || typeof node !== 'object') return node;
  if (node.kind === 'Name') return node.value;
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => key !== 'loc' && value !== undefined).map(([key, value]) => [key, plain(value)]));
}

const isOperation = (definition) => definition.kind === 'OperationDefinition';
const isOurs = (definition) =>
  definition.description === undefined && (isOperation(definition) ? definition.operation === 'query' : definition.kind === 'FragmentDefinition');
const hasDescription = (definition) => (definition.variableDefinitions ?? []).some((variable) => variable.description !== undefined);

/** The nodes in our order, or undefined. */
function read(text) {
  let document;
  try {
    document = reference.parse(text);
  } catch {
    return undefined;
  }
  if (!document.definitions.every(isOurs) || document.definitions.some(hasDescription)) return undefined;
  if (reference.validate(schema, document, rules).length > 0) return undefined;
  const operations = document.definitions.filter(isOperation);
  const fragments = document.definitions.filter((definition) => !isOperation(definition));
  fragments.sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
  return [...operations, ...fragments].map(plain);
}

function ask(documents) {
  const input = documents.map((text) => `${JSON.stringify(text)}\n`).join('');
  const tool = spawnSync(process.env.GRAPHQL_TOOL, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(tool.status, 0, tool.stderr);
  return tool.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

function compare(documents) {
  const counts = { accepted: 0, refused: 0 };
  ask(documents).forEach((ours, i) => {
    const theirs = read(documents[i]);
    const said = `${JSON.stringify(documents[i])}\nours: ${ours.refused ?? 'accepted'} ${ours.message ?? ''}`;
    assert.equal('document' in ours, theirs !== undefined, said);
    if (theirs !== undefined) assert.deepEqual(ours.document, theirs, said);
    ++counts[theirs ? 'accepted' : 'refused'];
  });
  return counts;
}

test('documents written by hand', () => {
  const { accepted, refused } = compare(handWritten);
  assert.ok(accepted > 100 && refused > 100, `${accepted} accepted, ${refused} refused`);
});

const seeds = Array.from({ length: 600 }, (_, i) => i + 1);

test('documents made from the grammar', () => {
  const { accepted, refused } = compare(seeds.map(generate));
  assert.equal(refused, 0);
  assert.equal(accepted, seeds.length);
});

test('the same with one character changed', () => {
  const { accepted, refused } = compare(seeds.flatMap((seed) => [mutate(generate(seed), seed), mutate(generate(seed), -seed)]));
  assert.ok(accepted > 100 && refused > 100, `${accepted} accepted, ${refused} refused`);
});
