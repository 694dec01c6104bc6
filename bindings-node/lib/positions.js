// Partitions and places in them: as callers give them, and as the native part tells them.
'use strict';

const { exact, whole } = require('./numbers.js');

/** An array of one item or many. */
function list(items) {
  return Array.isArray(items) ? items : typeof items?.[Symbol.iterator] === 'function' ? [...items] : [items];
}

/** A place in a partition as JSON. */
function wholeOffset(position) {
  if (position === null || typeof position !== 'object') throw new TypeError('a position must be an object');
  return { ...position, offset: whole(position.offset, 'offset') };
}

/** A partition with an offset, and a timestamp perhaps. */
function exactly(found) {
  exact(found.offset, `an offset of ${found.topic}-${found.partition}`);
  exact(found.timestamp, `a timestamp of ${found.topic}-${found.partition}`);
  return found;
}

module.exports = { list, wholeOffset, exactly };
