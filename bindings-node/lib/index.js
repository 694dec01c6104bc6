// What `require('ottla')` gives.
'use strict';

const { Producer } = require('./producer.js');
const { Consumer } = require('./consumer.js');
const { Admin } = require('./admin.js');
const { ConsumerRecord } = require('./packed.js');
const { setLogger } = require('./logging.js');
const { fromNative, own, ...errors } = require('./errors.js');

module.exports = { Producer, Consumer, Admin, ConsumerRecord, setLogger, ...errors };
