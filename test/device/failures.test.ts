import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as board from "../../compiler/device/board-failures.ts";
import * as keeping from "../../compiler/device/keeping-failures.ts";
import * as link from "../../compiler/device/link-failures.ts";
import * as run from "../../compiler/device/run-failures.ts";
import { renderDiagnostic, type UserError } from "../../compiler/support/diagnostic.ts";

const at: board.Endpoint = { name: "pi@attic", host: "attic", port: 2222, user: "pi" };
const hop: board.Endpoint = {
  name: "gate",
  host: "gate.example.org",
  port: 22,
  user: "me",
  onTheWayTo: "pi@attic",
};
const shown = { type: "ssh-ed25519", fingerprint: "SHA256:abc", lookup: "[attic]:2222" };

/** Every diagnostic of the area, whole: code, exit kind, message. */
const messages: readonly [UserError, string, string][] = [
  [
    board.unknownBoard("qemu-rpi5x", ["host", "qemu-rpi4", "qemu-rpi5"]),
    "unknownTarget",
    `error[D101]: no board is named \`qemu-rpi5x\`
  why:   it is neither a target that runs here, nor a host alias of your ssh configuration, nor a known host name
  help:  did you mean \`qemu-rpi5\`?
  help:  boards that run here: host, qemu-rpi4, qemu-rpi5; any other is given as user@host`,
  ],
  [
    board.hostNotFound({ ...at, host: "attic.lan:2222" }),
    "boardUnreachable",
    `error[D102]: board \`pi@attic\` cannot be reached: no address is known for attic.lan:2222
  help:  give the port like this: ssh://pi@attic.lan:2222`,
  ],
  [
    board.connectionRefused(hop),
    "boardUnreachable",
    `error[D103]: jump host \`gate\` cannot be reached: gate.example.org port 22 refused the connection
  where: jump host gate, on the way to pi@attic
  help:  the machine is there but no ssh server listens on that port;
  help:  on a Raspberry Pi turn it on with \`sudo raspi-config\` (Interface Options, SSH), elsewhere \`sudo systemctl start ssh\``,
  ],
  [
    board.noAnswer(at, "no route to it"),
    "boardUnreachable",
    `error[D104]: board \`pi@attic\` cannot be reached: attic port 2222: no route to it
  help:  see that it has power and is on the network, and that no firewall is between you and it`,
  ],
  [
    board.toolMissing("ssh-keygen", "openssh-client"),
    "missingTool",
    `error[D105]: the program \`ssh-keygen\` is not installed
  help:  sudo apt-get install openssh-client`,
  ],
  [
    board.sshConfigRefused("attic", "/home/me/.ssh/config line 3: Bad configuration option: prot"),
    "usage",
    `error[D106]: ssh does not understand the destination \`attic\` or its configuration
  why:   /home/me/.ssh/config line 3: Bad configuration option: prot
  help:  see what \`ssh -G attic\` says`,
  ],
  [
    board.sshConfigRefused("a\nb\u001b[2J", "it has characters that no host name has"),
    "usage",
    `error[D106]: ssh does not understand the destination \`a b [2J\` or its configuration
  why:   it has characters that no host name has
  help:  see what \`ssh -G 'a b [2J'\` says`,
  ],
  [
    board.handshakeFailed(at, "no matching key exchange algorithm"),
    "boardUnreachable",
    `error[D107]: board \`pi@attic\` did not complete an ssh handshake
  why:   no matching key exchange algorithm
  help:  see what \`ssh -v pi@attic\` says`,
  ],
  [
    board.proxyFailed(at, "jump host gate says: connect failed"),
    "boardUnreachable",
    `error[D108]: the way to \`pi@attic\` that your ssh configuration gives does not lead there
  why:   jump host gate says: connect failed
  help:  see what \`ssh -v pi@attic\` says`,
  ],
  [
    link.boardSilent("pi@attic", "look for /home/pi/.cache", 75),
    "boardUnreachable",
    `error[D109]: \`pi@attic\` does not answer: it was to look for /home/pi/.cache, and said nothing for 75 s
  help:  the link stands but the board does not work: see its load, its memory and its disk (\`uptime\`, \`dmesg | tail\`)
  help:  ServerAliveInterval and ServerAliveCountMax in your ssh configuration say how long is waited (75 s without them)`,
  ],
  [
    link.programFailed(at, "a certificate (CertificateFile)", "pi@attic: Permission denied (publickey).\r\n"),
    "boardRefused",
    `error[D115]: the program \`ssh\` does not reach \`pi@attic\`
  why:   pi@attic: Permission denied (publickey).
         it was asked because of a certificate (CertificateFile)
  help:  see what \`ssh -v -o BatchMode=yes pi@attic\` says; it may ask for nothing here, no word and no touch`,
  ],
  [
    link.adbFailed("adb:R58M", "R58M", "error: device 'R58M' not found\n"),
    "boardUnreachable",
    `error[D116]: the program \`adb\` does not reach \`adb:R58M\`
  why:   error: device 'R58M' not found
  help:  see whether \`adb devices\` lists R58M as a device; one that is unauthorized asks on its screen`,
  ],
  [
    board.hostKeyUnknown(at, shown, ["/home/me/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"]),
    "boardRefused",
    `error[D111]: the host key of \`pi@attic\` is not known, so it may be another machine
  why:   it shows ssh-ed25519 SHA256:abc;
         there is no key for [attic]:2222 in /home/me/.ssh/known_hosts or /etc/ssh/ssh_known_hosts
  help:  log in once with \`ssh pi@attic\`, compare the fingerprint with the board's own
  help:  (\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` typed there), and answer yes`,
  ],
  [
    board.hostKeyChanged(at, shown, [
      { file: "/home/me/.ssh/known_hosts", line: 7, type: "ssh-rsa", fingerprint: "SHA256:old" },
    ]),
    "boardRefused",
    `error[D112]: the host key of \`pi@attic\` has changed: this may be another machine in its place
  why:   it shows ssh-ed25519 SHA256:abc;
         expected ssh-rsa SHA256:old (/home/me/.ssh/known_hosts line 7)
  help:  if you installed the board anew, forget the old key and log in once:
  help:  ssh-keygen -f /home/me/.ssh/known_hosts -R '[attic]:2222'`,
  ],
  [
    board.hostKeyRevoked(at, shown, "/etc/ssh/ssh_known_hosts"),
    "boardRefused",
    `error[D113]: the host key of \`pi@attic\` is revoked
  why:   it shows ssh-ed25519 SHA256:abc, which /etc/ssh/ssh_known_hosts marks as stolen or withdrawn
  help:  do not use this machine before its owner has given it a new key`,
  ],
  [
    board.loginRefused(at, ["agent (2 keys)"], ["/home/me/.ssh/id_rsa (encrypted)"], ["password"]),
    "boardRefused",
    `error[D114]: \`pi@attic\` refused the login of \`pi\`
  why:   tried: agent (2 keys)
         not tried: /home/me/.ssh/id_rsa (encrypted)
         the board accepts: password
  help:  put your key on the board: ssh-copy-id pi@attic
  help:  only keys and the ssh agent are used, never passwords`,
  ],
  [
    board.diskFull(at, "/home/pi/.cache/tilewright", 4096, 21 * 1048576),
    "boardRefused",
    `error[D121]: the disk of \`pi@attic\` is full: 21 MiB do not fit
  why:   /home/pi/.cache/tilewright has 4 KiB left
  help:  free some there; what Tilewright keeps can go: ssh pi@attic rm -rf /home/pi/.cache/tilewright`,
  ],
  [
    board.diskFull({ ...at, words: ["-F", "my config", "--", "pi"] }, "/home/x;touch y;#", 0, undefined),
    "boardRefused",
    `error[D121]: the disk of \`pi@attic\` is full
  why:   /home/x;touch y;# has 0 KiB left
  help:  free some there; what Tilewright keeps can go: ssh -F 'my config' pi 'rm -rf '\\''/home/x;touch y;#'\\'''`,
  ],
  [
    board.cannotWrite("pi@attic", "/home/pi/.cache", "Permission denied"),
    "boardRefused",
    `error[D122]: cannot write /home/pi/.cache on \`pi@attic\`
  why:   Permission denied
  help:  see who owns the folder and whether its file system is read-only: \`ls -ld\` and \`mount\` there`,
  ],
  [
    keeping.boardBusy("pi@attic", "eve@desk (process 7 there)", 400, 60),
    "boardRefused",
    `error[D123]: \`pi@attic\` is in use by eve@desk (process 7 there), for 7 min now
  why:   waited 60 s; two programs at a time would spoil each other's times
  help:  run again later, or wait longer: --lock-wait 10m`,
  ],
  [
    board.commandsRefused(at, "(SSH) Channel open failure: open failed"),
    "boardRefused",
    `error[D125]: \`pi@attic\` does not run commands for this account
  why:   (SSH) Channel open failure: open failed
  help:  see what \`ssh pi@attic true\` says`,
  ],
  [
    run.killedBySignal("pi@attic", "SIGILL", ""),
    "runFailed",
    `error[D131]: the program was killed on \`pi@attic\` by SIGILL (illegal instruction)
  help:  the program uses instructions that this core does not have:
  help:  check that --target names the board it runs on; a wrong -mcpu shows itself like this`,
  ],
  [
    run.killedBySignal("pi@attic", "SIGSEGV", "a\n\nb\u001b[2J\nc\nd\n"),
    "runFailed",
    `error[D131]: the program was killed on \`pi@attic\` by SIGSEGV (bad memory access)
  why:   its last words were:
         b [2J
         c
         d
  help:  this is a fault of the generated program: please report it with the model and the command`,
  ],
  [
    run.ranTooLong("pi@attic", 30),
    "runFailed",
    `error[D132]: the program did not end on \`pi@attic\` within 30 s and was stopped
  help:  give it longer with --timeout SECONDS, or run fewer repeats`,
  ],
  [
    board.connectionLost("pi@attic", "Keepalive timeout"),
    "boardUnreachable",
    `error[D133]: the connection to \`pi@attic\` was lost
  why:   Keepalive timeout
  help:  see whether it has restarted (\`uptime\` there): undervoltage and heat do that under load
  help:  then run again`,
  ],
  [
    run.wrongArchitecture("pi@attic", "AArch64", "armv7l"),
    "runFailed",
    `error[D134]: \`pi@attic\` cannot execute the program: it was built for AArch64
  why:   the board's machine is armv7l (exec format error)
  help:  give the target that the board is: --target NAME (\`tilewright targets list\` names them)`,
  ],
  [
    run.wrongTarget("pi@attic", "rpi5", "its cores lack dotprod", {
      kind: "unknown",
      why: "nothing is known",
    }),
    "usage",
    `error[D143]: \`pi@attic\` is no rpi5
  why:   its cores lack dotprod
  help:  \`tilewright targets list\` names targets; --target may be left out, too`,
  ],
  [
    run.tooMuchOutput("pi@attic", 32 * 1048576),
    "runFailed",
    `error[D135]: the program wrote more than 32 MiB of text on \`pi@attic\` and was stopped
  help:  ask for less output: fewer repeats, or no per-layer lines`,
  ],
  [
    run.resultMissing("pi@attic", "output.bin", 0, ""),
    "runFailed",
    `error[D136]: the program left no file \`output.bin\` on \`pi@attic\`
  why:   it ended with exit code 0`,
  ],
  [
    run.resultUnfit("pi@attic", { name: "output.bin", bytes: 4000 }, 12),
    "runFailed",
    `error[D139]: the result \`output.bin\` on \`pi@attic\` is not what the program wrote
  why:   4000 bytes were expected, 12 are there
  help:  see the board's disk (\`df\`, \`dmesg | tail\` there), and who else can write to the folder of its runs`,
  ],
  [
    run.resultUnfit("pi@attic", { name: "trace.bin", bytes: 4000, orLess: true }, "other"),
    "runFailed",
    `error[D139]: the result \`trace.bin\` on \`pi@attic\` is not what the program wrote
  why:   at most 4000 bytes were expected, and it is more, or no regular file
  help:  see the board's disk (\`df\`, \`dmesg | tail\` there), and who else can write to the folder of its runs`,
  ],
  [
    run.interrupted("pi@attic"),
    "interrupted",
    `error[D137]: the run on \`pi@attic\` was interrupted
  why:   the program was stopped and its folder removed`,
  ],
  [
    run.notExecutable("pi@attic", "/home/pi/.cache/tilewright", "Permission denied\n"),
    "runFailed",
    `error[D138]: \`pi@attic\` does not allow programs in /home/pi/.cache/tilewright to be executed
  why:   its last words were:
         Permission denied
  help:  see whether its file system is mounted noexec: findmnt -T /home/pi/.cache/tilewright`,
  ],
  [
    run.notExecutable("pi@attic", "/home/x;touch y;#/.cache/tilewright", ""),
    "runFailed",
    `error[D138]: \`pi@attic\` does not allow programs in /home/x;touch y;#/.cache/tilewright to be executed
  help:  see whether its file system is mounted noexec: findmnt -T '/home/x;touch y;#/.cache/tilewright'`,
  ],
  [
    board.qemuMissing("qemu-rpi4", "qemu-aarch64"),
    "missingTool",
    `error[D141]: \`qemu-rpi4\` needs the emulator \`qemu-aarch64\`, which is not installed
  help:  sudo apt-get install qemu-user`,
  ],
  [
    keeping.copyDamaged("pi@attic", "program", "/home/pi/.cache/tilewright/HASH", 3),
    "boardRefused",
    `error[D161]: \`pi@attic\` does not keep what it is sent: its copy of the program was wrong 3 times
  why:   /home/pi/.cache/tilewright/HASH has another content than was written
  help:  the card or disk may be worn out, or full: see \`dmesg | tail\` and \`df\` there
  help:  keep copies in another place: --remote-dir FOLDER`,
  ],
  [
    keeping.noRoom("pi@attic", "program", 600e6, 512 * 1048576),
    "boardRefused",
    `error[D162]: the program of 572.2 MiB has no room among the copies on \`pi@attic\`
  why:   they may take 512.0 MiB together, with what others are sending now
  help:  let them take more: --remote-limit 1200MB`,
  ],
  [
    keeping.answerTooLong("pi@attic", "tell what it keeps", 8 * 1048576),
    "boardRefused",
    `error[D163]: \`pi@attic\` answers with more than 8.0 MiB: it was to tell what it keeps
  help:  see what its start-up files print, and how much lies in the folder of copies (\`ls -A .cache/tilewright | wc -l\` there)
  help:  what Tilewright keeps there can go: \`rm -rf .cache/tilewright\``,
  ],
  [
    board.poolOfBoards("farm", ["pi@a", "pi@b"]),
    "usage",
    `error[D185]: \`farm\` is a pool of several boards, and this is done on one
  help:  take one of them: pi@a, pi@b
  help:  \`sweep\` and \`tune\` spread work over a pool`,
  ],
  [
    board.onlyOverSsh("rpi4", "qemu-rpi4"),
    "usage",
    `error[D142]: \`rpi4\` is a kind of board; say where yours is
  help:  --board user@host --target rpi4
  help:  without the hardware: --board qemu-rpi4`,
  ],
];

describe("diagnostics of boards", () => {
  test.each(messages.map(([error, exit, text]) => [error.diagnostic.code, exit, text, error] as const))(
    "%s (%s) reads as it should",
    (_code, exit, text, error) => {
      expect(renderDiagnostic(error.diagnostic)).toBe(text);
      expect(error.diagnostic.exit).toBe(exit);
    },
  );

  test("all have a fixture here, and each code one meaning", () => {
    const folder = new URL("../../compiler/device/", import.meta.url);
    const used = ["board-failures.ts", "keeping-failures.ts", "link-failures.ts", "run-failures.ts"].flatMap(
      (name) =>
        [...readFileSync(new URL(name, folder), "utf8").matchAll(/code: "(D\d+)"/g)].map((match) => match[1]),
    );
    expect(used.toSorted()).toEqual([...new Set(used)].toSorted());
    expect([...new Set(messages.map(([error]) => error.diagnostic.code))].toSorted()).toEqual(
      used.toSorted(),
    );
  });
});
