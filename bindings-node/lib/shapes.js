// The admin table's values between JavaScript and JSON: camel case on this side, snake case on that one. A type is a list:
// its sort, then what it is made of; `generated/admin.js` has those of every operation.
'use strict';

const { fromNative } = require('./errors.js');
const { exact, time } = require('./numbers.js');
const { STRUCTS } = require('./generated/admin.js');

function toNative(type, value) {
  const [sort, inner] = type;
  switch (sort) {
    case 'i64': return time(value, 'a whole number');
    case 'list': return [...value].map((item) => toNative(inner, item));
    case 'map': {
      const entries = value instanceof Map ? [...value] : Object.entries(value);
      return Object.fromEntries(entries.map(([key, item]) => [key, toNative(inner, item)]));
    }
    case 'optional': return value === null || value === undefined ? null : toNative(inner, value);
    case 'struct': {
      if (value === null || typeof value !== 'object') throw new TypeError(`${inner}: an object was expected`);
      const native = {};
      const fields = STRUCTS[inner];
      for (const [name, item] of Object.entries(value)) {
        if (item === undefined) continue;
        const field = fields.find((other) => other.js === name);
        // The other side says what is wrong with it.
        native[field?.name ?? name] = field ? toNative(field.type, item) : item;
      }
      return native;
    }
    default: return value;
  }
}

function toJs(type, value) {
  const [sort, inner, second] = type;
  switch (sort) {
    case 'unit': return undefined;
    case 'i64': return exact(value, 'what the broker said');
    case 'list': return value.map((item) => toJs(inner, item));
    case 'map': return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJs(inner, item)]));
    case 'optional': return value === null || value === undefined ? null : toJs(inner, value);
    case 'struct': {
      const made = {};
      for (const field of STRUCTS[inner]) made[field.js] = toJs(field.type, value[field.name]);
      return made;
    }
    case 'error': return value === null ? null : fromNative(value);
    case 'results':
      return value.map((item) => {
        const key = toJs(inner, item.key);
        if (item.error !== undefined && item.error !== null) return { key, error: fromNative(item.error) };
        return { key, value: toJs(second, item.value) };
      });
    default: return value;
  }
}

module.exports = { toNative, toJs };
