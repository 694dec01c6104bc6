// The encoder and decoders against the vectors every language is tested with.
'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { Packer, RecordsBlock, readReports } = require('../lib/packed.js');
const vectors = require(path.join(__dirname, '../../client-core/tests/vectors/packed.json'));

const bytes = (hex) => (hex === null || hex === undefined ? null : Buffer.from(hex, 'hex'));
const hex = (buffer) => (buffer === null ? null : buffer.toString('hex'));
const buffer = (text) => new Uint8Array(Buffer.from(text, 'hex')).buffer;

test('records are packed to the bytes of the vectors', () => {
  const packer = new Packer(65_536);
  for (const record of vectors.produce.records) {
    const headers = record.headers.map(([key, value]) => [bytes(key).toString(), bytes(value)]);
    packer.add(record.topic, record.partition ?? -1, record.timestamp_ms ?? -1, bytes(record.key), bytes(record.value),
      headers, Number(record.tag));
  }
  const { bytes: block, length, count } = packer.finish();
  assert.equal(count, vectors.produce.records.length);
  assert.equal(block.toString('hex', 0, length), vectors.produce.block);
});

test('records are read from the bytes of the vectors', () => {
  const records = new RecordsBlock(buffer(vectors.records.block)).records();
  const plain = records.map((record) => ({
    topic: record.topic, partition: record.partition, leader_epoch: record.leaderEpoch,
    timestamp_type: record.timestampType, offset: record.offset, timestamp_ms: record.timestamp,
    key: hex(record.key), value: hex(record.value),
    headers: record.headers.map(({ key, value }) => [Buffer.from(key).toString('hex'), hex(value)]),
  }));
  assert.ok(plain.length > 0);
  assert.deepEqual(plain, vectors.records.records);
});

test('reports are read from the bytes of the vectors', () => {
  const reports = new Map();
  let last = 0;
  readReports(buffer(vectors.reports.block), (partition, error, base, time, tag, index, count) => {
    reports.set(++last, { partition, error, base, time, tag, index, count });
  });
  const wanted = vectors.reports.reports.flatMap((report) => report.runs.map(([tag, index, count]) => ({
    partition: report.partition, error: report.error ?? -1, base: report.base_offset ?? -1,
    time: report.log_append_time_ms ?? -1,
    tag, index, count,
  })));
  assert.deepEqual([...reports.values()], wanted);
});
