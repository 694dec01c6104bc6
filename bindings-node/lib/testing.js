// A Kafka broker inside the process of the test.
'use strict';

const { invoke, operate } = require('./native.js');
const { toOptions, milliseconds } = require('./options.js');

const DEFAULT_STOP_MS = 10_000;

class TestBroker {
  #handle;
  #bootstrap;

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

  stop(options = {}) {
    const timeoutMs = milliseconds(options.timeoutMs, DEFAULT_STOP_MS, 'timeoutMs');
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
