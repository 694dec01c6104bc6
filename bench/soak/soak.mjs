// The soak of the Node.js binding (bench/soak/README.md says what it is told, does and reports).
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Consumer, Producer, RecordTooLargeError, TimeoutError, UnknownTopicOrPartitionError } from 'ottla'

const PARTITIONS = 3
const TICK_MS = 50
const CLOSE = { timeoutMs: 30_000 }
const PATIENCE_MS = 60_000
const TOO_LARGE = Buffer.alloc(2_000_000, 'x') // Larger than max.request.size.

const text = { type: 'string' }
const { values: told } = parseArgs({ options: { bootstrap: text, topic: text, seconds: text, rate: text } })
const perTick = Math.trunc((Number(told.rate) * TICK_MS) / 1000)
const cluster = { 'bootstrap.servers': told.bootstrap }
const side = `${told.topic}-side`

const counts = {
  sent: 0, acknowledged: 0, failed: 0, read: 0, doubled: 0, lost: 0, out_of_order: 0, handovers: 0, clients: 0, refused: 0,
  cancelled: 0, dropped: 0, unexpected: 0,
}
const acknowledgedTo = Array(PARTITIONS).fill(0)
const readTo = Array(PARTITIONS).fill(0)
const lastNumber = Array(PARTITIONS).fill(-1)

const report = (done = false) => console.log(JSON.stringify({ ...counts, done }))

// A member of the group; both count into the same places.
function member() {
  counts.clients++
  const consumer = new Consumer({
    ...cluster, 'group.id': told.topic, 'auto.offset.reset': 'earliest', 'enable.auto.commit': false,
  })
  consumer.subscribe(told.topic, {
    async onRevoked(partitions) {
      counts.handovers += partitions.length
      await this.commit()
    },
  })
  return consumer
}

const producer = new Producer({ ...cluster, 'linger.ms': 5 })
const consumer = member()
let second

function appended({ partition, offset }) {
  counts.acknowledged++
  acknowledgedTo[partition] = Math.max(acknowledgedTo[partition], offset + 1)
}

function send(count) {
  for (let index = 0; index < count; index++) {
    const number = String(counts.sent++)
    const record = { topic: told.topic, key: `key-${number % 97}`, value: number.padEnd(100, '.'), headers: { number } }
    producer.send(record).then(appended, () => counts.failed++)
  }
}

function note(record) {
  counts.read++
  const { partition, offset } = record
  if (offset < readTo[partition]) {
    counts.doubled++
    return
  }
  counts.lost += offset - readTo[partition]
  readTo[partition] = offset + 1
  const number = parseInt(record.value, 10)
  if (number <= lastNumber[partition] || String(record.header('number')) !== String(number)) counts.out_of_order++
  lastNumber[partition] = number
}

async function read(from, timeoutMs) {
  const records = await from.poll(timeoutMs)
  records.forEach(note)
  return records.length
}

async function expectRefused(kinds, call) {
  try {
    await call()
    counts.unexpected++
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error
    counts.refused++
  }
}

async function shortLived() {
  const sender = new Producer(cluster)
  await sender.send({ topic: side, partition: 0, value: 'short-lived' })
  await sender.close(CLOSE)
  const reader = new Consumer({ ...cluster, 'auto.offset.reset': 'earliest' })
  reader.assign([{ topic: side, partition: 0 }])
  await reader.poll(PATIENCE_MS, { maxRecords: 10 })
  await reader.close(CLOSE)
  const admin = new Admin(cluster)
  if (!(told.topic in (await admin.listTopics()))) counts.unexpected++
  await admin.close(CLOSE)
  counts.clients += 3
}

async function refused() {
  await expectRefused([RecordTooLargeError], () => producer.send({ topic: told.topic, value: TOO_LARGE }))
  const sender = new Producer({ ...cluster, 'max.block.ms': 200 })
  // The latter on a machine so busy that metadata takes longer than max.block.ms.
  await expectRefused([UnknownTopicOrPartitionError, TimeoutError], () =>
    sender.send({ topic: told.topic, value: '', partition: PARTITIONS + 96 }),
  )
  await sender.close(CLOSE)
  counts.clients++
  // A poll that is given up loses no record: whatever it had found comes with the next one.
  const aborting = new AbortController()
  const poll = consumer.poll(PATIENCE_MS, { signal: aborting.signal }).then(
    (records) => records.forEach(note),
    (error) => {
      if (error.name !== 'AbortError') throw error
      counts.cancelled++
    },
  )
  aborting.abort()
  await poll
}

// Clients that nobody closes; records under way are delivered all the same.
async function dropped() {
  const sender = new Producer(cluster)
  await sender.send({ topic: side, partition: 0, value: 'dropped' })
  const reader = new Consumer(cluster)
  reader.assign([{ topic: side, partition: 0 }])
  await reader.poll(0)
  counts.dropped += 2
}

async function changeMembers() {
  if (second === undefined) {
    second = member()
    return
  }
  await second.commit()
  await second.close(CLOSE)
  second = undefined
}

async function tick(number) {
  const ends = performance.now() + TICK_MS
  send(perTick)
  if (number % 20 === 5) await shortLived()
  if (number % 40 === 15) await refused()
  if (number % 60 === 25) await dropped()
  if (number % 100 === 35) await changeMembers()
  const members = second === undefined ? [consumer] : [consumer, second]
  const left = Math.max(ends - performance.now(), 2)
  for (const from of members) await read(from, Math.trunc(left / members.length))
  if (number % 10 === 0) for (const from of members) await from.commit()
  await sleep(Math.max(ends - performance.now(), 0))
}

const missing = () => acknowledgedTo.reduce((sum, to, partition) => sum + Math.max(to - readTo[partition], 0), 0)

async function finish() {
  await producer.flush({ timeoutMs: PATIENCE_MS })
  if (second !== undefined) await changeMembers()
  let patience = performance.now() + PATIENCE_MS
  while (performance.now() < patience && missing() > 0) {
    if ((await read(consumer, 500)) > 0) patience = performance.now() + PATIENCE_MS
  }
  counts.lost += missing()
  await consumer.commit()
  await consumer.close(CLOSE)
  await producer.close(CLOSE)
}

let stopped = false
process.once('SIGTERM', () => (stopped = true))
const end = performance.now() + Number(told.seconds) * 1000
for (let number = 1; performance.now() < end && !stopped; number++) {
  await tick(number)
  if (number % 60 === 0) report()
}
await finish()
report(true)
