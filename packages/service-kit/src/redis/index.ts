export { type RedisCommands, type RedisOptions, redisMemory, type SharedMemory } from "./redis.ts";
