import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import envPaths from "env-paths";

/** Debian packages for arm64 of which the machine's system is made, besides its kernel. */
const PACKAGES = [
  ...["busybox-static", "dropbear-bin", "openssh-sftp-server"],
  ...["libc6", "libcrypt1", "libtomcrypt1", "libtommath1", "libgmp10", "zlib1g"],
];
/** Names the newest kernel among its dependencies. */
const KERNEL = "linux-image-arm64";

/**
 * The folder in the user's cache into which those packages are unpacked; fetched by apt the first time (65 MB), without root and
 * without a word to this machine's own package lists. Removing the folder fetches them anew.
 */
export function systemFiles(say: (text: string) => void): string {
  // Not in Tilewright's own: what was not used for long goes from there file by file.
  const folder = join(envPaths("tilewright-system-board", { suffix: "" }).cache, "debian-arm64");
  if (existsSync(folder)) return folder;
  for (const program of ["apt-get", "dpkg-deb", "tar"]) {
    if (!onPath(program))
      throw new Error(`an emulated machine is made of Debian's packages: no ${program} here`);
  }
  const work = `${folder}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "debs"), { recursive: true });
  try {
    say(`fetching Debian's packages for arm64 into ${folder} (65 MB)`);
    const apt = ownApt(work);
    apt("apt-get", "-q", "update");
    const kernel = /^ *Depends: (linux-image-\S+)/m.exec(apt("apt-cache", "depends", KERNEL))?.[1];
    if (kernel === undefined) throw new Error(`${KERNEL} names no kernel`);
    apt("apt-get", "-q", "download", kernel, ...PACKAGES);
    for (const deb of readdirSync(join(work, "debs"))) unpack(join(work, "debs", deb), join(work, "root"));
    renameSync(join(work, "root"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** apt for another architecture, with lists and a state of its own. */
function ownApt(work: string): (program: string, ...words: string[]) => string {
  for (const name of ["lists/partial", "archives/partial"]) mkdirSync(join(work, name), { recursive: true });
  writeFileSync(join(work, "status"), "");
  const config = join(work, "apt.conf");
  const settings = {
    ...{ "Dir::State::Lists": join(work, "lists"), "Dir::State::status": join(work, "status") },
    ...{ "Dir::Cache": work, "APT::Architecture": "arm64", "APT::Architectures": "arm64" },
    "APT::Sandbox::User": "",
  };
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(""),
  );
  const env = { ...process.env, APT_CONFIG: config, LC_ALL: "C" };
  return (program, ...words) =>
    execFileSync(program, words, {
      cwd: join(work, "debs"),
      env,
      stdio: ["ignore", "pipe", "inherit"],
    }).toString();
}

/** Of the kernel's package only what is started: it has 3,700 modules. */
const OF_KERNEL = ["./boot/vmlinuz-*", "./lib/modules/*.ko", "./usr/lib/linux-image-*/broadcom/*.dtb"];

function unpack(deb: string, into: string): void {
  mkdirSync(into, { recursive: true });
  const wanted = /linux-image/.test(deb) ? ["--wildcards", ...OF_KERNEL] : [];
  const archive = execFileSync("dpkg-deb", ["--fsys-tarfile", deb], { maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-x", "-C", into, ...wanted], {
    input: archive,
    stdio: ["pipe", "ignore", "inherit"],
  });
}

/** The kernel among unpacked packages, and the device tree of that name. */
export function kernelFiles(debian: string, deviceTree: string | undefined) {
  const all = readdirSync(debian, { recursive: true, encoding: "utf8" });
  const find = (name: RegExp): string => {
    const found = all.find((path) => name.test(path));
    if (found === undefined) throw new Error(`nothing in ${debian} is called ${name}`);
    return join(debian, found);
  };
  return {
    kernel: find(/(^|\/)vmlinuz-/),
    ...(deviceTree !== undefined && { deviceTree: find(new RegExp(`/${deviceTree}$`)) }),
  };
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}
