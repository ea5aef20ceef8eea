# Runs one program on a board for Tilewright: alone, within a time limit, leaving no process behind.
#
#   sh run.sh RUN LOCK CALLER PATIENCE LIMIT MARK PROGRAM [ARGUMENT...]
#
# RUN       a private folder; named RUN.active while it is in use; the program runs in its folder files
# LOCK      a symbolic link whose target names the process on this board that holds the board
# CALLER    who asks, shown to others while they wait
# PATIENCE  seconds to wait for the lock; LIMIT seconds the program may take
# MARK      a line printed on both outputs before the program's own (start-up files may print, too)
#
# What happened goes into RUN/outcome: "exit N", "timeout", "locked CALLER", "no lock",
# "no folder". Standard input is kept open by the caller; its end means that the caller has gone:
# everything is stopped and removed.
run=$1 lock=$2 caller=$3 patience=$4 limit=$5 mark=$6
shift 6

boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
me="$$:$boot:$caller"
active=$run.active
child='' guard='' watch=''

# Whether the holder named in a lock still runs: same boot, process there, and it is such a script.
alive() {
  pid=${1%%:*} rest=${1#*:}
  [ "${rest%%:*}" = "$boot" ] && kill -0 "$pid" 2>/dev/null || return 1
  [ ! -r "/proc/$pid/cmdline" ] || grep -q tilewright "/proc/$pid/cmdline"
}

# Removes a dead holder's lock and tells whether it did. Only one process at a time may, and it looks again before it does:
# otherwise two could see the same dead lock and the slower one remove the quicker one's new lock.
clear_dead_lock() {
  mkdir "$lock.breaking" 2>/dev/null || return 1
  holder=$(readlink "$lock") && ! alive "$holder" && rm -f "$lock"
  cleared=$?
  rmdir "$lock.breaking"
  return $cleared
}

release() {
  [ "$(readlink "$lock" 2>/dev/null)" = "$me" ] && rm -f "$lock"
}

finish() { # finish STATUS OUTCOME
  trap '' TERM HUP INT
  kill $guard $watch 2>/dev/null
  cd / && [ -d "$active" ] && mv "$active" "$run"
  echo "$2" >"$run/outcome"
  release
  exit "$1"
}

abandon() {
  trap '' TERM HUP INT PIPE
  # Nobody listens to a word of the shell's own any more.
  exec >/dev/null 2>&1
  [ -n "$child" ] && kill -KILL "$child" 2>/dev/null && wait "$child"
  kill $watch 2>/dev/null
  cd / && rm -rf "$active" "$run"
  release
  exit 1
}
# PIPE: the connection may break just before a mark is printed.
trap abandon TERM HUP INT PIPE

exec 3<&0 </dev/null
(
  cat <&3
  kill -TERM $$
) >/dev/null 2>&1 &
guard=$!
exec 3<&-

waited=0
until [ ! -d "$lock" ] && ln -s "$me" "$lock" 2>/dev/null; do
  holder=$(readlink "$lock" 2>/dev/null)
  if [ -z "$holder" ]; then
    [ "$waited" -ge 2 ] && finish 75 "no lock"
  elif ! alive "$holder" && clear_dead_lock; then
    continue
  fi
  if [ "$waited" -ge "$patience" ]; then
    rest=${holder#*:}
    finish 75 "locked ${rest#*:}"
  fi
  sleep 1
  waited=$((waited + 1))
done

# Whoever holds the lock is alone: active folders of others were left by a crash or a power cut.
runs=${run%/*}
rm -rf "$runs"/*.active
find "$runs" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null
mv "$run" "$active" && cd "$active/files" || finish 75 "no folder"

# A signal that comes before the trap is lost, so this looks now and then whether there still is a run to stop.
stop_at_limit() {
  nap='' left=$limit
  trap 'kill $nap 2>/dev/null; exit 0' TERM
  while [ "$left" -gt 0 ]; do
    step=$((left < 5 ? left : 5))
    sleep "$step" &
    nap=$!
    wait "$nap"
    [ -d "$active" ] || exit 0
    left=$((left - step))
  done
  : >"$active/expired"
  kill -TERM "$child"
  sleep 2 &
  nap=$!
  wait "$nap"
  kill -KILL "$child"
}

echo "$mark"
echo "$mark" >&2
"$@" </dev/null &
child=$!
# In parentheses: a function's shell would keep the outputs open to take them back, and the caller waits for their end.
(stop_at_limit) >/dev/null 2>&1 &
watch=$!
wait "$child"
status=$?
child=''
[ -e "$active/expired" ] && finish 124 timeout
finish "$status" "exit $status"
