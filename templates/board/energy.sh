# Prints what a board's energy sensors say now, one line each, fields divided by tabs; nothing where there is none.
#
#   sh energy.sh [ROOT]     ROOT goes before every path, for tests
#
#   power   NAME  MICROWATTS            a power sensor (hwmon)
#   rail    NAME  MILLIVOLTS MILLIAMPS  a channel of an INA3221 or another voltage and current sensor (hwmon)
#   power   NAME  MICROWATTS            a channel of an INA3221 under its older driver (iio)
#   energy  NAME  MICROJOULES WRAPS_AT  a counter of energy (RAPL)
root=$1
tab=$(printf '\t')
# A file's first line; empty where it cannot be read.
line() { head -n 1 "$1" 2>/dev/null | tr -d '\000\t'; }

for chip in "$root"/sys/class/hwmon/hwmon*; do
  [ -d "$chip" ] || continue
  name=$(line "$chip/name")
  for file in "$chip"/power*_input; do
    value=$(line "$file")
    [ -n "$value" ] || continue
    label=$(line "${file%_input}_label")
    echo "power$tab${label:-$name}$tab$value"
  done
  for file in "$chip"/curr*_input; do
    number=${file##*/curr} && number=${number%_input}
    amps=$(line "$file") && volts=$(line "$chip/in${number}_input")
    [ -n "$amps" ] && [ -n "$volts" ] || continue
    # A chip that tells power tells this current already.
    [ -r "$chip/power${number}_input" ] && continue
    label=$(line "$chip/in${number}_label")
    echo "rail$tab${label:-$name $number}$tab$volts$tab$amps"
  done
done

for device in "$root"/sys/bus/i2c/drivers/ina3221x/*/iio:device*; do
  for file in "$device"/in_power*_input; do
    value=$(line "$file")
    [ -n "$value" ] || continue
    number=${file##*/in_power} && number=${number%_input}
    label=$(line "$device/rail_name_$number")
    echo "power$tab${label:-rail $number}$tab${value}000"
  done
done

for zone in "$root"/sys/class/powercap/*-rapl:*; do
  # Packages only: what is inside of one (cores, graphics) has a second colon.
  case ${zone##*/} in *:*:*) continue ;; esac
  value=$(line "$zone/energy_uj")
  [ -n "$value" ] || continue
  echo "energy$tab$(line "$zone/name")$tab$value$tab$(line "$zone/max_energy_range_uj")"
done
