// AbortSignals: one listener of ours on each, however many calls wait for it, so that Node does not take many for a leak.
'use strict';

/** By signal: what to call when it aborts, and the listener that does. */
const waiting = new WeakMap();

/** The signal among a call's options, or `null`; throws its reason when it has aborted already. */
function signalOf(options) {
  const signal = options?.signal ?? null;
  if (signal === null) return null;
  if (typeof signal.addEventListener !== 'function' || typeof signal.aborted !== 'boolean') {
    throw new TypeError('signal must be an AbortSignal');
  }
  if (signal.aborted) throw signal.reason;
  return signal;
}

/** Calls `call` when the signal aborts, unless the function this gives was called before. */
function onAbort(signal, call) {
  let entry = waiting.get(signal);
  if (entry === undefined) {
    const calls = new Set();
    const listener = () => {
      waiting.delete(signal);
      for (const one of calls) one();
    };
    waiting.set(signal, entry = { calls, listener });
    signal.addEventListener('abort', listener, { once: true });
  }
  const { calls, listener } = entry;
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0 || waiting.get(signal) !== entry) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

module.exports = { signalOf, onAbort };
