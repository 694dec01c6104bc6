import { Admin, Consumer, KafkaError, Producer, QueueFullError, setLogger } from 'ottla';
import { TestBroker } from 'ottla/testing';
const broker = await TestBroker.start();
const bootstrap = broker.bootstrap;
const opened = [];
{
  await broker.createTopic('orders', { partitions: 2 });
  const seed = new Producer({ 'bootstrap.servers': bootstrap });
  await seed.sendMany(Array.from({ length: 20 }, (_, id) => ({ topic: 'orders', key: String(id), value: `{"id":${id}}` })));
  await seed.close();
}
void [Admin, Consumer, KafkaError, Producer, QueueFullError, setLogger, opened];
