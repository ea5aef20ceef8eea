# Prints what kind of machine a board is, one "key value" line each; what cannot be read is left out.
#
#   sh probe.sh [ROOT [FOLDER]]     ROOT goes before every path, for tests; FOLDER is where copies are kept
#
#   compatible NAME    of the device tree, the most particular first
#   cpu LINE           lines of /proc/cpuinfo that tell the cores' makers, parts and features
#   memory KIB, free KIB; sensor NAME of each that tells power; disk KIB free and exec yes|no in FOLDER
root=$1 folder=$2
text() { # text KEY FILE
  value=$({ tr -d '\000' <"$root$2"; } 2>/dev/null) && [ -n "$value" ] && echo "$1 $value"
}
text model /proc/device-tree/model
{ tr '\000' '\n' <"$root/proc/device-tree/compatible"; } 2>/dev/null | sed 's/^/compatible /'
echo "machine $(uname -m 2>/dev/null)"
while read -r line; do
  case $line in
  'CPU implementer'* | 'CPU part'* | Features* | flags*) echo "cpu $line" ;;
  esac
done <"$root/proc/cpuinfo" 2>/dev/null
while read -r key kib rest; do
  case $key in
  MemTotal:) echo "memory $kib" ;;
  MemAvailable:) echo "free $kib" ;;
  esac
done <"$root/proc/meminfo" 2>/dev/null
for name in "$root"/sys/class/hwmon/hwmon*/name; do
  chip=${name%/name}
  for file in "$chip"/power*_input "$chip"/curr*_input; do
    [ -r "$file" ] && read -r value <"$name" && echo "sensor $value" && break
  done
done
if [ -n "$folder" ] && cd "$folder" 2>/dev/null; then
  disk=$(df -P -k . 2>/dev/null | tail -n 1)
  set -- $disk
  [ $# -ge 4 ] && echo "disk $4"
  try=.new-1-try-$$
  printf '#!/bin/sh\n' >"$try" && chmod 700 "$try" && if ./"$try" 2>/dev/null; then echo "exec yes"; else echo "exec no"; fi
  rm -f "$try"
fi
exit 0
