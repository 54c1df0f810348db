/** One request with an `Idempotency-Key`, as the server saw it. */
export interface IdempotentRequest {
  /** Whose key this is: keys of different subjects are independent. */
  subject: string;
  /** Method and route pattern: `POST /v1/promotions`. */
  route: string;
  key: string;
  /** Hash of the path's values and the body: the same key with another hash is refused. */
  fingerprint: string;
  /** How an error looks as an answer, where the same request would meet it for ever (`isFinal`); nothing for all others. */
  refusal: (error: unknown) => StoredAnswer | undefined;
}

export interface StoredAnswer {
  status: number;
  /** JSON, without what belongs to one exchange only (request id). */
  body: unknown;
}

/** The port between the server that reads the header (`transport`) and the store that remembers answers (`outbox`). */
export interface IdempotencyKeys {
  /**
   * Runs `work` and stores its answer in the transaction that `work` opened, or gives the stored answer without running it.
   * @throws RequestInProgress while another request with the key runs   @throws IdempotencyKeyReused for another fingerprint
   */
  once(
    request: IdempotentRequest,
    work: () => Promise<StoredAnswer>,
  ): Promise<{ answer: StoredAnswer; replayed: boolean }>;
}
