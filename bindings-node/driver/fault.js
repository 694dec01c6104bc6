// Errors as the protocol tells them.
'use strict';

const { KafkaError } = require('ottla');

/** The driver's own: a name of the protocol and a text. */
class OwnFault extends Error {
  constructor(name, text) {
    super(text);
    this.fault = name;
  }
}

/** The protocol's code, also where the client found out by itself. */
const CODES = {
  record_too_large: [10, 'MESSAGE_TOO_LARGE'],
  unknown_topic_or_partition: [3, 'UNKNOWN_TOPIC_OR_PARTITION'],
  offset_out_of_range: [1, 'OFFSET_OUT_OF_RANGE'],
};

const NAMES = {
  timeout: 'TIMEOUT', not_sent: 'TIMEOUT', outcome_unknown: 'TIMEOUT',
  config: 'INVALID_ARGUMENT', invalid_argument: 'INVALID_ARGUMENT',
  invalid_state: 'ILLEGAL_STATE', closed: 'ILLEGAL_STATE',
  fenced: 'FENCED', unsupported: 'UNSUPPORTED',
};

function faultJson(error) {
  if (error instanceof KafkaError) {
    const [code, name] = error.code === null
      ? CODES[error.kind] ?? [null, NAMES[error.kind] ?? 'OTHER']
      : [error.code, error.codeName];
    return { code, name, retriable: error.retriable, fatal: error.fatal, message: error.message };
  }
  const name = error.fault ?? (error instanceof TypeError ? 'INVALID_ARGUMENT' : 'OTHER');
  return { code: null, name, retriable: false, fatal: false, message: error.message };
}

module.exports = { OwnFault, faultJson };
