import { CallOptions } from './common';
import { TimeoutOptions } from './index';

/**
 * A Kafka broker inside the process of the test: nothing touches a disk, a free port, ready in milliseconds. Any client can
 * use it.
 */
export class TestBroker {
  private constructor();
  /** Starts a broker with these properties (`auto.create.topics.enable` and the like). */
  static start(properties?: Readonly<Record<string, string | number | boolean>>, options?: CallOptions): Promise<TestBroker>;
  /** `host:port`, for a client's `bootstrap.servers`. */
  readonly bootstrap: string;
  /** Creates a topic, and resolves when it can be used. */
  createTopic(
    name: string,
    options?: { partitions?: number; config?: Readonly<Record<string, string | number | boolean>> } & CallOptions,
  ): Promise<void>;
  /** Stops it, by `timeoutMs` (default 10000). Stopping twice is one stop. */
  stop(options?: TimeoutOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a test runner offers: `node:test`, Vitest and Jest all do, the latter two as `{ before: beforeAll, after: afterAll }`. */
export interface TestHooks {
  before(run: () => Promise<void>): void;
  after(run: () => Promise<void>): void;
}

/** A broker for the tests of a file, started before them and stopped behind them; the function gives it. */
export function useBroker(
  hooks: TestHooks, properties?: Readonly<Record<string, string | number | boolean>>,
): () => TestBroker;
