// Blocks in which records cross to and from the native part: client-core/src/packed defines them, version 1.
'use strict';

const { inexact } = require('./numbers.js');

const VERSION = 1;
const HEAD_BYTES = 8;
const RECORD_HEAD_BYTES = 40;
const TWO_32 = 4294967296;

/** From here on the high half makes numbers beyond 2^53 - 1, which may be rounded. */
const INEXACT_HIGH = 2 ** 21;

function readI64(view, at) {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

/** Never a rounded one: what a number cannot hold is an error. */
function readExact(view, at, what) {
  const high = view.getInt32(at + 4, true);
  if (high >= INEXACT_HIGH || high < -INEXACT_HIGH) throw inexact(view.getBigInt64(at, true), what);
  return high * TWO_32 + view.getUint32(at, true);
}

function writeI64(view, at, value) {
  view.setUint32(at, value >>> 0, true);
  view.setInt32(at + 4, Math.floor(value / TWO_32), true);
}

/** A key, value or header value as bytes; text becomes UTF-8. */
function toBytes(value, what) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`${what} must be a string, a Buffer or Uint8Array, or null`);
}

/** `[name, value]` pairs in order, from an object, a Map, or pairs. A value may be an array: a header for each. */
function toHeaders(headers) {
  if (headers === null || headers === undefined) return [];
  let entries;
  if (Array.isArray(headers)) {
    entries = headers.map((item) => (Array.isArray(item) ? item : [item.key, item.value]));
  } else if (headers instanceof Map) {
    entries = [...headers];
  } else if (typeof headers === 'object') {
    entries = Object.entries(headers);
  } else {
    throw new TypeError('headers must be an object, a Map, or an array of [key, value]');
  }
  const list = [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string') throw new TypeError('a header key must be a string');
    for (const one of Array.isArray(value) ? value : [value]) list.push([key, toBytes(one, `the header ${key}`)]);
  }
  return list;
}

/** The most bytes it can take. */
function bound(bytes) {
  return bytes === null ? 0 : typeof bytes === 'string' ? bytes.length * 3 : bytes.byteLength;
}

/** Packs records to send into one block after another. */
class Packer {
  constructor(blockBytes) {
    this.blockBytes = blockBytes;
    this.reset();
  }

  reset() {
    this.bytes = null;
    this.length = HEAD_BYTES;
    this.count = 0;
  }

  reserve(more) {
    const needed = this.length + more;
    if (this.bytes !== null && needed <= this.bytes.length) return;
    // allocUnsafeSlow: of its own, as the block may have to be kept while the next one is filled.
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes === null ? 1024 : this.bytes.length * 2));
    if (this.bytes !== null) this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }

  put(bytes, at) {
    if (typeof bytes === 'string') return this.bytes.write(bytes, at, 'utf8');
    this.bytes.set(bytes, at);
    return bytes.length;
  }

  /** Adds a record; arguments are checked by the caller. */
  add(topic, partition, timestamp, key, value, headers, tag) {
    let most = RECORD_HEAD_BYTES + bound(key) + bound(value) + 8;
    for (const [name, bytes] of headers) most += 8 + name.length * 3 + bound(bytes);
    this.reserve(most);
    const start = this.length;
    const { view } = this;
    let at = start + RECORD_HEAD_BYTES;
    let keyLength = -1;
    if (key !== null) at += keyLength = this.put(key, at);
    let valueLength = -1;
    if (value !== null) at += valueLength = this.put(value, at);
    for (const [name, bytes] of headers) {
      const nameLength = this.put(name, at + 8);
      view.setInt32(at, nameLength, true);
      let length = -1;
      if (bytes !== null) length = this.put(bytes, at + 8 + nameLength);
      view.setInt32(at + 4, length, true);
      at += 8 + nameLength + Math.max(length, 0);
    }
    const end = (at + 7) & ~7;
    this.bytes.fill(0, at, end);
    view.setUint32(start, end - start, true);
    view.setUint32(start + 4, topic, true);
    view.setInt32(start + 8, partition, true);
    view.setInt32(start + 12, keyLength, true);
    writeI64(view, start + 16, timestamp);
    writeI64(view, start + 24, tag);
    view.setInt32(start + 32, valueLength, true);
    view.setUint32(start + 36, headers.length, true);
    this.length = end;
    this.count++;
    return end - start;
  }

  get full() {
    return this.length >= this.blockBytes;
  }

  /** The block so far, finished: `{bytes, length, count}`. It may be filled again once `reset` or `reuse` was called. */
  finish() {
    this.view.setUint32(0, VERSION, true);
    this.view.setUint32(4, this.count, true);
    return { bytes: this.bytes, length: this.length, count: this.count };
  }

  /** Starts the next block in the same memory. */
  reuse() {
    if (this.bytes !== null && this.bytes.length > this.blockBytes * 4) return this.reset();
    this.length = HEAD_BYTES;
    this.count = 0;
  }
}

