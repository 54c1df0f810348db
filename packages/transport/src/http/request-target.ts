import type { IncomingMessage } from "node:http";
import { BadRequest } from "@weft/core";

/**
 * Makes `GET http://shop.example/v1/things` what it means: `GET /v1/things` for the host `shop.example`, whatever the `Host`
 * header says (RFC 9112, section 3.2.2). Everything behind it then sees one form. What is wrong is left for
 * {@link assertRequestTarget}, which answers in the usual form.
 */
export function toOriginForm(request: IncomingMessage): void {
  const [, authority, rest] = /^https?:\/\/([^/?#@]+)([/?#].*|)$/is.exec(request.url ?? "") ?? [];
  if (authority === undefined || rest === undefined) return;
  request.headers.host = authority;
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
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
