// What `import … from 'ottla'` gives: the same objects as `require`.
import ottla from './index.js';
export const { Producer, Consumer, Admin, ConsumerRecord, setLogger, KafkaError } = ottla;
export * from './generated/errors.mjs';
