// Produces or consumes with Ottla's Node binding and prints what it cost as one JSON line (bench/README.md).
// Shapes of producing: `each` has a promise for every record, `many` one for every array. Of consuming: `record` iterates,
// `batch` polls.

import { Consumer, Producer } from '../../../bindings-node/lib/index.mjs'
import { arguments_, PARTITIONS, recordsABatch, run, Seen } from './harness.mjs'

const work = arguments_()
// Records between two looks at whether there is room for more, which is also when the event loop gets its turn.
const TURN = 1000

async function open({ bootstrap, batchBytes, lingerMs }) {
  return new Producer({
    'bootstrap.servers': bootstrap,
    ...(batchBytes ? { 'batch.size': batchBytes, 'linger.ms': lingerMs } : {})
  })
}

async function send(producer, { topic, shape }, value, count) {
  const outcome = { records: 0, failed: 0 }
  if (shape === 'many') {
    const many = work.batchBytes ? recordsABatch(work) : 1000
    const pending = new Set()
    for (let sent = 0; sent < count; sent += many) {
      const records = Array.from({ length: Math.min(many, count - sent) }, () => ({ topic, value }))
      const all = producer.sendMany(records).then(
        () => { outcome.records += records.length },
        () => { outcome.failed += records.length }
      ).finally(() => pending.delete(all))
      pending.add(all)
      if (pending.size >= 20) await Promise.race(pending)
    }
    await Promise.all(pending)
    return outcome
  }
  const acked = () => { outcome.records += 1 }
  const failed = () => { outcome.failed += 1 }
  for (let sent = 0; sent < count; sent++) {
    producer.send({ topic, value }).then(acked, failed)
    if (sent % TURN === TURN - 1) {
      await producer.ready()
      await new Promise(setImmediate)
    }
  }
  await producer.flush()
  // Every promise is settled by now; those of the last reports run when the loop turns.
  while (outcome.records + outcome.failed < count) await new Promise(setImmediate)
  return outcome
}

async function read({ topic, bootstrap, shape }, count) {
  const consumer = new Consumer({
    'bootstrap.servers': bootstrap,
    'auto.offset.reset': 'earliest',
    'enable.auto.commit': false
  })
  consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))
  const seen = new Seen(work)
  if (shape === 'batch') {
    while (seen.records < count) {
      for (const record of await consumer.poll(10_000)) seen.record(record.partition, Number(record.offset), record.value)
    }
  } else {
    for await (const record of consumer) {
      seen.record(record.partition, Number(record.offset), record.value)
      if (seen.records >= count) break
    }
  }
  await consumer.close()
  return seen
}

await run(work, { open, send, close: producer => producer.close(), read })
