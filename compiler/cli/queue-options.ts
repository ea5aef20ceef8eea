/** How a queue is named, for every command that has one. */
export const QUEUE = {
  type: "string",
  requiresArg: true,
  describe: "address of a queue's server: redis://[USER:PASSWORD@]HOST[:PORT], or rediss:// for TLS",
} as const;
