import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { descriptorSet, inventoryV1 } from "@weft/contracts/grpc";
import { silentLogger } from "@weft/core";
import { type GrpcServer, type GrpcServerOptions, type GrpcServerParts, grpcServer } from "../grpc/server.ts";
import { type GrpcMethods, grpcService } from "../grpc/service.ts";
import { closed, field } from "../schema/pieces.ts";
import { identity } from "./serve.ts";

export const { InventoryServiceDefinition } = inventoryV1;
type Methods = GrpcMethods<typeof InventoryServiceDefinition>;
type CheckStock = Methods["checkStock"];

export const stockOf = (productId: string): inventoryV1.CheckStockResponse => ({
  productId,
  warehouseId: "wh_1",
  available: 3,
  reserved: 1,
  inStock: true,
});
export const question = { productId: "prod_1", warehouseId: "wh_1", quantity: 2 };

/** The service of the tests: each gives `checkStock` what it should do. */
export function stockService(handle: CheckStock["handle"], more: Partial<CheckStock> = {}) {
  const quantity = { type: "integer", minimum: 0 };
  const item = closed({ productId: field.id, quantity }, ["productId"]);
  return grpcService(InventoryServiceDefinition, {
    checkStock: {
      request: closed({ productId: field.id, warehouseId: field.id, quantity }, ["productId", "warehouseId"]),
      handle,
      ...more,
    },
    reserveStock: {
      request: closed({
        reservationId: field.id,
        orderId: field.id,
        warehouseId: field.id,
        items: { type: "array", items: item, minItems: 1 },
      }),
      handle: async ({ request: { reservationId } }) => ({ reservationId }),
    },
    releaseStock: {
      request: closed({ reservationId: field.id }),
      handle: async ({ request: { reservationId } }) => ({ reservationId }),
    },
  });
}

const running: { stop(): unknown }[] = [];

/** A server on a free port, open for business; `stopGrpc` stops it. */
export async function serveGrpc(
  handle: CheckStock["handle"],
  options: Partial<GrpcServerOptions> = {},
  parts: Partial<GrpcServerParts> = {},
): Promise<{ server: GrpcServer; address: string }> {
  const server = grpcServer(
    { log: silentLogger, identity, ...parts },
    { addr: "127.0.0.1:0", services: [stockService(handle)], descriptorSet, drainTimeoutMs: 1000, ...options },
  );
  await server.start();
  running.push(server);
  server.setReady(true);
  return { server, address: `127.0.0.1:${server.address().port}` };
}

/** For `afterEach`. */
export async function stopGrpc(): Promise<void> {
  for (const one of running.splice(0).reverse()) await one.stop();
}

/** A caller that is nobody's of ours: grpc-js, bytes, and whatever metadata the test wants. */
export function plainCaller(address: string) {
  const client = new Client(address, credentials.createInsecure(), { "grpc.max_send_message_length": -1 });
  running.push({ stop: () => client.close() });
  const { requestType, responseType } = InventoryServiceDefinition.methods.checkStock;
  return {
    client,
    ask: (
      request: Partial<typeof question> | Buffer,
      headers: Record<string, string> = {},
      { method = "CheckStock", deadline = Date.now() + 5000 }: { method?: string; deadline?: number } = {},
    ) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const nothing = { productId: "", warehouseId: "", quantity: 0 };
      const bytes = Buffer.isBuffer(request)
        ? request
        : Buffer.from(requestType.encode({ ...nothing, ...request }).finish());
      const answered = Promise.withResolvers<inventoryV1.CheckStockResponse>();
      const call = client.makeUnaryRequest(
        `/inventory.v1.InventoryService/${method}`,
        (sent: Buffer) => sent,
        (received: Buffer) => responseType.decode(received),
        bytes,
        metadata,
        { deadline },
        (error: ServiceError | null, answer) => (error ? answered.reject(error) : answered.resolve(answer!)),
      );
      return Object.assign(answered.promise, { call });
    },
  };
}
