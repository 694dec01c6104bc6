// Checks a broker through kafkajs: peer.mjs BOOTSTRAP CHECK.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'

const require = createRequire(import.meta.url)
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs')
const zstd = require('@bokuweb/zstd-wasm')
const lz4 = require('lz4js')

const [bootstrap, check] = process.argv.slice(2)
const PATIENCE_MS = 60_000

CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
/** An LZ4 frame of blocks of 64 KB; the frames lz4js makes itself are none that Java accepts. */
function lz4Frame(bytes) {
  const BLOCK_BYTES = 65536
  // Magic, version 1 with independent blocks, blocks of 64 KB, checksum of the two.
  const parts = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])]
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const block = bytes.subarray(from, from + BLOCK_BYTES)
    const out = lz4.makeBuffer(lz4.compressBound(block.length))
    const size = lz4.compressBlock(block, out, 0, block.length, new Uint32Array(65536))
    const packed = size > 0 && size < block.length
    const length = Buffer.alloc(4)
    length.writeUInt32LE(packed ? size : (block.length | 0x80000000) >>> 0)
    parts.push(length, packed ? Buffer.from(out.slice(0, size)) : block)
  }
  return Buffer.concat([...parts, Buffer.alloc(4)])
}
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4Frame(encoder.buffer),
  decompress: async buffer => Buffer.from(lz4.decompress(buffer)),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(zstd.decompress(buffer)),
})

const kafka = new Kafka({ clientId: 'peer', brokers: [bootstrap], logLevel: logLevel.NOTHING })

const unique = name => `kafkajs-${name}-${randomBytes(4).toString('hex')}`

async function withAdmin(use) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function create(topic, numPartitions) {
  await withAdmin(admin => admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }))
  return topic
}

async function produce(topic, messages, options = {}) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    for (let from = 0; from < messages.length; from += 500) {
      await producer.send({ topic, messages: messages.slice(from, from + 500), acks: -1, ...options })
    }
  } finally {
    await producer.disconnect()
  }
}

/** A member of a group that keeps what it reads and knows what it owns. */
async function join(topic, groupId, options = {}) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 500, maxWaitTimeInMs: 200, ...options })
  const member = { consumer, found: [], owned: [], failure: null }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { member.owned = payload.memberAssignment[topic] ?? [] })
  consumer.on(consumer.events.CRASH, ({ payload }) => { if (!payload.restart) member.failure = payload.error })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  return member
}

const run = (member, options = {}) => member.consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => { member.found.push({ partition, ...message }) },
  ...options,
})

async function until(what, condition, members = []) {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    for (const member of members) if (member.failure) throw member.failure
    assert(Date.now() < deadline, `not in time: ${what()}`)
    await pause(20)
  }
}

async function readAll(topic, count, options = {}) {
  const member = await join(topic, unique('reader'), options)
  await run(member)
  await until(() => `${member.found.length} of ${count} records`, () => member.found.length >= count, [member])
  await member.consumer.disconnect()
  assert.equal(member.found.length, count)
  return member.found
}

