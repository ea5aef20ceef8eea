# Prints what a board's energy sensors say, again and again; one line each, fields divided by tabs; nothing where there is none.
#
#   sh energy.sh [ROOT [SECONDS COUNT]]   ROOT goes before every path, for tests; COUNT readings, so many seconds apart
#
#   at      SECONDS                     since the machine was started: when what follows was read
#   power   NAME  MICROWATTS            a power sensor (hwmon)
#   rail    NAME  MILLIVOLTS MILLIAMPS  a channel of an INA3221 or another voltage and current sensor (hwmon)
#   power   NAME  MICROWATTS            a channel of an INA3221 under its older driver (iio)
#   energy  NAME  MICROJOULES WRAPS_AT  a counter of energy (RAPL)
#   pmic    NAME  VALUE                 amperes and volts of a Raspberry Pi 5's rails, as its firmware writes them
#   0m0.1s 0m0.1s                       at the end, twice: processor time of this shell, and of what it started
root=$1 every=$2 count=${3:-1}
tab=$(printf '\t')
# A file's first line, into the variable of that name, without starting a process; empty where it cannot be read.
line() { eval "$1=''" && { IFS= read -r "$1" <"$2"; } 2>/dev/null; }

hwmon() {
  for chip in "$root"/sys/class/hwmon/hwmon*; do
    [ -d "$chip" ] || continue
    line name "$chip/name"
    for file in "$chip"/power*_input; do
      line value "$file" || continue
      line label "${file%_input}_label"
      echo "power$tab${label:-$name}$tab$value"
    done
    for file in "$chip"/curr*_input; do
      number=${file##*/curr} && number=${number%_input}
      line amps "$file" && line volts "$chip/in${number}_input" || continue
      # A chip that tells power tells this current already.
      [ -r "$chip/power${number}_input" ] && continue
      line label "$chip/in${number}_label"
      echo "rail$tab${label:-$name $number}$tab$volts$tab$amps"
    done
  done
}

iio() {
  for device in "$root"/sys/bus/i2c/drivers/ina3221x/*/iio:device*; do
    for file in "$device"/in_power*_input; do
      line value "$file" || continue
      number=${file##*/in_power} && number=${number%_input}
      line label "$device/rail_name_$number"
      echo "power$tab${label:-rail $number}$tab${value}000"
    done
  done
}

rapl() {
  for zone in "$root"/sys/class/powercap/*-rapl:*; do
    # Packages only: what is inside of one (cores, graphics) has a second colon.
    case ${zone##*/} in *:*:*) continue ;; esac
    line value "$zone/energy_uj" || continue
    line name "$zone/name"
    line wraps "$zone/max_energy_range_uj"
    echo "energy$tab$name$tab$value$tab$wraps"
  done
}

firmware=$(command -v vcgencmd)
pmic() {
  [ -n "$firmware" ] || return
  "$firmware" pmic_read_adc 2>/dev/null | while read -r name value; do
    case $value in *=*) echo "pmic$tab$name$tab${value#*=}" ;; esac
  done
}

while :; do
  line uptime "$root/proc/uptime"
  echo "at$tab${uptime%% *}"
  hwmon
  iio
  rapl
  pmic
  count=$((count - 1))
  [ "$count" -gt 0 ] || break
  sleep "$every"
done
times
