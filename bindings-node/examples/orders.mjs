// Sends orders and reads them as a member of a group, committing after each batch. BOOTSTRAP names a cluster; without it a
// broker for tests is started.
import { Admin, Consumer, Producer } from 'ottla';
import { TestBroker } from 'ottla/testing';

const broker = process.env['BOOTSTRAP'] ? null : await TestBroker.start();
const config = { 'bootstrap.servers': process.env['BOOTSTRAP'] ?? broker?.bootstrap ?? '' };

const admin = new Admin(config);
await admin.createTopics([{ name: 'orders', numPartitions: 3 }]);

const producer = new Producer({ ...config, 'compression.type': 'zstd' });
const orders = Array.from({ length: 1000 }, (_, id) => ({ id, amount: (id * 7) % 100 }));
await producer.sendMany(orders.map((order) => ({
  topic: 'orders', key: String(order.id), value: JSON.stringify(order), headers: { source: 'example' },
})));

const consumer = new Consumer({
  ...config, 'group.id': 'billing', 'auto.offset.reset': 'earliest', 'enable.auto.commit': false,
});
consumer.subscribe('orders');
let count = 0;
let total = 0;
for await (const batch of consumer.batches({ maxRecords: 300, maxWaitMs: 20 })) {
  for (const record of batch) total += JSON.parse(String(record.value)).amount;
  await consumer.commit();
  count += batch.length;
  if (count === orders.length) break;
}
console.log(`${count} orders, ${total} in all`);

await Promise.all([consumer.close(), producer.close(), admin.close()]);
await broker?.stop();
