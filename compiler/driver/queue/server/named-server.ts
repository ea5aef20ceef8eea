/** A queue's server, as people may read it: without user and password. */
export interface NamedServer {
  readonly kind: "redis" | "postgres";
  readonly shown: string;
}
