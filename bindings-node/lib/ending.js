// What is said when the process (or the worker) ends and something was left open or under way: a process that ends by
// itself has delivered everything, one that is made to end may lose records.
'use strict';

const fs = require('node:fs');

/** Clients that were not closed, by a weak reference, with what they are. */
const open = new Map();
const references = new WeakMap();
const collected = new FinalizationRegistry((reference) => open.delete(reference));
/** Producers with records under way: whoever awaits a record need not hold its producer. */
const busy = new Set();
let watching = false;

/** Remembers that a client was opened, to say so when the process ends without it having been closed. */
function opened(client, what) {
  const reference = new WeakRef(client);
  references.set(client, reference);
  open.set(reference, what);
  collected.register(client, reference);
  if (watching) return;
  watching = true;
  process.once('beforeExit', warnOfOpen);
  process.once('exit', warnOfLost);
}

function closed(client) {
  const reference = references.get(client);
  if (reference) open.delete(reference);
}

function warnOfOpen() {
  const left = [...open].filter(([reference]) => reference.deref() !== undefined).map(([, name]) => name);
  if (left.length === 0) return;
  process.emitWarning(`${left.length} not closed before the process ends: ${left.join(', ')}`, {
    type: 'OttlaWarning', code: 'OTTLA_NOT_CLOSED',
    detail: 'await client.close() (or use `await using`) delivers, commits and leaves the group.',
  });
}

function warnOfLost() {
  let lost = 0;
  for (const producer of busy) lost += producer.pendingCount;
  if (lost === 0 || process.env.NODE_NO_WARNINGS === '1' || process.execArgv.includes('--no-warnings')) return;
  // A warning as Node words them, at once: nothing that is scheduled runs any more.
  fs.writeSync(2, `(node:${process.pid}) [OTTLA_RECORDS_LOST] OttlaWarning: the process exits before ${lost} ` +
    `record${lost === 1 ? '' : 's'} had an outcome; they may be lost\nawait producer.close() before process.exit().\n`);
}

module.exports = { opened, closed, busy };
