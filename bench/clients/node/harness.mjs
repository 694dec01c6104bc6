// What the Node programs share: arguments, the clock, the check of what a consumer saw, the line of JSON (bench/README.md).

export const PARTITIONS = 6

export function arguments_() {
  const [verb, ...rest] = process.argv.slice(2)
  const flags = {}
  for (let at = 0; at + 1 < rest.length; at += 2) flags[rest[at].slice(2)] = rest[at + 1]
  const number = (name, otherwise) => (name in flags ? Number(flags[name]) : otherwise)
  return {
    verb,
    bootstrap: flags.bootstrap ?? '127.0.0.1:9092',
    topic: flags.topic ?? 'bench',
    records: number('records', 100_000),
    warmup: number('warmup', 10_000),
    recordBytes: number('record-bytes', 100),
    batchBytes: number('batch-bytes'),
    lingerMs: number('linger-ms'),
    shape: flags.shape
  }
}

export function payload(size) {
  return Buffer.from(Array.from({ length: size }, (_, index) => 97 + (index % 26)))
}

/** How many records of this size, over all partitions, make a batch of this many bytes in each: for clients without batches. */
export function recordsABatch(work) {
  return PARTITIONS * Math.max(1, Math.floor((work.batchBytes ?? 16_384) / (work.recordBytes + 12)))
}

export function usage() {
  const { user, system } = process.cpuUsage()
  return { wall: process.hrtime.bigint(), cpu: user + system }
}

export function report(start, records, failed) {
  const end = usage()
  const seconds = Number(end.wall - start.wall) / 1e9
  console.log(JSON.stringify({ records, failed, seconds, cpu_seconds: (end.cpu - start.cpu) / 1e6 }))
}

/** Whether every record came once and in the order of its partition. */
export class Seen {
  records = 0
  wrong = 0
  #next = new Array(PARTITIONS).fill(0)
  #bytes

  constructor(work) {
    this.#bytes = work.recordBytes
  }

  record(partition, offset, value) {
    if (offset !== this.#next[partition] || value.length !== this.#bytes) this.wrong += 1
    this.#next[partition] = offset + 1
    this.records += 1
  }
}

/** Runs the two verbs: each a function of the work and a count that gives back records and failures. */
export async function run(work, { open, send, close, read }) {
  if (work.verb === 'produce') {
    const producer = await open(work)
    const value = payload(work.recordBytes)
    await send(producer, work, value, work.warmup)
    const start = usage()
    const { records, failed } = await send(producer, work, value, work.records)
    report(start, records, failed)
    await close(producer)
  } else {
    await read(work, work.warmup)
    const start = usage()
    const { records, wrong } = await read(work, work.records)
    report(start, records, wrong)
  }
}
