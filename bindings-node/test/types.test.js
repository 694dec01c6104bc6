// The declarations name what the package exports, no more and no less.
'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const ottla = require('ottla');
const testing = require('ottla/testing');

const lib = path.join(__dirname, '../lib');
const text = (...files) => files.map((file) => fs.readFileSync(path.join(lib, file), 'utf8')).join('\n');
const declared = (source) => [...source.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name).sort();

/** The members between the braces of a class or interface. */
function members(source, name) {
  const start = source.search(new RegExp(`^export (?:class|interface) ${name}\\b`, 'm'));
  const body = source.slice(start, source.indexOf('\n}', start));
  const found = [...body.matchAll(/^ {2}(?:readonly )?(\w+|\[Symbol\.\w+\])\??(?:\(|:)/gm)].map(([, member]) => member);
  return [...new Set(found)].filter((member) => member !== 'constructor').sort();
}

const SYMBOLS = new Map([
  [Symbol.asyncDispose, '[Symbol.asyncDispose]'], [Symbol.asyncIterator, '[Symbol.asyncIterator]'],
]);

function actual(type) {
  return Reflect.ownKeys(type.prototype).filter((key) => key !== 'constructor' && key !== 'takeReports')
    .map((key) => SYMBOLS.get(key) ?? key).filter((key) => typeof key === 'string').sort();
}

test('every export is declared, and nothing else is', () => {
  assert.deepEqual(declared(text('index.d.ts', 'errors.d.ts', 'generated/errors.d.ts')), Object.keys(ottla).sort());
  assert.deepEqual(declared(text('testing.d.ts')), Object.keys(testing).sort());
});

test('every member of the clients is declared, and nothing else is', () => {
  const source = text('index.d.ts', 'generated/admin.d.ts');
  assert.deepEqual(members(source, 'Producer'), actual(ottla.Producer));
  assert.deepEqual(members(source, 'Consumer'), actual(ottla.Consumer));
  assert.deepEqual(members(source, 'ConsumerRecord'), actual(ottla.ConsumerRecord));
  const admin = [...members(source, 'Admin'), ...members(source, 'AdminOperations')].sort();
  assert.deepEqual(admin, actual(ottla.Admin));
});

test('import and require give the same', async () => {
  const imported = await import('ottla');
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(ottla).sort());
  for (const [name, value] of Object.entries(ottla)) assert.equal(imported[name], value);
  assert.deepEqual(Object.keys(await import('ottla/testing')).sort(), Object.keys(testing).sort());
});

test('the reference says what the declarations say', () => {
  const { status, stderr } = spawnSync(process.execPath, [path.join(__dirname, '../tools/reference.mjs'), '--check']);
  assert.equal(status, 0, String(stderr));
});
