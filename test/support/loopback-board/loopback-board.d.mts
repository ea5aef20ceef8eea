export interface LoopbackOptions {
  /** Core that is emulated, as `qemu-aarch64 -cpu` names it; default cortex-a72. */
  readonly cpu?: string;
  /** Host alias in the ssh configuration; default loopback-rpi4. */
  readonly alias?: string;
  /** What the board calls itself. */
  readonly model?: string;
  /** Folder of the machine's lock: boards that share it are accounts of one machine. Default: one of its own. */
  readonly lockFolder?: string;
  /** What `uname -m` says there; its device tree and cores are then a Raspberry Pi 4's. */
  readonly machine?: string;
  /** Lines added to sshd_config. */
  readonly sshdConfig?: readonly string[];
}

export interface LoopbackBoard {
  readonly alias: string;
  /** What to give as `--board`, together with `--ssh-config sshConfigPath`. */
  readonly destination: string;
  readonly port: number;
  /** The folder that a login starts in. */
  readonly home: string;
  /** Everything the board consists of; removed when it stops. */
  readonly folder: string;
  readonly sshConfigPath: string;
  readonly knownHosts: string;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  readonly identityFile: string;
  readonly log: string;
  stop(): void;
}

/** Starts an OpenSSH server on 127.0.0.1 that runs AArch64 programs under qemu-user. */
export function startLoopbackBoard(options?: LoopbackOptions): Promise<LoopbackBoard>;
