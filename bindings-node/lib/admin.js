// The admin client: one method for each operation of the table, which `generated/admin.js` holds.
'use strict';

const { invoke, operate } = require('./native.js');
const { fromNative } = require('./errors.js');
const { OPERATIONS } = require('./generated/admin.js');
const { toOptions, milliseconds } = require('./options.js');
const { opened, closed } = require('./ending.js');
const { toNative, toJs } = require('./shapes.js');

const DEFAULT_CLOSE_MS = 30_000;

class Admin {
  #handle;
  #closing = null;

  constructor(config) {
    this.#handle = invoke('adminStart', toOptions(config, 'admin client'));
    opened(this, 'admin client');
  }

  /** Does an operation of the table; the methods are this. */
  async #call(row, given, options) {
    const answer = await operate((id) => {
      invoke('adminCall', this.#handle, id, row.name, JSON.stringify(given));
    }, options);
    const result = toJs(row.result, answer);
    if (row.result[0] === 'results') {
      const failed = answer.find((item) => item.error !== undefined && item.error !== null);
      if (failed) {
        const error = fromNative(failed.error);
        error.results = result;
        throw error;
      }
    }
    return result;
  }

  static {
    for (const row of OPERATIONS) {
      const required = row.parameters.filter((parameter) => parameter.required);
      const method = async function (...args) {
        const options = args[required.length] ?? {};
        if (typeof options !== 'object') throw new TypeError('options must be an object');
        const given = {};
        required.forEach((parameter, index) => {
          if (args[index] === undefined) throw new TypeError(`${row.method}: ${parameter.js} is missing`);
          given[parameter.name] = toNative(parameter.type, args[index]);
        });
        for (const [name, value] of Object.entries(options)) {
          if (name === 'signal' || value === undefined || (name === 'timeoutMs' && value === null)) continue;
          const parameter = row.parameters.find((other) => !other.required && other.js === name);
          if (!parameter) throw new TypeError(`${row.method}: there is no option ${name}`);
          const argument = name === 'timeoutMs' ? Math.ceil(milliseconds(value, 0, name)) : value;
          given[parameter.name] = toNative(parameter.type, argument);
        }
        return this.#call(row, given, options);
      };
      Object.defineProperty(method, 'name', { value: row.method });
      Object.defineProperty(this.prototype, row.method, { value: method, writable: true, configurable: true });
    }
  }

  close(options = {}) {
    closed(this);
    const timeoutMs = milliseconds(options.timeoutMs, DEFAULT_CLOSE_MS, 'timeoutMs');
    this.#closing ??= operate((id) => invoke('adminClose', this.#handle, id, timeoutMs));
    return this.#closing;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

module.exports = { Admin };
