// The conformance driver for Ottla's Node package: reads commands from standard input, one JSON object a line. It uses the
// package's public API only. The protocol: conformance/PROTOCOL.md.
'use strict';

const readline = require('node:readline');
const { name, version } = require('../package.json');
const { OwnFault, faultJson } = require('./fault.js');
const producer = require('./producer.js');
const consumer = require('./consumer.js');
const admin = require('./admin.js');

const FEATURES = [
  'compression.gzip', 'compression.snappy', 'compression.lz4', 'compression.zstd',
  'assignor.range', 'assignor.roundrobin', 'assignor.sticky', 'assignor.cooperative-sticky',
  'group.static', 'partitioner.murmur2', 'consumer.pattern',
];
const AREAS = { producer, consumer, admin };
/** What is left before the deadline when a client's own timeout should have fired, so that its error is the one told. */
const MARGIN_MS = 50;

/** One client and the end of the commands that were given to it: they are done one after the other. */
const handles = new Map();

function answer(id, outcome) {
  process.stdout.write(`${JSON.stringify({ id, ...outcome })}\n`);
}

function hello(command) {
  const operations = Object.entries(AREAS)
    .flatMap(([area, { operations: own }]) => Object.keys(own).map((operation) => `${area}.${operation}`));
  answer(command.id, {
    ok: { driver: 'node', client: name, version, protocol: 1, capabilities: [...operations, ...FEATURES] },
  });
}

function accept(command) {
  if (command.op === 'hello') return hello(command);
  const [area, operation] = command.op.split('.');
  const perform = AREAS[area]?.operations[operation];
  if (!perform) throw new OwnFault('UNSUPPORTED', command.op);
  if (operation === 'create') {
    if (handles.has(command.handle)) throw new OwnFault('ILLEGAL_STATE', `handle ${command.handle} exists`);
    handles.set(command.handle, { state: {}, last: Promise.resolve() });
  }
  const handle = handles.get(command.handle);
  if (!handle) throw new OwnFault('ILLEGAL_STATE', `no handle ${command.handle}`);
  if (operation === 'close') handles.delete(command.handle);
  if (command.op === 'consumer.wakeup') {
    // Does not wait for its turn: what it ends is under way.
    perform(handle.state);
    return answer(command.id, { ok: {} });
  }
  handle.last = handle.last.then(() => execute(command, perform, handle.state, operation));
}

/** Ends when the next command of the handle may begin. */
async function execute(command, perform, state, operation) {
  if (operation !== 'create' && state.client === undefined) {
    return answer(command.id, { error: faultJson(new OwnFault('ILLEGAL_STATE', 'there is no such client')) });
  }
  command.patience = Math.max(0, command.deadline_ms - MARGIN_MS);
  let answered = false;
  const once = (outcome) => {
    if (!answered) answer(command.id, outcome);
    answered = true;
  };
  const timer = setTimeout(
    once, command.deadline_ms, { error: faultJson(new OwnFault('TIMEOUT', 'deadline passed')) });
  const work = (async () => {
    // An operation that has handed over, and answers later, gives `{later}`.
    const result = await perform(state, command);
    return result ?? {};
  })();
  const settle = (promise) => promise.then(
    (ok) => once({ ok }), (error) => once({ error: faultJson(error) })).finally(() => clearTimeout(timer));
  const deadline = new Promise((resolve) => setTimeout(resolve, command.deadline_ms).unref());
  const result = await Promise.race([work.catch(() => null), deadline]);
  if (result?.later) settle(result.later);
  else settle(work);
}

const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', (line) => {
  let command = null;
  try {
    command = JSON.parse(line);
    accept(command);
  } catch (error) {
    if (command?.id === undefined) process.stderr.write(`no command: ${error.message}\n`);
    else answer(command.id, { error: faultJson(error) });
  }
});
// Whoever told us what to do is gone: no client is worth a graceful end.
lines.on('close', () => process.exit(0));
