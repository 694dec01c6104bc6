// The consumer: polls give blocks, records are views into them, and what was handed to the application is told to the native
// part before whatever depends on it. Rebalances come with a poll and are told before its records; a revocation is held
// until the next poll, so that its callback may be asynchronous.
'use strict';

const { Readable } = require('node:stream');
const { setTimeout: sleep } = require('node:timers/promises');
const { invoke, operate } = require('./native.js');
const { own } = require('./errors.js');
const { RecordsBlock } = require('./packed.js');
const { toOptions, milliseconds, opened, closed } = require('./options.js');

/** A poll of an iterator: long, as it is given up when the iterator ends. */
const ITERATOR_POLL_MS = 60_000;
const DEFAULT_CLOSE_MS = 30_000;
const CALLBACKS = { assigned: 'onAssigned', revoked: 'onRevoked', lost: 'onLost' };

class Consumer {
  #handle;
  #callbacks = {};
  /** How many records of the last poll the application was given. */
  #given = 0;
  /** Changes with everything that makes the records of the last poll meaningless. */
  #generation = 0;
  #polling = false;
  #closing = null;

  constructor(config) {
    this.#handle = invoke('consumerStart', toOptions(config, 'consumer'));
    opened(this, 'consumer');
  }

  #do(operation, given = null) {
    return JSON.parse(invoke('consumerDo', this.#handle, operation, JSON.stringify(given)));
  }

  #call(operation, given, options) {
    return operate((id) => {
      invoke('consumerCall', this.#handle, id, operation, JSON.stringify(given ?? null));
    }, options?.signal);
  }

  /** Tells what the application was given. */
  #tellSeen() {
    if (this.#given > 0) invoke('consumerSeen', this.#handle, this.#given);
  }

  /** Of what was polled nothing more is handed out. */
  #forget() {
    this.#generation++;
    this.#given = 0;
  }

