// The consumer: polls give blocks, records are views into them, and what was handed to the application is told to the native
// part before whatever depends on it. Rebalances come with a poll and are told before its records; a revocation is held
// until the next poll, so that its callback may be asynchronous.
'use strict';

const { invoke, operate } = require('./native.js');
const { own } = require('./errors.js');
const { RecordsBlock } = require('./packed.js');
const { toOptions, milliseconds } = require('./options.js');
const { exact, time } = require('./numbers.js');
const { signalOf, onAbort } = require('./signals.js');
const { opened, closed } = require('./ending.js');
const { readableOf } = require('./streams.js');
const { list, wholeOffset, exactly } = require('./positions.js');

/** A poll of an iterator: long, as it is given up when the iterator ends. */
const ITERATOR_POLL_MS = 60_000;
/** A loop that takes its time for a record, and more for a poll's, says this often what it has done: so it counts as alive. */
const TELL_MS = 200;
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
  /** A signal woke up a poll that may have been over already: the next one may come back too early. */
  #strayWakeup = false;
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
    }, options);
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
    signalOf(options);
    this.#tellSeen();
    this.#forget();
    // What a callback throws keeps nobody in the group.
    try {
      await this.#tell(this.#do('givingUp'));
    } finally {
      await this.#call('unsubscribe', null, options);
    }
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
      // From here on: what this callback throws does not have it told again, but those behind it.
      invoke('consumerTold', this.#handle);
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
      const { block, events } = await this.#wakeable(timeoutMs, maxRecords, signal);
      if (events.length > 0) await this.#tell(events);
      signal?.throwIfAborted();
      if (block === undefined || generation !== this.#generation) return [];
      return new RecordsBlock(block).records();
    } finally {
      this.#polling = false;
    }
  }

  /** A poll that a signal wakes up instead of giving it up: it may have a rebalance to tell. */
  async #wakeable(timeoutMs, maxRecords, signal) {
    const deadline = performance.now() + timeoutMs;
    const off = signal ? onAbort(signal, () => {
      this.#strayWakeup = true;
      invoke('consumerWakeup', this.#handle);
    }) : null;
    try {
      for (let left = timeoutMs; ; left = Math.max(0, deadline - performance.now())) {
        const stray = this.#strayWakeup;
        const polled = await operate((id) => invoke('consumerPoll', this.#handle, id, left, maxRecords));
        if (!stray || polled.block !== undefined || polled.events.length > 0) return polled;
        // Woken up for a signal of a poll before this one, or its time is over.
        this.#strayWakeup = false;
        if (this.#closing !== null || signal?.aborted || performance.now() >= deadline) return polled;
      }
    } finally {
      off?.();
    }
  }

  async poll(timeoutMs, options = {}) {
    const timeout = milliseconds(timeoutMs, 0, 'timeoutMs');
    const records = await this.#poll(timeout, count(options.maxRecords, 'maxRecords'), signalOf(options));
    this.#given = records.length;
    return records;
  }

  async *records(options = {}) {
    const maxRecords = count(options.maxRecords, 'maxRecords');
    const signal = signalOf(options);
    while (this.#closing === null) {
      const records = await this.#untilClosed(maxRecords, signal);
      const generation = this.#generation;
      let told = performance.now();
      for (let index = 0; index < records.length; index++) {
        // A seek, a pause or a rebalance in the loop: what is left here is polled again, where it still counts.
        if (generation !== this.#generation || this.#closing !== null) break;
        signal?.throwIfAborted();
        if (performance.now() - told > TELL_MS) {
          // Asking for this record says that those before it are done.
          this.#tellSeen();
          told = performance.now();
        }
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
    const maxBytes = count(options.maxBytes, 'maxBytes');
    const maxWaitMs = milliseconds(options.maxWaitMs, 0, 'maxWaitMs');
    const signal = signalOf(options);
    const step = Math.min(Math.max(maxWaitMs / 8, 1), 50);
    while (this.#closing === null) {
      let deadline = null;
      for (;;) {
        const records = await this.#untilClosed(maxRecords, signal);
        deadline ??= performance.now() + maxWaitMs;
        const batch = maxBytes > 0 ? ofBytes(records, maxBytes) : records;
        const full = batch.length < records.length || (maxRecords > 0 && batch.length >= maxRecords);
        if (batch.length > 0 && (full || performance.now() >= deadline)) {
          this.#given = batch.length;
          yield batch;
          break;
        }
        if (batch.length === 0 || this.#closing !== null) break;
        // Nothing was given of what came so far: the next poll begins with the same records, and has more.
        await pause(Math.min(step, deadline - performance.now()), signal);
      }
    }
  }

  stream(options = {}) {
    return readableOf(this, options);
  }

  wakeup() {
    this.#strayWakeup = false;
    invoke('consumerWakeup', this.#handle);
  }

  async commit(offsets, options) {
    this.#tellSeen();
    return this.#call('commit', offsets === undefined || offsets === null ? null : list(offsets).map(wholeOffset), options);
  }

  async committed(partitions, options) {
    return (await this.#call('committed', list(partitions), options)).map(exactly);
  }

  position(partition) {
    this.#tellSeen();
    return exact(this.#do('position', partition), 'the position');
  }

  lag(partition) {
    this.#tellSeen();
    return exact(this.#do('lag', partition), 'the lag');
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

  async beginningOffsets(partitions, options) {
    return (await this.#call('beginningOffsets', list(partitions), options)).map(exactly);
  }

  async endOffsets(partitions, options) {
    return (await this.#call('endOffsets', list(partitions), options)).map(exactly);
  }

  async offsetsForTimes(times, options) {
    const asked = list(times).map((item) => ({ ...item, timestamp: time(item.timestamp) }));
    return (await this.#call('offsetsForTimes', asked, options)).map(exactly);
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
    const started = performance.now();
    let failed = null;
    try {
      this.#tellSeen();
      this.#generation++;
      this.wakeup();
      await within(timeoutMs, this.#tell(this.#do('givingUp')));
    } catch (error) {
      failed = { error };
    }
    const left = Math.max(0, timeoutMs - (performance.now() - started));
    await this.#call(remain ? 'closeAndRemain' : 'close', left);
    if (failed !== null) throw failed.error;
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

function count(value, name) {
  if (value === undefined || value === null) return 0;
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`${name} must be a positive whole number`);
  return value;
}

/** The first records that are so many bytes together; one at least. */
function ofBytes(records, maxBytes) {
  let bytes = 0;
  const end = records.findIndex((record, index) => (bytes += record.size) > maxBytes && index > 0);
  return end < 0 ? records : records.slice(0, end);
}

/** Throws the signal's reason when it aborts meanwhile. */
async function pause(milliseconds, signal) {
  let off = null;
  let timer;
  await new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
    if (signal) off = onAbort(signal, resolve);
  });
  clearTimeout(timer);
  off?.();
  signal?.throwIfAborted();
}

module.exports = { Consumer };
