import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ListenFailed, listenFailed, parseAddr } from "../server/addr.ts";

/** @throws ListenFailed that names the address, what is wrong with it, and where to set another one */
export function listen(server: Server, addr: string, setting: string): Promise<AddressInfo> {
  const parsed = parseAddr(addr);
  if (!parsed) throw new ListenFailed({ addr, setting, reason: "it is not host:port" });
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenFailed(addr, setting, error));
    server.once("error", onError);
    server.listen(parsed.port, parsed.host, () => {
      server.off("error", onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** What Node's parser refused: answered in the usual form, then cut, since the connection cannot be trusted further. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, code, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "BAD_REQUEST", "the headers are too large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "TIMEOUT", "the request took too long to arrive"]
        : ["400 Bad Request", "BAD_REQUEST", "this is not a well-formed HTTP request"];
  const body = JSON.stringify({ success: false, error: { code, message }, meta: { requestId: "" } });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
