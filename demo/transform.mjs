// Makes invoices of orders: the second stage of the demo (demo/README.md says what it is told and what it reports).
import { parseArgs } from 'node:util'
import { Consumer, Producer } from 'ottla'

const text = { type: 'string' }
const { values: told } = parseArgs({
  options: { bootstrap: text, input: text, group: text, output: text, records: text, 'patience-ms': text },
})
const records = Number(told.records)
const patienceMs = Number(told['patience-ms'] ?? 60_000)

const producer = new Producer({ 'bootstrap.servers': told.bootstrap, 'compression.type': 'lz4', 'batch.size': 65_536 })
const consumer = new Consumer({
  'bootstrap.servers': told.bootstrap,
  'group.id': told.group,
  'auto.offset.reset': 'earliest',
  'enable.auto.commit': false,
  'max.poll.records': 2_000,
})
consumer.subscribe([told.input])

const started = performance.now()
let [seen, bytes, reported, failure] = [0, 0, 0, undefined]

function report(done = false) {
  const seconds = (performance.now() - started) / 1000
  console.log(JSON.stringify({ stage: 'transform', records: seen, bytes, seconds, done }))
}

function invoice({ order_id, customer, sequence, currency, items }) {
  const net_cents = items.reduce((sum, item) => sum + item.quantity * item.price_cents, 0)
  return { order_id, customer, sequence, currency, net_cents, tax_cents: Math.floor((net_cents * 19) / 100) }
}

let lastSeen = started
while (seen < records && !failure) {
  const polled = await consumer.poll(patienceMs)
  // A poll also returns, without records, to tell of a rebalance.
  if (polled.length > 0) lastSeen = performance.now()
  else if (performance.now() - lastSeen >= patienceMs) {
    throw new Error(`nothing came for ${patienceMs} ms; ${seen} of ${records} orders did`)
  }
  for (const { key, value, headers, timestamp } of polled) {
    const made = JSON.stringify(invoice(JSON.parse(value)))
    // The order's headers and its time travel on.
    producer.send({ topic: told.output, key, value: made, headers, timestamp }).catch((error) => (failure ??= error))
    bytes += made.length
  }
  seen += polled.length
  if (seen - reported >= 50_000) {
    reported = seen
    report()
  }
  await producer.ready()
}
// What was read counts as handled once what was made of it is safe.
await producer.flush({ timeoutMs: patienceMs })
if (failure) throw failure
await consumer.commit()
await Promise.all([producer.close(), consumer.close()])
report(true)
