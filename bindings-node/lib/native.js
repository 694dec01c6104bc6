// The native part, and the one way into it: operations by number, one wake-up for everything that is ready, and the event
// loop held open exactly as long as something is under way. Knows nothing of what the operations do.
'use strict';

const { fromNative } = require('./errors.js');
const { load } = require('./platform.js');
const { signalOf, onAbort } = require('./signals.js');

const native = load();

/** Sorts of outcomes; see `show` in src/module.rs. */
const NOTHING = 0, JSON_TEXT = 1, RECORDS = 2, HANDLE = 3, FAILED = 4;

/** Operations under way, by number. */
const waiting = new Map();
/** Who takes a producer's reports, by the producer's number. */
const reporters = new Map();
let lastId = 0;
let lastProducer = 0;
let holds = 0;
let onLog = null;

native.install(onWake);

/** Called on this thread when something is ready. */
function onWake() {
  const [done, reporting] = native.take();
  let failed = null;
  // What throws is the logger of the application, or a defect: nothing else waits longer for it.
  const attempt = (run) => {
    try {
      run();
    } catch (error) {
      failed ??= { error };
    }
  };
  for (const number of reporting) {
    const taker = reporters.get(number)?.deref();
    if (taker) attempt(() => taker.takeReports());
  }
  for (let at = 0; at < done.length; at += 3) {
    const operation = waiting.get(done[at]);
    if (operation === undefined) continue;
    waiting.delete(done[at]);
    release();
    attempt(() => settle(operation, done[at + 1], done[at + 2]));
  }
  if (onLog) attempt(onLog);
  if (failed !== null) throw failed.error;
}

function settle({ resolve, reject, end, from }, sort, payload) {
  if (end) end();
  switch (sort) {
    case NOTHING: return resolve(undefined);
    case JSON_TEXT: return resolve(JSON.parse(payload));
    case RECORDS:
      return resolve({ block: payload[0], events: payload[1] === undefined ? [] : JSON.parse(payload[1]) });
    case HANDLE: return resolve(payload);
    case FAILED: {
      const error = fromNative(JSON.parse(payload));
      const frames = from.stack.indexOf('\n');
      error.stack = `${error.name}: ${error.message}${frames < 0 ? '' : from.stack.slice(frames)}`;
      return reject(error);
    }
  }
}

/** From here on the event loop stays alive, until as many calls of `release`. */
function hold() {
  if (holds++ === 0) native.hold(true);
}

function release() {
  if (--holds === 0) native.hold(false);
}

/** Calls a function of the native part; what it throws is a `KafkaError`. */
function invoke(name, ...args) {
  try {
    return native[name](...args);
  } catch (error) {
    if (error.code !== 'OTTLA') throw error;
    const told = fromNative(JSON.parse(error.message));
    Error.captureStackTrace(told, invoke);
    throw told;
  }
}

/**
 * Starts an operation: `begin(id)` calls the native part. Its promise settles when the operation is done, or with the
 * reason of the options' signal when that aborts first; the operation is given up then.
 */
function operate(begin, options) {
  return new Promise((resolve, reject) => {
    const signal = signalOf(options);
    do { lastId = (lastId + 1) >>> 0; } while (waiting.has(lastId));
    const id = lastId;
    const operation = { resolve, reject, end: null, from: {} };
    // Where the call was made says more than where its outcome came in.
    Error.captureStackTrace(operation.from, operate);
    if (signal) {
      operation.end = onAbort(signal, () => {
        if (!waiting.delete(id)) return;
        release();
        native.cancel(id);
        reject(signal.reason);
      });
    }
    waiting.set(id, operation);
    hold();
    try {
      begin(id);
    } catch (error) {
      waiting.delete(id);
      release();
      if (operation.end) operation.end();
      reject(error);
    }
  });
}

/** Producers that nobody closed and nobody has any more. */
const forgotten = new FinalizationRegistry(unregister);

/** A number for a producer whose `takeReports` is called when there are some. Kept weakly. */
function register(producer) {
  reporters.set(++lastProducer, new WeakRef(producer));
  forgotten.register(producer, lastProducer, producer);
  return lastProducer;
}

function unregister(number) {
  reporters.delete(number);
}

function setOnLog(listener) {
  onLog = listener;
}

module.exports = { native, invoke, operate, hold, release, register, unregister, setOnLog };
