// Streams of records, with the back-pressure of node:stream.
'use strict';

const { Readable, Writable } = require('node:stream');

/** Sends what is written, slowly where `isCrowded`; fails with the first record that does, ends when all are acknowledged. */
function writableOf(producer, options, isCrowded) {
  const outstanding = new Set();
  let failed = null;
  const put = (chunk) => {
    const promise = producer.send(options.topic ? { topic: options.topic, ...asRecord(chunk) } : chunk)
      .catch((error) => {
        failed ??= error;
        stream.destroy(error);
      })
      .finally(() => outstanding.delete(promise));
    outstanding.add(promise);
  };
  const putAll = async (chunks) => {
    for (const { chunk } of chunks) {
      if (isCrowded()) await producer.ready();
      if (failed !== null) return;
      put(chunk);
    }
    await producer.ready();
  };
  const stream = new Writable({
    objectMode: true,
    highWaterMark: options.highWaterMark ?? 1000,
    write: (chunk, _encoding, done) => { putAll([{ chunk }]).then(() => done(failed), done); },
    writev: (chunks, done) => { putAll(chunks).then(() => done(failed), done); },
    final: (done) => { Promise.all(outstanding).then(() => done(failed), done); },
  });
  return stream;
}

function asRecord(chunk) {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? { value: chunk } : chunk;
}

/** Reads records ahead by `highWaterMark`; ends with the consumer's close. */
function readableOf(consumer, options) {
  const { highWaterMark = 16, signal, ...rest } = options;
  const ending = new AbortController();
  const records = consumer.records({ ...rest, signal: ending.signal });
  let reading = false;
  const read = async () => {
    reading = true;
    try {
      for (let more = true; more;) {
        const { value, done } = await records.next();
        if (stream.destroyed) return;
        more = stream.push(done ? null : value) && !done;
      }
    } catch (error) {
      stream.destroy(error);
    } finally {
      reading = false;
    }
  };
  const stream = new Readable({
    objectMode: true, highWaterMark, signal,
    read: () => { if (!reading) read(); },
    destroy: (error, done) => {
      // Wakes up the poll under way.
      ending.abort();
      records.return().then(() => done(error), () => done(error));
    },
  });
  return stream;
}

module.exports = { writableOf, readableOf };
