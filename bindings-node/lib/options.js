// What every client's constructor and calls take, checked.
'use strict';

/** A configuration as JSON: Kafka's dotted names, values as texts; a list becomes what Kafka writes, `a,b`. */
function toOptions(config, what) {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) {
    throw new TypeError(`the ${what}'s configuration must be an object, such as { 'bootstrap.servers': 'localhost:9092' }`);
  }
  const options = {};
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) options[name] = value.join(',');
    else if (['string', 'number', 'boolean', 'bigint'].includes(typeof value)) options[name] = String(value);
    else throw new TypeError(`the option ${name} must be a string, a number, a boolean or an array of strings`);
  }
  return JSON.stringify(options);
}

/** A time in milliseconds. */
function milliseconds(value, otherwise, name) {
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== 'number' || !(value >= 0)) throw new TypeError(`${name} must be a number of milliseconds`);
  return Math.min(value, 1e12);
}

module.exports = { toOptions, milliseconds };