/** Calls `each(partition, errorIndex, baseOffset, logAppendTime, firstTag, firstIndex, count)` for every run of tags. */
function readReports(block, each) {
  const view = new DataView(block);
  if (view.getUint32(0, true) !== VERSION) throw new Error('a block of reports is not of version 1');
  const reports = view.getUint32(4, true);
  let at = 8;
  for (let report = 0; report < reports; report++) {
    const partition = view.getInt32(at, true);
    const error = view.getInt32(at + 4, true);
    const base = readI64(view, at + 8);
    const time = readI64(view, at + 16);
    const runs = view.getUint32(at + 24, true);
    at += 32;
    for (let run = 0; run < runs; run++, at += 16) {
      each(partition, error, base, time, readI64(view, at), view.getUint32(at + 8, true), view.getUint32(at + 12, true));
    }
  }
}

const NO_HEADERS = Object.freeze([]);

/** A record as read from its partition: a light view; key, value and headers are made when they are touched. */
class ConsumerRecord {
  #block;
  #batch;
  #at;

  constructor(block, batch, at) {
    this.#block = block;
    this.#batch = batch;
    this.#at = at;
  }

  get topic() { return this.#batch.topic; }
  get partition() { return this.#batch.partition; }
  get offset() { return readExact(this.#block.view, this.#at, 'the offset of a record'); }
  get timestamp() { return readExact(this.#block.view, this.#at + 8, 'the timestamp of a record'); }
  get offsetBigInt() { return this.#block.view.getBigInt64(this.#at, true); }
  get timestampBigInt() { return this.#block.view.getBigInt64(this.#at + 8, true); }
  get timestampType() { return this.#batch.timestampType; }
  get leaderEpoch() { return this.#batch.leaderEpoch; }
  get key() { return this.#block.field(this.#at + 16); }
  get value() { return this.#block.field(this.#at + 24); }

  get headers() {
    const { view } = this.#block;
    const count = view.getUint32(this.#at + 36, true);
    if (count === 0) return NO_HEADERS;
    const headers = [];
    let at = view.getUint32(this.#at + 32, true);
    for (let index = 0; index < count; index++) {
      const keyLength = view.getInt32(at, true);
      const valueLength = view.getInt32(at + 4, true);
      const key = this.#block.bytes.toString('utf8', at + 8, at + 8 + keyLength);
      at += 8 + keyLength;
      const value = valueLength < 0 ? null : this.#block.bytes.subarray(at, at + valueLength);
      at += Math.max(valueLength, 0);
      headers.push({ key, value });
    }
    return headers;
  }

  /** Bytes of key, value and headers. */
  get size() {
    const { view } = this.#block;
    let size = Math.max(view.getInt32(this.#at + 20, true), 0) + Math.max(view.getInt32(this.#at + 28, true), 0);
    let at = view.getUint32(this.#at + 32, true);
    for (let left = view.getUint32(this.#at + 36, true); left > 0; left--) {
      const bytes = view.getInt32(at, true) + Math.max(view.getInt32(at + 4, true), 0);
      size += bytes;
      at += 8 + bytes;
    }
    return size;
  }

  /** The last header of that key: its value, or `undefined` when there is none. */
  header(key) {
    return this.headers.findLast((header) => header.key === key)?.value;
  }

  toJSON() {
    const { topic, partition, offset, timestamp, timestampType, leaderEpoch, key, value, headers } = this;
    return { topic, partition, offset, timestamp, timestampType, leaderEpoch, key, value, headers };
  }

  [Symbol.for('nodejs.util.inspect.custom')](_depth, options, inspect) {
    const { topic, partition, offsetBigInt, timestampBigInt, key, value, headers } = this;
    const shown = { topic, partition, offset: Number(offsetBigInt), timestamp: Number(timestampBigInt), key, value, headers };
    return `ConsumerRecord ${inspect(shown, options)}`;
  }
}

/** A block of records that were polled. */
class RecordsBlock {
  constructor(buffer) {
    this.bytes = Buffer.from(buffer);
    const view = this.view = new DataView(buffer);
    if (view.getUint32(0, true) !== VERSION) throw new Error('a block of records is not of version 1');
    const batches = view.getUint32(4, true);
    this.count = view.getUint32(8, true);
    this.batches = [];
    for (let index = 0, at = 16; index < batches; index++, at += 32) {
      const topicAt = view.getUint32(at + 16, true);
      const epoch = view.getInt32(at + 12, true);
      this.batches.push({
        first: view.getUint32(at, true),
        count: view.getUint32(at + 4, true),
        partition: view.getInt32(at + 8, true),
        leaderEpoch: epoch < 0 ? null : epoch,
        topic: this.bytes.toString('utf8', topicAt, topicAt + view.getUint32(at + 20, true)),
        timestampType: view.getUint32(at + 24, true) === 1 ? 'log_append' : 'create',
      });
    }
    this.recordsAt = 16 + batches * 32;
  }

  field(at) {
    const length = this.view.getInt32(at + 4, true);
    if (length < 0) return null;
    const start = this.view.getUint32(at, true);
    return this.bytes.subarray(start, start + length);
  }

  /** The records in order. */
  records() {
    const records = new Array(this.count);
    for (const batch of this.batches) {
      for (let index = batch.first; index < batch.first + batch.count; index++) {
        records[index] = new ConsumerRecord(this, batch, this.recordsAt + index * 40);
      }
    }
    return records;
  }
}

module.exports = { Packer, RecordsBlock, ConsumerRecord, readReports, toBytes, toHeaders };
