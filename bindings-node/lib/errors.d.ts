import { ErrorKind } from './generated/errors';

/** What an error tells beside its text. */
export interface KafkaErrorDetails {
  code?: number | null;
  codeName?: string | null;
  operation?: string;
  reason?: string;
  context?: Record<string, string>;
  hint?: string | null;
  retriable?: boolean;
  fatal?: boolean;
  requiresAbort?: boolean;
  outcomeUnknown?: boolean;
  results?: unknown;
  cause?: unknown;
}

/**
 * What went wrong, where, and what to do next. Every error of the client is one; each {@link ErrorKind} has a class of its
 * own, so that both `error instanceof TimeoutError` and `error.kind === 'timeout'` work.
 */
export class KafkaError extends Error {
  constructor(message: string, details?: KafkaErrorDetails);
  /** What sort of failure it is, that is: what a caller can do about it. */
  readonly kind: ErrorKind;
  /** Kafka's number, when a broker answered with an error code. */
  readonly code: number | null;
  /** Kafka's name of the code, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly codeName: string | null;
  /** What was being done. */
  readonly operation: string;
  /** What went wrong, without operation, context and hint. */
  readonly reason: string;
  /** The facts around it: `topic`, `partition`, `broker`, `group` and so on. */
  readonly context: Readonly<Record<string, string>>;
  /** What a person should do next. */
  readonly hint: string | null;
  /** Whether the same call may succeed later without a change. */
  readonly retriable: boolean;
  /** Whether the client must be closed: no later call can succeed. */
  readonly fatal: boolean;
  /** Whether the open transaction can only be aborted. */
  readonly requiresAbort: boolean;
  /** Whether the request may have taken effect although it failed here. */
  readonly outcomeUnknown: boolean;
  /** What became of every item, when a call on several items failed for some: an array of `ItemResult`. */
  readonly results?: unknown;
}
