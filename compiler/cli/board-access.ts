import type { OpenBoardOptions } from "../device/open-board.ts";
import { readSeconds } from "./numbers.ts";
import { parseBytes } from "./sizes.ts";

/** Values of `BOARD_ACCESS`. */
export interface AccessValues {
  readonly "ssh-config"?: string | undefined;
  readonly "lock-wait"?: string | undefined;
  readonly "remote-dir"?: string | undefined;
  readonly "remote-limit"?: string | undefined;
}

export const ACCESS_NAMES = ["ssh-config", "lock-wait", "remote-dir", "remote-limit"] as const;

/** How a board is opened. Throws C205. */
export function boardAccess(values: AccessValues): OpenBoardOptions {
  const { "ssh-config": sshConfig, "remote-dir": remoteDir } = values;
  return {
    sshConfig,
    lockWaitSeconds: readSeconds("lock-wait", values["lock-wait"]),
    remoteDir,
    remoteLimitBytes: parseBytes("remote-limit", values["remote-limit"]),
  };
}

/** The same options as words of a command line. */
export function accessWords(values: AccessValues): readonly string[] {
  return ACCESS_NAMES.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
}
