// How the native library is found, and what is said when there is none.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { loaderOf, platform, PLATFORMS } = require('../lib/platform.js');

const root = path.join(__dirname, '..');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-platform-'));
const installed = path.join(scratch, 'node_modules/ottla');

// As npm installs it: without the development build's library.
before(() => {
  fs.cpSync(path.join(root, 'lib'), path.join(installed, 'lib'), { recursive: true });
  fs.copyFileSync(path.join(root, 'package.json'), path.join(installed, 'package.json'));
});
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

function program(text, options = {}) {
  return spawnSync(process.execPath, ['-e', text], { cwd: scratch, encoding: 'utf8', ...options });
}

/** The first bytes of an executable with these program headers: `[type, text]`. */
function elf(headers) {
  const head = Buffer.alloc(1024);
  head.writeUInt32BE(0x7f454c46, 0);
  head.set([2, 1, 1], 4);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(headers.length, 56);
  headers.forEach(([type, text], index) => {
    const at = 64 + index * 56;
    const start = 600 + index * 64;
    head.writeUInt32LE(type, at);
    head.writeBigUInt64LE(BigInt(start), at + 8);
    head.writeBigUInt64LE(BigInt(text.length + 1), at + 32);
    head.write(`${text}\0`, start);
  });
  return head;
}

test('the loader of an executable says which C library it is for', () => {
  assert.equal(loaderOf(elf([[6, 'x'], [3, '/lib/ld-musl-aarch64.so.1']])), '/lib/ld-musl-aarch64.so.1');
  assert.equal(loaderOf(elf([[3, '/lib64/ld-linux-x86-64.so.2']])), '/lib64/ld-linux-x86-64.so.2');
  assert.equal(loaderOf(elf([[1, 'x']])), null);
  assert.equal(loaderOf(elf([[3, '/lib/ld.so']]).subarray(0, 100)), null);
  assert.equal(loaderOf(Buffer.from('#!/bin/sh\n')), null);
  assert.equal(loaderOf(Buffer.alloc(0)), null);
});

test('the platform of this process is one of those with a package', () => {
  assert.ok(PLATFORMS.includes(platform()), platform());
  const report = process.report.getReport().header.glibcVersionRuntime;
  assert.equal(platform().endsWith('-gnu'), report !== undefined);
});

test('a platform whose package is missing is named, with what to install', () => {
  const { status, stderr } = program("require('ottla')");
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`Error: ottla: the package @ottla/${platform()} .* is not installed`));
  assert.match(stderr, new RegExp(`npm install @ottla/${platform()}`));
});

test('a platform without a package is told which ones have one', () => {
  const { stderr } = program("require('./node_modules/ottla/lib/platform.js').load('sunos-x64')");
  assert.match(stderr, /no native library for sunos-x64; there is one for each of linux-x64-gnu, linux-x64-musl/);
});

test('a library that is damaged says so, and not that it is missing', () => {
  const folder = path.join(scratch, 'node_modules/@ottla', platform());
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: `@ottla/${platform()}`, main: 'ottla.node' }));
  fs.writeFileSync(path.join(folder, 'ottla.node'), 'no library');
  const { stderr } = program("require('ottla')");
  assert.match(stderr, new RegExp(`the native library @ottla/${platform()} cannot be loaded: .*ottla\\.node`));
});

test('the package of the platform serves, and works with every way of loading it', () => {
  const folder = path.join(scratch, 'node_modules/@ottla', platform());
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: `@ottla/${platform()}`, main: 'ottla.node' }));
  fs.rmSync(path.join(folder, 'ottla.node'), { force: true });
  fs.symlinkSync(path.join(root, 'native/ottla.node'), path.join(folder, 'ottla.node'));
  const text = "const { TestBroker } = require('ottla/testing'); TestBroker.start().then((broker) => broker.stop()).then(() => console.log('ran'))";
  assert.equal(program(text).stdout, 'ran\n');
  fs.writeFileSync(path.join(scratch, 'program.mjs'),
    "import { createRequire } from 'node:module'; import { Producer } from 'ottla';\n" +
    "console.log(Producer === createRequire(import.meta.url)('ottla').Producer);\n");
  assert.equal(execFileSync(process.execPath, ['program.mjs'], { cwd: scratch, encoding: 'utf8' }), 'true\n');
});

test('another library can be named', () => {
  const env = { ...process.env, OTTLA_NATIVE_LIBRARY: path.join(scratch, 'none.node') };
  assert.match(program("require('ottla')", { env }).stderr, /there is no native library .*none\.node \(OTTLA_NATIVE_LIBRARY\)/);
  env.OTTLA_NATIVE_LIBRARY = path.join(root, 'native/ottla.node');
  assert.equal(program("require('ottla'); console.log('ran')", { env }).stdout, 'ran\n');
});

test('nothing runs when the package is installed', () => {
  const { scripts, dependencies } = require('../package.json');
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) assert.equal(scripts[script], undefined);
  assert.equal(dependencies, undefined);
});
