/** How a queue is named, for every command that has one. */
export const QUEUE = {
  type: "string",
  requiresArg: true,
  describe:
    "address of a queue's server: redis://[USER:PASSWORD@]HOST[:PORT] (rediss:// for TLS), or postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE",
} as const;
