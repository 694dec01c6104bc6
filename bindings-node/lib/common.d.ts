import { KafkaError } from './errors';

/** What every call that may wait takes. */
export interface CallOptions {
  /** Gives up the waiting: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What became of one item of a call on several. */
export type ItemResult<K, V> =
  | { key: K; value: V; error?: undefined }
  | { key: K; value?: undefined; error: KafkaError };

/** A partition of a topic. */
export interface TopicPartition {
  topic: string;
  /** Its number, from 0. */
  partition: number;
}
