import { type ServiceIdentity, silentLogger } from "@weft/core";
import { type HttpServer, type HttpServerOptions, type HttpServerParts, httpServer } from "../http/server.ts";

export const identity: ServiceIdentity = { name: "thing-service", version: "1.2.3", instanceId: "thing-1" };

const running: HttpServer[] = [];

/** A server on a free port, open for business; `stopServed` stops it. */
export async function serve(options: Partial<HttpServerOptions>, parts: Partial<HttpServerParts> = {}) {
  const server = httpServer({ log: silentLogger, identity, ...parts }, { addr: "127.0.0.1:0", ...options });
  await server.start();
  running.push(server);
  server.setReady(true);
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** For `afterEach`. */
export async function stopServed(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop()));
}

/** The routes of a service and nothing else of its process, to be asked without naming what all their paths begin with. */
export async function serveRoutes(routes: HttpServerOptions["routes"], base: string) {
  const { url } = await serve({ routes });
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${base}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look at every shape of answer
    return { status: response.status, ...((await response.json()) as any) };
  };
}
