// A proxy in front of the test broker that answers chosen requests with an error code, as a broker in trouble does. Knows of
// Kafka's frames what it needs for that: in the flexible versions of the APIs below, the answer begins with correlation id,
// tagged fields, throttle time, and the error code.
'use strict';

const net = require('node:net');

const API = {
  Fetch: 1, Heartbeat: 12, JoinGroup: 11, SyncGroup: 14, InitProducerId: 22, ConsumerGroupHeartbeat: 68,
};
const ERROR_CODE_AT = 4 + 1 + 4;

/** Calls `frame(bytes)`, which may change them, for every length-prefixed frame of a stream; `to` gets it if that says so. */
function frames(from, to, frame) {
  let rest = Buffer.alloc(0);
  from.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const bytes = Buffer.from(rest.subarray(4, end));
      if (frame(bytes)) to.write(Buffer.concat([rest.subarray(0, 4), bytes]));
      rest = rest.subarray(end);
    }
  });
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
}

/**
 * Starts a proxy for `target()`, a `host:port`. `inject(api, code)` makes every answer to that API an error from here on;
 * `hold()` lets nothing through any more, `swallowAnswers()` only requests; `heal()` ends all that, by dropping the connections.
 */
async function startProxy(target) {
  const injected = new Map();
  const sockets = new Set();
  let held = false;
  let silent = false;
  let dropped = 0;
  const server = net.createServer((client) => {
    const [host, port] = target().split(':');
    const broker = net.connect(Number(port), host);
    const asked = new Map();
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    frames(client, broker, (request) => {
      asked.set(request.readInt32BE(4), request.readInt16BE(0));
      return !held || !++dropped;
    });
    frames(broker, client, (answer) => {
      const correlationId = answer.readInt32BE(0);
      const code = injected.get(asked.get(correlationId));
      asked.delete(correlationId);
      if (code) answer.writeInt16BE(code, ERROR_CODE_AT);
      return !(held || silent) || !++dropped;
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => { for (const socket of sockets) socket.destroy(); };
  return {
    bootstrap: `127.0.0.1:${server.address().port}`,
    inject(api, code) { injected.set(API[api], code); },
    /** Frames that were not let through. */
    get dropped() { return dropped; },
    hold() { held = true; },
    swallowAnswers() { silent = true; },
    heal() {
      if (held || silent) cut();
      held = silent = false;
      injected.clear();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

module.exports = { startProxy };
