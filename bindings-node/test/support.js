// What tests share: a broker for the file, clients that are closed behind each test, and waiting for conditions.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
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

/**
 * Runs a program in a process of its own, with `ottla`, `config`, `topic` and `sleep` at hand; gives its exit code, signal, and
 * what it wrote. `started(child)` may talk to it meanwhile.
 */
function runProgram(name, program, { args = [], started = () => {}, timeoutMs = 30_000, env = process.env } = {}) {
  const text = `
    const ottla = require('ottla');
    const { setTimeout: sleep } = require('node:timers/promises');
    const config = { 'bootstrap.servers': ${JSON.stringify(broker().bootstrap)} };
    const topic = ${JSON.stringify(name)};
    (async () => { ${program} })();`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', ...args, '-e', text], {
      cwd: path.join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'], env,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, err });
    });
    started(child);
  });
}

module.exports = {
  broker,
  runProgram,
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
