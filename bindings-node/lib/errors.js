// Errors: one class for each kind, made from what the native part tells.
'use strict';

const { KINDS } = require('./generated/errors.js');

/** What went wrong, where, and what to do next. */
class KafkaError extends Error {
  constructor(message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = this.constructor.kind ?? 'internal';
    this.code = details.code ?? null;
    this.codeName = details.codeName ?? null;
    this.operation = details.operation ?? '';
    this.reason = details.reason ?? message;
    this.context = details.context ?? {};
    this.hint = details.hint ?? null;
    this.retriable = details.retriable ?? false;
    this.fatal = details.fatal ?? false;
    this.requiresAbort = details.requiresAbort ?? false;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
    if (details.results !== undefined) this.results = details.results;
  }

  get name() {
    return this.constructor.name;
  }
}

const classes = { KafkaError };
const byKind = new Map();
for (const { kind, className } of KINDS) {
  const type = { [className]: class extends KafkaError {} }[className];
  Object.defineProperty(type, 'kind', { value: kind });
  classes[className] = type;
  byKind.set(kind, type);
}

/** The error that the native part tells as JSON (`ottla::facade::error_json`). */
function fromNative(told) {
  const type = byKind.get(told.kind) ?? KafkaError;
  const error = new type(told.text, {
    code: told.code,
    codeName: told.code_name,
    operation: told.operation,
    reason: told.message,
    context: told.context,
    hint: told.hint,
    retriable: told.retriable,
    fatal: told.fatal,
    requiresAbort: told.requires_abort,
    outcomeUnknown: told.outcome_unknown,
  });
  return error;
}

/** An error this side finds by itself. */
function own(className, operation, reason, details = {}) {
  const hint = details.hint ? `; ${details.hint}` : '';
  return new classes[className](`${operation}: ${reason}${hint}`, { operation, reason, ...details });
}

module.exports = { ...classes, fromNative, own };
