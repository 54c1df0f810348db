import type { IncomingMessage } from "node:http";
import { BadRequest, originForm } from "@weft/core";

/**
 * `GET http://shop.example/v1/things` becomes `GET /v1/things` for the host `shop.example`, so that everything behind it sees one
 * form. What is wrong is left for {@link assertRequestTarget}, which answers in the usual form.
 */
export function toOriginForm(request: IncomingMessage): void {
  const { url, host } = originForm(request.url ?? "");
  request.url = url;
  if (host !== undefined) request.headers.host = host;
}

/**
 * One meaning of where a request goes. `*` is for OPTIONS alone and names no resource.
 * @throws BadRequest for a target that is neither a path nor a URL of http, that has a fragment, and in HTTP/1.1 for no `Host`
 * or several
 */
export function assertRequestTarget({ url = "", method, httpVersion, headers, rawHeaders }: IncomingMessage): void {
  const isPath = url.startsWith("/") || (url === "*" && method === "OPTIONS");
  if (!isPath || url.includes("#")) throw new BadRequest({ message: "the request target is neither a path nor a URL" });
  if (headers.host === undefined && httpVersion !== "1.0") {
    throw new BadRequest({ message: "the Host header is missing" });
  }
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host").length;
  if (hosts > 1) throw new BadRequest({ message: "there is more than one Host header" });
}
