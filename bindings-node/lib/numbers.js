// Whole numbers of 64 bits: offsets, timestamps and sizes are JavaScript's numbers, and never rounded ones. What lies beyond
// 2^53 - 1 is refused by name, and taken as a `bigint` where it is an argument.
'use strict';

const { own } = require('./errors.js');

/** What JSON of the native part has for a number: a text where a number would be rounded. */
function exact(value, what) {
  if (typeof value !== 'string') return value;
  throw inexact(value, what);
}

function inexact(value, what) {
  return own('UnsupportedError', `read ${what}`, `${value} lies beyond 2^53 - 1, which a number cannot hold exactly`);
}

/** An argument as JSON: a `bigint` becomes a text. */
function whole(value, what) {
  if (typeof value === 'bigint') return String(value);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${what} must be a whole number up to 2^53 - 1, or a bigint`);
  return value;
}

/** Milliseconds since the Unix epoch of a `Date` or a number. */
function time(value, what = 'timestamp') {
  return whole(value instanceof Date ? value.getTime() : value, what);
}

module.exports = { exact, inexact, whole, time };
