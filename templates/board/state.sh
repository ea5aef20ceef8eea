# Prints what a board says about itself, one "key value" line each; what cannot be read is left out.
#
#   sh state.sh [ROOT]     ROOT goes before every path, for tests
#
#   core N KEY VALUE       of each processor: governor, frequency, limit (set) and max_frequency (kHz), capacity
#   zone NAME MILLIDEGREES
root=$1
# A file's first line, into $value, without starting a process; false where there is none.
line() { value='' && { read -r value <"$root$1" || [ -n "$value" ]; } 2>/dev/null; }
show() { line "$2" && echo "$1 $value"; }
text() { # text KEY FILE: of files that end with a zero byte
  value=$({ tr -d '\000' <"$root$2"; } 2>/dev/null) && [ -n "$value" ] && echo "$1 $value"
}
cpu=/sys/devices/system/cpu
heat=/sys/class/thermal/thermal_zone

text model /proc/device-tree/model || show model /sys/class/dmi/id/product_name
text serial /proc/device-tree/serial-number
show machine_id /etc/machine-id
echo "kernel $(uname -r 2>/dev/null)"
echo "machine $(uname -m 2>/dev/null)"
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)
echo "cores $cores"
all=$(getconf _NPROCESSORS_CONF 2>/dev/null || echo "${cores:-1}")
core=0
while [ "$core" -lt "$all" ] && [ "$core" -lt 256 ]; do
  show "core $core governor" "$cpu/cpu$core/cpufreq/scaling_governor"
  show "core $core frequency" "$cpu/cpu$core/cpufreq/scaling_cur_freq"
  show "core $core limit" "$cpu/cpu$core/cpufreq/scaling_max_freq"
  show "core $core max_frequency" "$cpu/cpu$core/cpufreq/cpuinfo_max_freq"
  show "core $core capacity" "$cpu/cpu$core/cpu_capacity"
  core=$((core + 1))
done
zone=0
while line "$heat$zone/temp" && [ "$zone" -lt 64 ]; do
  degrees=$value
  line "$heat$zone/type" || value=zone$zone
  echo "zone $(echo "$value" | tr -c 'A-Za-z0-9._\n-' _) $degrees"
  zone=$((zone + 1))
done
show load /proc/loadavg
show throttled /sys/devices/platform/soc/soc:firmware/get_throttled ||
  echo "throttled $(vcgencmd get_throttled 2>/dev/null)"
