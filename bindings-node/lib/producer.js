// The producer: promises are made here and kept by number; records are packed and handed over a block at a time, at the
// end of the tick or when the block is full.
'use strict';

const { invoke, operate, hold, release, register, unregister } = require('./native.js');
const { signalOf, onAbort } = require('./signals.js');
const { fromNative, own } = require('./errors.js');
const { Packer, readReports, toBytes, toHeaders } = require('./packed.js');
const { toOptions, milliseconds } = require('./options.js');
const { inexact } = require('./numbers.js');
const { opened, closed, busy } = require('./ending.js');
const { writableOf } = require('./streams.js');

/** A block is handed over at this size at the latest. */
const BLOCK_BYTES = 64 * 1024;
/** What may wait here, by default, for room in `buffer.memory`. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
const DEFAULT_CLOSE_MS = 30_000;
const DEFAULT_FLUSH_MS = 120_000;
const SEND = 'send records';

const MAX_PARTITION = 2 ** 31 - 1;
const MAX_TIMER_MS = 2 ** 31 - 1;

class Producer {
  #handle;
  #number;
  #packer = new Packer(BLOCK_BYTES);
  #scheduled = false;
  /** Blocks that wait for room, in order; the first is under way. */
  #waiting = [];
  #queuedBytes = 0;
  #maxQueuedBytes;
  /** Gives up waiting for blocks that are handed over: they go on without. */
  #abandon = new AbortController();
  /** Who waits for room, and who waits until everything was handed over. */
  #ready = new Set();
  #handedOn = new Set();
  #topics = new Map();
  #nextTag = 1;
  /** By tag. */
  #pending = new Map();
  #closing = null;
  /** Records that found no room before the close had to be over. */
  #givenUp = 0;

  constructor(config, options = {}) {
    const settings = toOptions(config, 'producer');
    this.#maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
    if (!(this.#maxQueuedBytes > 0)) throw new TypeError('maxQueuedBytes must be a positive number');
    this.#number = register(this);
    try {
      this.#handle = invoke('producerStart', settings, this.#number);
    } catch (error) {
      unregister(this.#number);
      throw error;
    }
    opened(this, 'producer');
  }

  send(record, options) {
    return new Promise((resolve, reject) => {
      const signal = options === undefined ? null : signalOf(options);
      const tag = this.#add(record, resolve, reject);
      if (signal) this.#abandonOn(signal, tag);
    });
  }

  async sendMany(records, options) {
    const promises = [];
    let told = 0;
    try {
      for (const record of records) {
        if (this.#isCrowded()) {
          // While this waits, nobody else has the promises yet: their failures are told at the end.
          for (; told < promises.length; told++) promises[told].catch(() => {});
          await this.ready(options);
        }
        promises.push(this.send(record, options));
      }
    } catch (error) {
      for (; told < promises.length; told++) promises[told].catch(() => {});
      throw error;
    }
    return Promise.all(promises);
  }

  /** The record stays where it is: only the waiting is given up. */
  #abandonOn(signal, tag) {
    const promise = this.#pending.get(tag);
    if (promise === undefined) return;
    const { resolve, reject } = promise;
    const off = onAbort(signal, () => reject(signal.reason));
    promise.resolve = (metadata) => { off(); resolve(metadata); };
    promise.reject = (error) => { off(); reject(error); };
  }

  #add(record, resolve, reject) {
    if (this.#closing !== null) throw own('ClosedError', SEND, 'the producer is closed');
    if (record === null || typeof record !== 'object') throw new TypeError('a record must be an object');
    const { topic } = record;
    if (typeof topic !== 'string' || topic === '') throw new TypeError('a record must name its topic');
    const partition = record.partition ?? -1;
    if (partition !== -1 && !(Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION)) {
      throw new TypeError('partition must be a whole number from 0');
    }
    const given = record.timestamp ?? Date.now();
    const timestamp = given instanceof Date ? given.getTime() : given;
    if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
      throw new TypeError('timestamp must be a Date or milliseconds since the Unix epoch');
    }
    const key = toBytes(record.key, 'key');
    const value = toBytes(record.value, 'value');
    const headers = toHeaders(record.headers);
    if (this.#queuedBytes >= this.#maxQueuedBytes) {
      throw own('QueueFullError', SEND, `${this.#queuedBytes} bytes wait here already`, {
        retriable: true,
        hint: 'await producer.ready() before sending more, or raise maxQueuedBytes',
      });
    }
    const tag = this.#nextTag++;
    const bytes = this.#packer.add(this.#topicNumber(topic), partition, timestamp, key, value, headers, tag);
    this.#queuedBytes += bytes;
    this.#pending.set(tag, { resolve, reject, topic, timestamp });
    if (this.#pending.size === 1) busy.add(this);
    hold();
    if (this.#packer.full) this.#handOver();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#handOver();
      });
    }
    return tag;
  }

  #topicNumber(topic) {
    let number = this.#topics.get(topic);
    if (number === undefined) this.#topics.set(topic, number = invoke('producerTopic', this.#handle, topic));
    return number;
  }

  /** Gives the block to the native part, or puts it behind those that wait for room. */
  #handOver() {
    if (this.#packer.count === 0) return;
    const block = this.#packer.finish();
    if (this.#waiting.length === 0) {
      let taken;
      try {
        taken = invoke('producerSend', this.#handle, block.bytes, block.length);
      } catch (error) {
        this.#packer.reset();
        return this.#fail(block, error);
      }
      if (taken === block.count) {
        this.#queuedBytes -= block.length - 8;
        this.#packer.reuse();
        return this.#tellReady();
      }
      block.skip = taken;
    } else {
      block.skip = 0;
    }
    this.#packer.reset();
    block.since = performance.now();
    this.#waiting.push(block);
    if (this.#waiting.length === 1) this.#handOverWaiting();
  }

  #handOverWaiting() {
    const block = this.#waiting[0];
    const done = (error) => {
      this.#waiting.shift();
      if (error) this.#fail(block, error);
      else this.#queuedBytes -= block.length - 8;
      this.#tellReady();
      if (this.#waiting.length > 0) this.#handOverWaiting();
    };
    const options = { signal: this.#abandon.signal };
    operate((id) => {
      const waited = performance.now() - block.since;
      invoke('producerSendWaiting', this.#handle, id, block.bytes, block.length, block.skip, waited);
    }, options).then(() => done(null), done);
  }

  /** None of the block's records got anywhere. */
  #fail(block, error) {
    this.#queuedBytes -= block.length - 8;
    const view = new DataView(block.bytes.buffer, block.bytes.byteOffset, block.length);
    for (let at = 8, index = 0; index < block.count; index++, at += view.getUint32(at, true)) {
      if (index < (block.skip ?? 0)) continue;
      const tag = view.getInt32(at + 28, true) * 4294967296 + view.getUint32(at + 24, true);
      const promise = this.#settle(tag);
      if (promise) promise.reject(error);
    }
  }

  #settle(tag) {
    const promise = this.#pending.get(tag);
    if (promise !== undefined) {
      this.#pending.delete(tag);
      if (this.#pending.size === 0) busy.delete(this);
      release();
    }
    return promise;
  }

  /** Called when there are reports. */
  takeReports() {
    const [block, told] = invoke('producerReports', this.#handle);
    const errors = told === undefined ? [] : JSON.parse(told).map(fromNative);
    readReports(block, (partition, error, base, time, firstTag, firstIndex, count) => {
      for (let index = 0; index < count; index++) {
        const promise = this.#settle(firstTag + index);
        if (promise === undefined) continue;
        if (error >= 0) {
          if (errors[error].kind === 'closed') this.#givenUp++;
          promise.reject(errors[error]);
          continue;
        }
        const offset = base < 0 ? null : base + firstIndex + index;
        if (offset > Number.MAX_SAFE_INTEGER) {
          promise.reject(inexact(`about ${offset}`, 'the offset of a record that was sent'));
          continue;
        }
        promise.resolve({
          topic: promise.topic, partition, offset, timestamp: time < 0 ? promise.timestamp : time,
        });
      }
    });
  }

  #isCrowded() {
    return this.#queuedBytes > this.#maxQueuedBytes / 2;
  }

  #tellReady() {
    if (this.#ready.size > 0 && !this.#isCrowded()) {
      for (const waiter of this.#ready) waiter.resolve();
      this.#ready.clear();
    }
    for (const look of this.#handedOn) look();
  }

  ready(options) {
    return new Promise((resolve, reject) => {
      const signal = signalOf(options);
      if (this.#closing !== null) throw own('ClosedError', 'wait for room', 'the producer is closed');
      if (!this.#isCrowded()) return resolve();
      const waiter = { resolve, reject };
      this.#ready.add(waiter);
      if (!signal) return;
      const off = onAbort(signal, () => {
        this.#ready.delete(waiter);
        reject(signal.reason);
      });
      waiter.resolve = () => { off(); resolve(); };
      waiter.reject = (error) => { off(); reject(error); };
    });
  }

  /** When the blocks that wait now were handed over, or the time is over; gives what is left of it. */
  async #handedOver(timeoutMs, signal = null) {
    this.#handOver();
    const last = this.#waiting.at(-1);
    if (last === undefined) return timeoutMs;
    const started = performance.now();
    const ends = [];
    try {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, Math.min(timeoutMs, MAX_TIMER_MS));
        const look = () => { if (!this.#waiting.includes(last)) resolve(); };
        this.#handedOn.add(look);
        ends.push(() => { clearTimeout(timer); this.#handedOn.delete(look); });
        if (signal) ends.push(onAbort(signal, () => reject(signal.reason)));
      });
    } finally {
      for (const end of ends) end();
    }
    return Math.max(0, timeoutMs - (performance.now() - started));
  }

  async flush(options = {}) {
    const timeoutMs = milliseconds(options.timeoutMs, DEFAULT_FLUSH_MS, 'timeoutMs');
    if (this.#closing !== null) throw own('ClosedError', 'flush', 'the producer is closed');
    const left = await this.#handedOver(timeoutMs, signalOf(options));
    return operate((id) => invoke('producerCall', this.#handle, id, 'flush', String(left)), options);
  }

  partitionsFor(topic, options = {}) {
    return operate((id) => {
      if (typeof topic !== 'string') throw new TypeError('topic must be a string');
      invoke('producerCall', this.#handle, id, 'partitionsFor', JSON.stringify(topic));
    }, options);
  }

  metrics() {
    return JSON.parse(invoke('producerMetrics', this.#handle));
  }

  get pendingCount() {
    return this.#pending.size;
  }

  stream(options = {}) {
    return writableOf(this, options, () => this.#isCrowded());
  }

  close(options = {}) {
    this.#closing ??= this.#close(milliseconds(options.timeoutMs, DEFAULT_CLOSE_MS, 'timeoutMs'));
    return this.#closing;
  }

  async #close(timeoutMs) {
    closed(this);
    let failed = null;
    try {
      const left = await this.#handedOver(timeoutMs);
      await operate((id) => invoke('producerCall', this.#handle, id, 'close', String(left)));
    } catch (error) {
      failed = error;
    }
    try {
      // What has no fate by the deadline is told by reports that are there already, or never.
      this.takeReports();
    } finally {
      this.#giveUp();
    }
    if (failed !== null) throw failed;
    if (this.#givenUp > 0) {
      throw own('TimeoutError', 'close the producer', `${this.#givenUp} records were given up`, {
        hint: 'their promises carry the errors; give close a longer timeout',
      });
    }
  }

  /** Nothing is waited for any more. */
  #giveUp() {
    this.#givenUp += this.#pending.size;
    const unsent = own('NotSentError', 'close the producer', 'there was no room for the record by the deadline');
    for (const block of this.#waiting.splice(1)) this.#fail(block, unsent);
    this.#abandon.abort(unsent);
    const late = own('TimeoutError', 'close the producer', 'the record has no fate by the deadline', {
      outcomeUnknown: true,
    });
    for (const tag of [...this.#pending.keys()]) this.#settle(tag).reject(late);
    const gone = own('ClosedError', 'wait for room', 'the producer is closed');
    for (const waiter of this.#ready) waiter.reject(gone);
    this.#ready.clear();
    unregister(this.#number);
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

module.exports = { Producer };
