import type { Command } from "./command.ts";

/**
 * What belongs to one connection, or waits on one. Upstash has subscriptions and MONITOR as streams, at paths that are
 * not emulated. https://upstash.com/docs/redis/features/restapi#rest-redis-api-compatibility
 */
const OF_A_CONNECTION = names(
  "AUTH CLIENT HELLO QUIT RESET SELECT",
  "MULTI EXEC DISCARD WATCH UNWATCH",
  "SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE MONITOR",
  "BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF",
);

/**
 * What administers a server of one's own. Upstash has users too (`ACL`); the local database has one.
 * https://upstash.com/docs/redis/overall/rediscompatibility
 */
const OF_A_SERVER = names(
  "ACL CONFIG DEBUG LATENCY MEMORY MODULE SLOWLOG SHUTDOWN SWAPDB MOVE MIGRATE",
  "SAVE BGSAVE BGREWRITEAOF LASTSAVE",
  "REPLICAOF SLAVEOF ROLE SYNC PSYNC REPLCONF FAILOVER",
  "CLUSTER ASKING READONLY READWRITE",
);

const BLOCKING_READS = names("XREAD XREADGROUP");
const UNKNOWN = /^ERR unknown command\b/i;

/** Why Upstash does not run a command over REST; `undefined` where it does. */
export function refusalOf(command: Command): string | undefined {
  const name = nameOf(command);
  if (OF_A_CONNECTION.has(name) || waits(name, command) || (name === "SCRIPT" && subcommandOf(command) === "DEBUG")) {
    return `ERR Command "${name}" is not allowed in REST or it has a special context path`;
  }
  return OF_A_SERVER.has(name) ? notAvailable(name) : undefined;
}

/** An error of Redis as Upstash puts it. */
export function asUpstashPuts(error: string, command: Command): string {
  return UNKNOWN.test(error) ? notAvailable(nameOf(command)) : error;
}

function notAvailable(name: string): string {
  return `ERR Command is not available: '${name}'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`;
}

/** `XREAD` with `BLOCK` among its options, which end at `STREAMS`. */
function waits(name: string, [, ...args]: Command): boolean {
  if (!BLOCKING_READS.has(name)) return false;
  const words = args.map((argument) => argument.toString().toUpperCase());
  const end = words.indexOf("STREAMS");
  // The group and the consumer of XREADGROUP stand before its options, and may have any name.
  const start = name === "XREADGROUP" ? 3 : 0;
  return words.slice(start, end === -1 ? undefined : end).includes("BLOCK");
}

function nameOf([name]: Command): string {
  return name.toString().toUpperCase();
}

function subcommandOf([, subcommand = ""]: Command): string {
  return subcommand.toString().toUpperCase();
}

function names(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}