const checks = {
  async codecs() {
    await zstd.init()
    for (const [name, compression] of Object.entries({ none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 })) {
      const topic = await create(unique(name), 3)
      const now = Date.now()
      const sent = Array.from({ length: 1500 }, (_, n) => ({
        partition: n % 3,
        key: n % 7 === 0 ? null : `key-${n}`,
        value: n % 11 === 0 ? null : `value ${n} `.repeat(n % 50 + 1),
        timestamp: String(now + n),
        headers: n % 5 === 0 ? { n: [String(n), 'again'], one: '1' } : {},
      }))
      await produce(topic, sent, { compression })
      const found = await readAll(topic, sent.length)
      for (const partition of [0, 1, 2]) {
        const expected = sent.filter(message => message.partition === partition)
        const got = found.filter(message => message.partition === partition)
        assert.deepEqual(got.map(message => Number(message.offset)), expected.map((_, index) => index))
        got.forEach((message, index) => {
          const { key, value, timestamp, headers } = expected[index]
          const text = bytes => Array.isArray(bytes) ? bytes.map(text) : bytes?.toString() ?? null
          const read = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, text(value)]))
          assert.deepEqual({ key: text(message.key), value: text(message.value), timestamp: message.timestamp, headers: read }, { key, value, timestamp, headers })
        })
      }
      console.log(`${name}: ${found.length} records read as sent`)
    }
  },

  async classic_group() {
    const [topic, group] = [await create(unique('group'), 4), unique('group')]
    await produce(topic, Array.from({ length: 400 }, (_, n) => ({ partition: n % 4, value: String(n) })))
    const members = [await join(topic, group), await join(topic, group)]
    for (const member of members) await run(member)
    const seen = () => new Set(members.flatMap(member => member.found.map(({ value }) => value.toString()))).size
    const state = () => `${seen()} records, members own ${JSON.stringify(members.map(member => member.owned))}`
    await until(state, () => seen() === 400 && members.every(member => member.owned.length === 2), members)
    assert.deepEqual(members.flatMap(member => member.owned).sort(), [0, 1, 2, 3])
    for (const member of members) {
      await member.consumer.commitOffsets(member.owned.map(partition => ({ topic, partition, offset: '60', metadata: 'sixty' })))
    }
    console.log(state())
    await members[1].consumer.disconnect()
    await until(state, () => members[0].owned.length === 4, members)
    await members[0].consumer.disconnect()
    const [committed] = await withAdmin(admin => admin.fetchOffsets({ groupId: group, topics: [topic] }))
    const offsets = committed.partitions.map(({ offset, metadata }) => [offset, metadata])
    assert.deepEqual(offsets, Array(4).fill(['60', 'sixty']))
    const resumed = await join(topic, group)
    await run(resumed)
    await until(() => `${resumed.found.length} of 160 records`, () => resumed.found.length >= 160, [resumed])
    await resumed.consumer.disconnect()
    assert.equal(resumed.found.length, 160)
    assert(resumed.found.every(({ offset }) => Number(offset) >= 60))
    console.log('a new member resumed at the committed offsets')
  },

  async admin() {
    await withAdmin(async admin => {
      const topic = unique('admin')
      const configEntries = [{ name: 'retention.ms', value: '600000' }]
      assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] }), true)
      assert.equal(await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }), false)
      await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
      const { topics: [described] } = await admin.fetchTopicMetadata({ topics: [topic] })
      assert.equal(described.partitions.length, 5)
      const resource = { type: 2, name: topic }
      const value = async name => {
        const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: true })
        return resources[0].configEntries.find(({ configName }) => configName === name)?.configValue
      }
      assert.equal(await value('retention.ms'), '600000')
      await admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '700000' }] }] })
      assert.equal(await value('retention.ms'), '700000')
      const bad = [{ name: 'retention.ms', value: 'soon' }]
      await assert.rejects(admin.alterConfigs({ resources: [{ ...resource, configEntries: bad }] }))

      await produce(topic, Array.from({ length: 50 }, (_, n) => ({ partition: 0, value: String(n) })))
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '20' }] })
      const offsets = await admin.fetchTopicOffsets(topic)
      const { low, high } = offsets.find(({ partition }) => partition === 0)
      assert.deepEqual([low, high], ['20', '50'])

      const groupId = unique('admin')
      const member = await join(topic, groupId)
      await run(member, { autoCommit: true, autoCommitThreshold: 1 })
      await until(() => `${member.found.length} of 30 records`, () => member.found.length >= 30, [member])
      const { groups: [group] } = await admin.describeGroups([groupId])
      assert.equal(group.state, 'Stable')
      assert.equal(group.members.length, 1)
      await member.consumer.disconnect()
      assert((await admin.listGroups()).groups.some(listed => listed.groupId === groupId))
      const committed = async () => {
        const [of] = await admin.fetchOffsets({ groupId, topics: [topic] })
        return of.partitions.find(({ partition }) => partition === 0).offset
      }
      assert.equal(await committed(), '50')
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '25' }] })
      assert.equal(await committed(), '25')
      await admin.deleteGroups([groupId])
      const cluster = await admin.describeCluster()
      assert.equal(cluster.brokers.length, 1)
      assert(cluster.clusterId)
      await admin.deleteTopics({ topics: [topic] })
      await until(() => 'the topic is still there', async () => !(await admin.listTopics()).includes(topic))
    })
    console.log('topics, partitions, configs, records, offsets and groups administered')
  },

  async large_batches() {
    const topic = await create(unique('large'), 1)
    const sizes = [1, 900_000, 10, 500_000, 999_000, 3]
    const sent = Array.from({ length: 24 }, (_, n) => ({ partition: 0, key: String(n), value: Buffer.alloc(sizes[n % 6], n) }))
    // kafkajs makes one batch of a send.
    for (const message of sent) await produce(topic, [message])
    const found = await readAll(topic, sent.length, { maxBytesPerPartition: 1000, maxBytes: 1_000_000 })
    found.forEach((message, index) => {
      assert.equal(message.key.toString(), sent[index].key)
      assert(message.value.equals(sent[index].value), `record ${index} is not the one sent`)
    })
    const large = [{ partition: 0, value: Buffer.alloc(2_000_000) }]
    await assert.rejects(produce(topic, large), { type: 'MESSAGE_TOO_LARGE' })
    console.log('records of up to a megabyte read as sent, 2 MB refused')
  },

  async seek_by_timestamp() {
    const topic = await create(unique('times'), 2)
    const start = Date.now() - 1_000_000
    const sent = Array.from({ length: 1000 }, (_, n) => ({ partition: n % 2, value: String(n), timestamp: String(start + n * 1000) }))
    await produce(topic, sent, { compression: CompressionTypes.GZIP })
    await withAdmin(async admin => {
      for (const second of [0, 1, 250, 998]) {
        const found = await admin.fetchTopicOffsetsByTimestamp(topic, start + second * 1000)
        for (const { partition, offset } of found) {
          assert.equal(Number(offset), Math.floor((second - partition + 1) / 2), `second ${second}, partition ${partition}`)
        }
        const member = await join(topic, unique('times'))
        await run(member)
        for (const { partition, offset } of found) member.consumer.seek({ topic, partition, offset })
        const wanted = sent.slice(second).length
        const values = () => new Set(member.found.map(({ value }) => Number(value.toString())))
        await until(() => `${values().size} of ${wanted} records`, () => values().size >= wanted, [member])
        await member.consumer.disconnect()
        for (let n = second; n < 1000; n++) assert(values().has(n), `record ${n} is missing`)
      }
    })
    console.log('offsets by time lead to the right records')
  },
}

assert(checks[check], `no check is called ${check}`)
await checks[check]()
console.log('ok')
