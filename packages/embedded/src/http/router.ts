/** Routes as data: `"GET /v1/health/service/{name}"`; a trailing `{key*}` takes the rest of the path, slashes included. */
export type RouteTable<Handler> = Record<string, Handler>;

export type RouteMatch<Handler> =
  | { kind: "found"; handler: Handler; params: Record<string, string> }
  | { kind: "method-not-allowed"; allow: string[] }
  | { kind: "not-found" }
  | { kind: "bad-path" };

interface Route<Handler> {
  method: string;
  segments: string[];
  handler: Handler;
}

export function router<Handler>(table: RouteTable<Handler>): (method: string, path: string) => RouteMatch<Handler> {
  const routes = Object.entries(table).map(([pattern, handler]): Route<Handler> => {
    const [method = "", path = ""] = pattern.split(" ");
    return { method, segments: path.split("/").slice(1), handler };
  });
  return (method, path) => {
    const parts = path.split("/").slice(1);
    const allow: string[] = [];
    for (const route of routes) {
      const raw = match(route.segments, parts);
      if (raw === undefined) continue;
      if (route.method !== method && !(method === "HEAD" && route.method === "GET")) {
        allow.push(route.method);
        continue;
      }
      const params = decoded(raw);
      return params ? { kind: "found", handler: route.handler, params } : { kind: "bad-path" };
    }
    return allow.length > 0 ? { kind: "method-not-allowed", allow } : { kind: "not-found" };
  };
}

function match(segments: string[], parts: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.endsWith("*}")) {
      params[segment.slice(1, -2)] = parts.slice(index).join("/");
      return parts.length > index ? params : undefined;
    }
    const part = parts[index];
    if (part === undefined) return undefined;
    if (segment.startsWith("{")) {
      if (part === "") return undefined;
      params[segment.slice(1, -1)] = part;
    } else if (segment !== part) {
      return undefined;
    }
  }
  return parts.length === segments.length ? params : undefined;
}

function decoded(params: Record<string, string>): Record<string, string> | undefined {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}
