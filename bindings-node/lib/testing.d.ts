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
  /**
   * Resolves when the topic is there, each of so many partitions (default 1) with a leader: for topics that are made by the
   * first record sent. Rejects with a `TimeoutError` after `timeoutMs` (default 10000).
   */
  waitForTopic(name: string, options?: { partitions?: number } & TimeoutOptions & CallOptions): Promise<void>;
  /**
   * Resolves when the group is in that state (default `Stable`: every member has its partitions). Rejects with a
   * `TimeoutError`, which names the state it is in, after `timeoutMs` (default 10000).
   */
  waitForGroup(groupId: string, state?: string, options?: TimeoutOptions & CallOptions): Promise<void>;
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
