// Produces or consumes with @platformatic/kafka and prints what it cost as one JSON line (bench/README.md).

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { once } from 'node:events'
import { arguments_, PARTITIONS, recordsABatch, run, Seen } from '../node/harness.mjs'

// The packages are installed below build/, not beside this file.
const found = createRequire(process.env.OTTLA_BENCH_MODULES + '/').resolve('@platformatic/kafka')
const { Consumer, MessagesStreamModes, Producer } = await import(pathToFileURL(found))

const work = arguments_()
const base = { clientId: 'bench', bootstrapBrokers: [work.bootstrap] }

async function open() {
  return new Producer({ ...base, idempotent: true, acks: -1 })
}

/** `stream`: record by record into its stream, which batches and tells the fate of each; `many`: arrays, one send at a time. */
async function send(producer, { topic, shape }, value, count) {
  const batch = work.batchBytes ? recordsABatch(work) : undefined
  const outcome = { records: 0, failed: 0 }
  if (shape === 'many') {
    const many = batch ?? 1000
    for (let sent = 0; sent < count; sent += many) {
      const messages = Array.from({ length: Math.min(many, count - sent) }, () => ({ topic, value }))
      try {
        await producer.send({ messages })
        outcome.records += messages.length
      } catch {
        outcome.failed += messages.length
      }
    }
    return outcome
  }
  const settings = batch ? { batchSize: batch, batchTime: work.lingerMs, highWaterMark: 4 * batch } : { highWaterMark: 4096 }
  const stream = producer.asStream({ reportMode: 'message', ...settings })
  stream.on('delivery-report', () => { outcome.records += 1 })
  for (let sent = 0; sent < count; sent++) {
    if (!stream.write({ topic, value })) await once(stream, 'drain')
  }
  await stream.close()
  outcome.failed = count - outcome.records
  return outcome
}

async function read({ topic }, count) {
  const consumer = new Consumer({ ...base, groupId: `bench-${process.pid}-${Math.random()}` })
  const offsets = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0n }))
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.MANUAL, offsets, autocommit: false })
  const seen = new Seen(work)
  for await (const message of stream) {
    seen.record(message.partition, Number(message.offset), message.value)
    if (seen.records >= count) break
  }
  await consumer.close(true)
  return seen
}

await run(work, { open, send, close: producer => producer.close(true), read })
