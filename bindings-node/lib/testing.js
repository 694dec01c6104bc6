// A Kafka broker inside the process of the test.
'use strict';

const { Admin } = require('./admin.js');
const { closed } = require('./ending.js');
const { own } = require('./errors.js');
const { invoke, operate } = require('./native.js');
const { toOptions, milliseconds } = require('./options.js');
const { signalOf } = require('./signals.js');

const DEFAULT_STOP_MS = 10_000;
const DEFAULT_WAIT_MS = 10_000;
/** How often a broker is asked for what is waited for. */
const LOOK_MS = 5;

class TestBroker {
  #handle;
  #bootstrap;
  /** Made when something is waited for. */
  #admin = null;

  constructor(token, handle) {
    if (token !== made) throw new TypeError('use await TestBroker.start()');
    this.#handle = handle;
    this.#bootstrap = invoke('brokerBootstrap', handle);
  }

  static async start(properties = {}, options = {}) {
    const handle = await operate((id) => invoke('brokerStart', id, toOptions(properties, 'broker')), options);
    return new TestBroker(made, handle);
  }

  get bootstrap() {
    return this.#bootstrap;
  }

  createTopic(name, options = {}) {
    const { partitions = 1, config = {} } = options;
    return operate((id) => {
      if (!Number.isInteger(partitions)) throw new TypeError('partitions must be a whole number');
      invoke('brokerCreateTopic', this.#handle, id, name, partitions, toOptions(config, 'topic'));
    }, options);
  }

  waitForTopic(name, options = {}) {
    const { partitions = 1 } = options;
    return this.#wait(`the topic ${name}`, options, async (admin, call) => {
      const topics = await admin.describeTopics({ topics: [name], ...call }).catch((error) => error.results ?? Promise.reject(error));
      const ready = (topics[0].value?.partitions ?? []).filter(({ leader }) => leader !== null).length;
      return ready >= partitions ? null : `has ${ready} of ${partitions} partitions with a leader`;
    });
  }

  waitForGroup(groupId, state = 'Stable', options = {}) {
    return this.#wait(`the group ${groupId}`, options, async (admin, call) => {
      const groups = await admin.describeConsumerGroups([groupId], call).catch((error) => error.results ?? Promise.reject(error));
      const found = groups[0].value?.state ?? 'unknown';
      return found === state ? null : `is ${found}, not ${state}`;
    });
  }

  /** Looks until `lacks` finds nothing lacking; what it lacked last is told at the deadline. */
  async #wait(what, options, lacks) {
    const timeoutMs = milliseconds(options.timeoutMs, DEFAULT_WAIT_MS, 'timeoutMs');
    const deadline = performance.now() + timeoutMs;
    if (this.#admin === null) {
      this.#admin = new Admin({ 'bootstrap.servers': this.#bootstrap, 'client.id': 'ottla-testing' });
      // It ends with the broker: nobody else has to close it.
      closed(this.#admin);
    }
    for (;;) {
      const signal = signalOf(options);
      const call = { timeoutMs: Math.max(1, deadline - performance.now()), ...(signal ? { signal } : {}) };
      const lack = await lacks(this.#admin, call);
      if (lack === null) return;
      if (performance.now() >= deadline) {
        throw own('TimeoutError', `wait for ${what}`, `it ${lack} after ${timeoutMs} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async stop(options = {}) {
    const timeoutMs = milliseconds(options.timeoutMs, DEFAULT_STOP_MS, 'timeoutMs');
    await this.#admin?.close({ timeoutMs: 0 });
    return operate((id) => invoke('brokerStop', this.#handle, id, timeoutMs));
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

const made = Symbol('made');

/** A broker for the tests of a file: started before them, stopped behind them. */
function useBroker(hooks, properties = {}) {
  let broker = null;
  hooks.before(async () => { broker = await TestBroker.start(properties); });
  hooks.after(async () => { await broker?.stop(); });
  return () => {
    if (broker === null) throw new Error('the broker runs within the tests and their hooks');
    return broker;
  };
}

module.exports = { TestBroker, useBroker };
