# Prints what a board says about itself, one "key value" line each; what cannot be read is left out.
show() { # show KEY FILE
  value=$(cat "$2" 2>/dev/null | tr -d '\000') && [ -n "$value" ] && echo "$1 $value"
}
cpu=/sys/devices/system/cpu
show model /proc/device-tree/model || show model /sys/class/dmi/id/product_name
echo "kernel $(uname -r)"
echo "machine $(uname -m)"
echo "cores $(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null)"
show governor $cpu/cpu0/cpufreq/scaling_governor
show frequency $cpu/cpu0/cpufreq/scaling_cur_freq
show max_frequency $cpu/cpu0/cpufreq/cpuinfo_max_freq
show temperature /sys/class/thermal/thermal_zone0/temp
show load /proc/loadavg
show throttled /sys/devices/platform/soc/soc:firmware/get_throttled ||
  echo "throttled $(vcgencmd get_throttled 2>/dev/null)"
