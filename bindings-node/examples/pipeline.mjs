// Reads one topic, changes its records, and writes another, with streams: the slowest part sets the pace.
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Consumer, Producer } from 'ottla';
import { TestBroker } from 'ottla/testing';

const broker = await TestBroker.start();
const config = { 'bootstrap.servers': broker.bootstrap };
const producer = new Producer(config);
const names = ['ada', 'grace', 'edsger', 'barbara', 'tony'];
await producer.sendMany(names.map((name) => ({ topic: 'names', value: name })));

const consumer = new Consumer({ ...config, 'group.id': 'shouting', 'auto.offset.reset': 'earliest' });
consumer.subscribe('names');
let left = names.length;
const shout = new Transform({
  objectMode: true,
  transform(record, _encoding, done) {
    this.push({ topic: 'shouts', value: String(record.value).toUpperCase() });
    if (--left === 0) void consumer.close();
    done();
  },
});
await pipeline(consumer.stream(), shout, producer.stream());

const shouts = new Consumer({ ...config, 'auto.offset.reset': 'earliest' });
shouts.assign([{ topic: 'shouts', partition: 0 }]);
const heard = [];
while (heard.length < names.length) heard.push(...(await shouts.poll(1000)).map((record) => String(record.value)));
console.log(heard.join(' '));

await Promise.all([producer.close(), shouts.close()]);
await broker.stop();
