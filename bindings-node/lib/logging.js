// The log, quiet unless asked for: lines come from the native part's bounded queue, on this thread.
'use strict';

const { invoke, setOnLog } = require('./native.js');

const LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'];

function setLogger(logger, options = {}) {
  const level = logger === null ? 0 : LEVELS.indexOf(options.level ?? 'warn');
  if (level < 0) throw new TypeError(`level must be one of ${LEVELS.join(', ')}`);
  if (logger !== null && typeof logger !== 'function') throw new TypeError('logger must be a function or null');
  const take = () => {
    const { lines, dropped } = JSON.parse(invoke('logTake'));
    for (const line of lines) logger({ level: LEVELS[line.level], target: line.target, message: line.message });
    if (dropped > 0) {
      logger({ level: 'warn', target: 'ottla::log', message: `${dropped} lines were dropped: the logger is too slow` });
    }
  };
  // What was left for a logger before this one: nobody would be woken for more behind it.
  invoke('logTake');
  setOnLog(level === 0 ? null : take);
  invoke('logLevel', level);
}

module.exports = { setLogger };
