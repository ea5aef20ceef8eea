import type { Redis } from "ioredis";
import type { Kept, LeaseStore } from "./lease-store.ts";
import { PREFIX } from "./queue-server.ts";

/** Renewed, or taken again when the server has lost it; never somebody else's. */
const TAKE = `
local held = redis.call("get", KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2])
return false`;
const RELEASE = `
if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0`;

/** Keys that expire, and for each kind of what is listed a set of their names. */
export function redisStore(redis: Redis): LeaseStore {
  const keyOf = (kind: Kept, name: string): string => `${PREFIX}:${kind}:${name}`;
  const indexOf = (kind: Kept): string => `${PREFIX}:${kind}s`;
  return {
    take: async (kind, name, holder, forMs) => {
      const other = await redis.eval(TAKE, 1, keyOf(kind, name), holder, Math.round(forMs));
      return typeof other === "string" ? other : undefined;
    },
    release: async (kind, name, holder) => void (await redis.eval(RELEASE, 1, keyOf(kind, name), holder)),
    get: async (kind, name) => (await redis.get(keyOf(kind, name))) ?? undefined,
    put: async (kind, name, text, forMs) => {
      await redis.set(keyOf(kind, name), text, "PX", Math.round(forMs));
      await redis.sadd(indexOf(kind), name);
    },
    keep: async (kind, name, text, forMs) => {
      await redis.set(keyOf(kind, name), text, "PX", Math.round(forMs), "NX");
      await redis.pexpire(keyOf(kind, name), Math.round(forMs));
    },
    remove: async (kind, name) => {
      await redis.del(keyOf(kind, name));
      await redis.srem(indexOf(kind), name);
    },
    list: async (kind, most) => {
      const names = (await redis.smembers(indexOf(kind))).sort().slice(0, most);
      if (names.length === 0) return [];
      const texts = await redis.mget(names.map((name) => keyOf(kind, name)));
      const gone = names.filter((_, i) => texts[i] === null);
      if (gone.length > 0) await redis.srem(indexOf(kind), ...gone);
      return texts.filter((text) => text !== null);
    },
  };
}
