import ottla = require('ottla');
import testing = require('ottla/testing');

const producer: ottla.Producer = new ottla.Producer({ 'bootstrap.servers': 'localhost:9092' });
void producer.close({ timeoutMs: 100 });
void testing.TestBroker.start();
const error: ottla.KafkaError = new ottla.QueueFullError('full');
void error;
