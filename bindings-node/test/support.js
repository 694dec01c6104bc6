// What tests share: a broker for the file, clients that are closed behind each test, and waiting for conditions.
'use strict';

const { before, after, afterEach } = require('node:test');
const { useBroker } = require('ottla/testing');
const { Producer, Consumer, Admin } = require('ottla');

const broker = useBroker({ before, after }, { 'auto.create.topics.enable': false });
const clients = [];
let lastTopic = 0;

afterEach(async () => {
  await Promise.allSettled(clients.splice(0).map((client) => client.close({ timeoutMs: 5000 })));
});

function config(options) {
  return { 'bootstrap.servers': broker().bootstrap, ...options };
}

function kept(client) {
  clients.push(client);
  return client;
}

module.exports = {
  broker,
  config,
  producer: (options, own) => kept(new Producer(config({ 'linger.ms': 0, ...options }), own)),
  consumer: (options) => kept(new Consumer(config({ 'auto.offset.reset': 'earliest', ...options }))),
  admin: (options) => kept(new Admin(config(options))),
  async topic(partitions = 1) {
    const name = `topic-${++lastTopic}`;
    await broker().createTopic(name, { partitions });
    return name;
  },
  /** When `condition` gives something true; fails by the deadline. */
  async until(condition, what, timeoutMs = 10_000) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const met = await condition();
      if (met) return met;
      if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
};
