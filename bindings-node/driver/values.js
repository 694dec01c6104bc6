// Values of the protocol to those of the package, and back.
'use strict';

const { OwnFault } = require('./fault.js');

/** The options but those the protocol allows this client to drop. */
function config(command, ...dropped) {
  return Object.fromEntries(Object.entries(command.config ?? {}).filter(([name]) => !dropped.includes(name)));
}

function bytes(base64) {
  return base64 === null || base64 === undefined ? null : Buffer.from(base64, 'base64');
}

function base64(buffer) {
  return buffer === null ? null : buffer.toString('base64');
}

function list(command, name) {
  if (!Array.isArray(command[name])) throw new OwnFault('INVALID_ARGUMENT', `missing list ${name}`);
  return command[name];
}

function partition({ topic, partition: number }) {
  return { topic, partition: number };
}

function partitions(command, name = 'partitions') {
  return list(command, name).map(partition);
}

/** Every partition asked for, with what was found of it. */
function found(asked, results, show) {
  const find = ({ topic, partition: number }) =>
    results.find((result) => result.topic === topic && result.partition === number);
  return asked.map((item) => ({ ...partition(item), ...show(find(item)) }));
}

module.exports = { config, bytes, base64, list, partition, partitions, found };
