import net from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** Port on loopback that it connects to. */
  target: number;
  /** Cuts every connection. */
  stop(): Promise<void>;
}

/**
 * Stands between a client and a server on loopback.
 * @param pass what becomes of the bytes of a connection; the end of one side is told to the other where `pass` says so
 */
export async function tcpProxy(
  pass: (near: net.Socket, far: net.Socket) => { endsTogether(): boolean },
): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(proxy.target, "127.0.0.1");
    const connection = pass(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        if (connection.endsTogether()) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: TcpProxy = {
    port: (server.address() as net.AddressInfo).port,
    target: 0,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
