// Produces or consumes with kafkajs and prints what it cost as one JSON line (bench/README.md).

import { createRequire } from 'node:module'
import { arguments_, recordsABatch, run, Seen } from '../node/harness.mjs'

// The packages are installed below build/, not beside this file.
const { Kafka, logLevel } = createRequire(process.env.OTTLA_BENCH_MODULES + '/')('kafkajs')

const work = arguments_()
const client = () => new Kafka({ clientId: 'bench', brokers: [work.bootstrap], logLevel: logLevel.ERROR })
// kafkajs makes a request of every send, however many messages it has, and an idempotent producer has one in flight.
const inFlight = 5

async function open() {
  const producer = client().producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

async function send(producer, { topic, shape }, value, count) {
  const many = shape === 'each' ? 1 : work.batchBytes ? recordsABatch(work) : 1000
  const outcome = { records: 0, failed: 0 }
  const pending = new Set()
  for (let sent = 0; sent < count; sent += many) {
    const messages = Array.from({ length: Math.min(many, count - sent) }, () => ({ value }))
    const send = producer.send({ topic, acks: -1, messages }).then(
      () => { outcome.records += messages.length },
      () => { outcome.failed += messages.length }
    ).finally(() => pending.delete(send))
    pending.add(send)
    if (pending.size >= inFlight) await Promise.race(pending)
  }
  await Promise.all(pending)
  return outcome
}

let reads = 0
async function read({ topic, shape }, count) {
  const consumer = client().consumer({ groupId: `bench-${process.pid}-${reads++}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const seen = new Seen(work)
  let done
  const all = new Promise(resolve => { done = resolve })
  const take = (partition, message) => {
    if (seen.records >= count) return
    seen.record(partition, Number(message.offset), message.value)
    if (seen.records >= count) done()
  }
  await consumer.run({
    autoCommit: false,
    ...(shape === 'batch'
      ? {
          eachBatch: async ({ batch, resolveOffset }) => {
            for (const message of batch.messages) take(batch.partition, message)
            resolveOffset(batch.lastOffset())
          }
        }
      : { eachMessage: async ({ partition, message }) => take(partition, message) })
  })
  await all
  await consumer.disconnect()
  return seen
}

await run(work, { open, send, close: producer => producer.disconnect(), read })
