import type { ServiceInstance } from "@weft/discovery";
import type { Method } from "./route.ts";

/** ASK: one other service, over HTTP, through discovery and the whole policy chain. */
export interface HttpClient {
  readonly service: string;
  /**
   * Asks and waits for one answer in the usual form. Every attempt picks an instance anew, so a retry goes elsewhere.
   * @param request.timeoutMs the whole budget, retries included; the deadline of the current call context cuts it
   * @throws the error that the other service answered with (4xx), as the same typed error
   * @throws DependencyFailed when it did not answer, or not in this form, within the budget
   */
  request<Data>(request: HttpRequest): Promise<HttpAnswer<Data>>;
  /** The same chain without reading the answer: for passing requests on. 4xx and 5xx are answers here, after the retries. */
  forward(request: ForwardRequest): Promise<ForwardAnswer>;
}

export interface HttpRequest {
  method: Method;
  /** `/v1/pricing/products/prod_1/price`, already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  timeoutMs?: number;
  /** Makes a write repeatable, and is what allows its retry. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export interface HttpAnswer<Data> {
  status: number;
  data: Data;
  meta: { requestId: string; nextCursor?: string; [name: string]: unknown };
}

export interface ForwardRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface ForwardAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
  instance: ServiceInstance;
}
