/** A machine that qemu emulates whole, with Debian's kernel on it. */
export interface Machine {
  /** What qemu is asked for. */
  readonly machine: readonly string[];
  readonly network: readonly string[];
  /** Where the kernel prints, and which of qemu's serial lines that is. */
  readonly console: string;
  readonly serialLine: 0 | 1;
  /** Its device tree among the kernel's; absent: qemu makes one. */
  readonly deviceTree?: string;
  /** Modules of the kernel for its network, in the order in which they are loaded. */
  readonly modules: readonly string[];
}

export const MACHINES = {
  /** No board there is; its core is a Raspberry Pi 4's. */
  virt: {
    machine: ["-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", "512"],
    network: ["-device", "virtio-net-pci,netdev=net,romfile="],
    console: "ttyAMA0",
    serialLine: 0,
    modules: [
      ...["virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci", "failover", "net_failover"],
      "virtio_net",
    ],
  },
  /** A Raspberry Pi 3 Model B by its own device tree, with its four cores. */
  raspi3b: {
    machine: ["-M", "raspi3b"],
    network: ["-device", "usb-net,netdev=net"],
    console: "ttyS1,115200",
    serialLine: 1,
    deviceTree: "bcm2837-rpi-3-b.dtb",
    modules: [
      ...["usb-common", "usbcore", "roles", "udc-core", "phy-generic", "dwc2"],
      ...["mii", "usbnet", "cdc_ether", "rndis_host"],
    ],
  },
} as const satisfies Readonly<Record<string, Machine>>;
