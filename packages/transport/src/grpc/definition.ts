/** A service as ts-proto's generic definitions describe it: `inventoryV1.InventoryServiceDefinition`. */
export interface GrpcDefinition {
  name: string;
  /** `inventory.v1.InventoryService` */
  fullName: string;
  methods: Record<string, GrpcMethodDefinition>;
}

export interface GrpcMethodDefinition {
  /** `CheckStock` */
  name: string;
  requestType: MessageType;
  requestStream: boolean;
  responseType: MessageType;
  responseStream: boolean;
}

/** The codec of a message. */
interface MessageType {
  // biome-ignore lint/suspicious/noExplicitAny: each message has a type of its own
  encode(message: any): { finish(): Uint8Array };
  // biome-ignore lint/suspicious/noExplicitAny: each message has a type of its own
  decode(input: Uint8Array): any;
}

type Decoded<Type extends MessageType> = ReturnType<Type["decode"]>;

/** The names of the methods in code: `checkStock`. */
export type MethodName<Definition extends GrpcDefinition> = keyof Definition["methods"] & string;

export type RequestOf<Definition extends GrpcDefinition, Name extends MethodName<Definition>> = Decoded<
  Definition["methods"][Name]["requestType"]
>;

export type ResponseOf<Definition extends GrpcDefinition, Name extends MethodName<Definition>> = Decoded<
  Definition["methods"][Name]["responseType"]
>;
