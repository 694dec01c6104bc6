// Finds the native library: the development build's, or that of the platform's own npm package. Starts no process.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Platforms there is a package for; npm chooses among them by their `os`, `cpu` and `libc`. */
const PLATFORMS = ['linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl'];
/** How much of an executable is looked at; what names its loader comes right behind the headers. */
const HEAD_BYTES = 4096;
const PT_INTERP = 3;

/**
 * The loader an ELF executable asks for, such as `/lib/ld-musl-x86_64.so.1`; `null` when `head`, its first bytes, has none.
 * Of 64-bit, little-endian files, as every platform in the list has.
 */
function loaderOf(head) {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return null;
  const table = Number(head.readBigUInt64LE(32));
  const size = head.readUInt16LE(54);
  const count = head.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + 56 > head.length) return null;
    if (head.readUInt32LE(at) !== PT_INTERP) continue;
    const start = Number(head.readBigUInt64LE(at + 8));
    const length = Number(head.readBigUInt64LE(at + 32));
    if (start + length > head.length) return null;
    return head.toString('latin1', start, start + length).replace(/\0.*$/s, '');
  }
  return null;
}

/** Whether the C library of the process is musl: the loader of Node itself says so, else Node's own report. */
function isMusl() {
  let loader = null;
  try {
    const file = fs.openSync(process.execPath, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      loader = loaderOf(head.subarray(0, fs.readSync(file, head, 0, HEAD_BYTES, 0)));
    } finally {
      fs.closeSync(file);
    }
  } catch {
    // An executable that cannot be read says nothing; the report knows, too.
  }
  if (loader !== null) return loader.includes('musl');
  // Without its network part, which looks up names.
  const before = process.report.excludeNetwork;
  process.report.excludeNetwork = true;
  try {
    return !process.report.getReport().header.glibcVersionRuntime;
  } finally {
    process.report.excludeNetwork = before;
  }
}

/** The platform of this process, as the packages are named. */
function platform() {
  const libc = process.platform === 'linux' ? (isMusl() ? '-musl' : '-gnu') : '';
  return `${process.platform}-${process.arch}${libc}`;
}

/** `require`d, or `undefined` when there is no such module. */
function found(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND' && error.message.includes(name)) return undefined;
    throw new Error(`ottla: the native library ${name} cannot be loaded: ${error.message}`, { cause: error });
  }
}

/** The native library for `name`, by default this process's platform. */
function load(name = platform()) {
  const given = process.env.OTTLA_NATIVE_LIBRARY;
  const native = given ? found(path.resolve(given)) : found(path.join(__dirname, '../native/ottla.node')) ?? found(`@ottla/${name}`);
  if (native !== undefined) return native;
  if (given) throw new Error(`ottla: there is no native library ${path.resolve(given)} (OTTLA_NATIVE_LIBRARY)`);
  throw new Error(PLATFORMS.includes(name)
    ? `ottla: the package @ottla/${name} with the native library for ${name} is not installed. ` +
      'Install ottla on the platform it will run on (or with npm\'s --os, --cpu and --libc), without --omit=optional; ' +
      `or add it by itself: npm install @ottla/${name}`
    : `ottla: there is no native library for ${name}; there is one for each of ${PLATFORMS.join(', ')}`);
}

module.exports = { load, loaderOf, platform, PLATFORMS };