  #listen(callbacks = {}) {
    for (const name of Object.values(CALLBACKS)) {
      if (callbacks[name] !== undefined && typeof callbacks[name] !== 'function') {
        throw new TypeError(`${name} must be a function`);
      }
    }
    this.#callbacks = callbacks;
  }

  subscribe(topics, callbacks) {
    const list = typeof topics === 'string' ? [topics] : [...topics];
    this.#tellSeen();
    this.#listen(callbacks);
    this.#do('subscribe', list);
    this.#forget();
  }

  subscribePattern(pattern, callbacks) {
    this.#tellSeen();
    this.#listen(callbacks);
    this.#do('subscribePattern', pattern instanceof RegExp ? pattern.source : pattern);
    this.#forget();
  }

  async unsubscribe(options) {
    this.#tellSeen();
    this.#forget();
    await this.#tell(this.#do('givingUp'));
    await this.#call('unsubscribe', null, options);
  }

  assign(partitions) {
    this.#tellSeen();
    this.#do('assign', [...partitions]);
    this.#forget();
  }

  assignment() {
    return this.#do('assignment');
  }

  subscription() {
    return this.#do('subscription');
  }

  async #tell(events) {
    for (const { type, partitions } of events) {
      const callback = this.#callbacks[CALLBACKS[type]];
      if (callback) await callback.call(this, partitions);
    }
  }

  /** The records of one poll, none of them given yet. */
  async #poll(timeoutMs, maxRecords, signal) {
    if (this.#closing !== null) throw own('ClosedError', 'poll', 'the consumer is closed');
    if (this.#polling) {
      throw own('InvalidStateError', 'poll', 'a poll is under way already', {
        hint: 'a consumer has one reader at a time: one loop, or one poll after the other',
      });
    }
    this.#polling = true;
    try {
      this.#tellSeen();
      this.#forget();
      const generation = this.#generation;
      const { block, events } = await this.#wakeable(signal, (id) => {
        invoke('consumerPoll', this.#handle, id, timeoutMs, maxRecords);
      });
      if (events.length > 0) await this.#tell(events);
      signal?.throwIfAborted();
      if (block === undefined || generation !== this.#generation) return [];
      const records = new RecordsBlock(block).records();
      // What an earlier poll left over may be more than this one asks for; the rest is polled again.
      return maxRecords > 0 && records.length > maxRecords ? records.slice(0, maxRecords) : records;
    } finally {
      this.#polling = false;
    }
  }

  /** A poll that a signal wakes up instead of giving it up: it may have a rebalance to tell. */
  async #wakeable(signal, begin) {
    if (signal === undefined || signal === null) return operate(begin);
    if (typeof signal.addEventListener !== 'function') throw new TypeError('signal must be an AbortSignal');
    signal.throwIfAborted();
    const abort = () => this.wakeup();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await operate(begin);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async poll(timeoutMs, options = {}) {
    const timeout = milliseconds(timeoutMs, 0, 'timeoutMs');
    const records = await this.#poll(timeout, count(options.maxRecords, 'maxRecords'), options.signal);
    this.#given = records.length;
    return records;
  }

  async *records(options = {}) {
    const maxRecords = count(options.maxRecords, 'maxRecords');
    while (this.#closing === null) {
      const records = await this.#untilClosed(maxRecords, options.signal);
      const generation = this.#generation;
      for (let index = 0; index < records.length; index++) {
        // A seek, a pause or a rebalance in the loop: what is left here is polled again, where it still counts.
        if (generation !== this.#generation || this.#closing !== null) break;
        if (options.signal?.aborted) throw options.signal.reason;
        this.#given = index + 1;
        yield records[index];
      }
    }
  }

  [Symbol.asyncIterator]() {
    return this.records();
  }

  /** A poll of an iterator, which a close ends without an error. */
  async #untilClosed(maxRecords, signal) {
    try {
      return await this.#poll(ITERATOR_POLL_MS, maxRecords, signal);
    } catch (error) {
      if (this.#closing !== null && error.kind === 'closed') return [];
      throw error;
    }
  }

  async *batches(options = {}) {
    const maxRecords = count(options.maxRecords, 'maxRecords');
    const maxWaitMs = milliseconds(options.maxWaitMs, 0, 'maxWaitMs');
    const step = Math.min(Math.max(maxWaitMs / 8, 1), 50);
    while (this.#closing === null) {
      let records = await this.#untilClosed(maxRecords, options.signal);
      const deadline = performance.now() + maxWaitMs;
      // Nothing was given of what came so far: the next poll begins with the same records, and has more.
      while (records.length > 0 && (maxRecords === 0 || records.length < maxRecords) && performance.now() < deadline) {
        await sleep(Math.min(step, deadline - performance.now()), undefined, { signal: options.signal })
          .catch(() => { throw options.signal.reason; });
        if (this.#closing !== null) return;
        records = await this.#untilClosed(maxRecords, options.signal);
      }
      if (records.length === 0) continue;
      this.#given = records.length;
      yield records;
    }
  }

  stream(options = {}) {
    const { highWaterMark = 16, ...rest } = options;
    return Readable.from(this.records(rest), { objectMode: true, highWaterMark });
  }

  wakeup() {
    invoke('consumerWakeup', this.#handle);
  }

  async commit(offsets, options) {
    this.#tellSeen();
    return this.#call('commit', offsets === undefined || offsets === null ? null : list(offsets).map(wholeOffset), options);
  }

  committed(partitions, options) {
    return this.#call('committed', list(partitions), options);
  }

  position(partition) {
    this.#tellSeen();
    return this.#do('position', partition);
  }

  lag(partition) {
    this.#tellSeen();
    return this.#do('lag', partition);
  }

  seek(position) {
    this.#tellSeen();
    this.#do('seek', wholeOffset(position));
    this.#forget();
  }

  seekToBeginning(partitions = []) {
    this.#tellSeen();
    this.#do('seekToBeginning', list(partitions));
    this.#forget();
  }

  seekToEnd(partitions = []) {
    this.#tellSeen();
    this.#do('seekToEnd', list(partitions));
    this.#forget();
  }

  pause(partitions) {
    this.#tellSeen();
    this.#do('pause', list(partitions));
    this.#forget();
  }

  resume(partitions) {
    this.#do('resume', list(partitions));
  }

  paused() {
    return this.#do('paused');
  }

  beginningOffsets(partitions, options) {
    return this.#call('beginningOffsets', list(partitions), options);
  }

  endOffsets(partitions, options) {
    return this.#call('endOffsets', list(partitions), options);
  }

  offsetsForTimes(times, options) {
    return this.#call('offsetsForTimes', list(times).map((time) => ({ ...time, timestamp: +time.timestamp })), options);
  }

  groupMetadata() {
    return this.#do('groupMetadata');
  }

  close(options = {}) {
    this.#closing ??= this.#close(milliseconds(options.timeoutMs, DEFAULT_CLOSE_MS, 'timeoutMs'), options.remain === true);
    return this.#closing;
  }

  async #close(timeoutMs, remain) {
    closed(this);
    // So that the iterators see that it closes before they go on.
    await undefined;
    this.#tellSeen();
    this.#generation++;
    this.wakeup();
    const started = performance.now();
    let failed = null;
    try {
      await within(timeoutMs, this.#tell(this.#do('givingUp')));
    } catch (error) {
      failed = error;
    }
    const left = Math.max(0, timeoutMs - (performance.now() - started));
    await this.#call(remain ? 'closeAndRemain' : 'close', left);
    if (failed) throw failed;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/** The promise's outcome, or an error when it takes longer. */
function within(timeoutMs, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(reject, Math.min(timeoutMs, 2 ** 31 - 1),
      own('TimeoutError', 'close the consumer', 'the rebalance callback did not return before the close had to'));
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function list(items) {
  return Array.isArray(items) ? items : typeof items?.[Symbol.iterator] === 'function' ? [...items] : [items];
}

function count(value, name) {
  if (value === undefined || value === null) return 0;
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`${name} must be a positive whole number`);
  return value;
}

function wholeOffset(position) {
  if (typeof position?.offset === 'bigint') return { ...position, offset: String(position.offset) };
  return position;
}

module.exports = { Consumer };
