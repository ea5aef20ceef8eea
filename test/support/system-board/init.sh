#!/bin/busybox sh
# The first program of an emulated machine: makes it a board that ssh reaches.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /home
cp -a /skeleton/pi /home/pi
hostname board

# Each needs those before it; which of them the machine has devices for shows then.
while read -r module; do insmod "/modules/$module.ko"; done </modules/list

network=''
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
  for path in /sys/class/net/*; do
    case ${path##*/} in lo | tun* | sit*) ;; *) network=${path##*/} ;; esac
  done
  [ -n "$network" ] && break
  sleep 1
done
ip link set lo up
ip link set "$network" up
# Where qemu's user-mode network puts its one guest.
ip addr add 10.0.2.15/24 dev "$network"
ip route add default via 10.0.2.2

# Keys alone, as who has one gets in without a password to guess.
dropbear -s -E -r /etc/dropbear/host_key -p 22 && echo "board ready on $network"
while :; do sleep 3600; done
