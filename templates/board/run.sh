# Runs one program on a board for Tilewright: alone, within a time limit, leaving no process behind. lock.sh comes before it.
#
#   sh run.sh RUN CALLER PATIENCE LIMIT MARK SUMS SUM SECOND_SUM SECOND PROGRAM [ARGUMENT...]
#
# RUN       a private folder; named RUN.active while it is in use; the program runs in its folder files
# CALLER    who asks, shown to others while they wait
# PATIENCE  seconds to wait for the machine's lock; LIMIT seconds the program may take
# MARK      a line printed on both outputs before the program's own (start-up files may print, too);
#           "MARK waits SECONDS HOLDER" says who holds the lock that is waited for
# SUMS      the command that prints checksums here, SUM what it prints of the right PROGRAM; no command: nothing is checked
# SECOND    a program that PROGRAM runs, or empty; SECOND_SUM as SUM
#
# What happened goes into RUN/outcome: "exit N", "timeout", "locked SECONDS HOLDER", "no lock", "damaged",
# "damaged second", "no folder". Standard input is kept open by the caller; its end means that the caller has gone:
# everything is stopped and removed.
run=$1 caller=$2 patience=$3 limit=$4 mark=$5 sums=$6 sum=$7 second_sum=$8 second=$9
shift 9

active=$run.active
child='' guard='' watch='' gone=''

finish() { # finish STATUS OUTCOME
  trap '' TERM HUP INT
  kill $guard $watch 2>/dev/null
  cd / && [ -d "$active" ] && mv "$active" "$run"
  echo "$2" >"$run/outcome"
  exit "$1"
}

abandon() {
  trap '' TERM HUP INT PIPE
  # Nobody listens to a word of the shell's own any more.
  exec >/dev/null 2>&1
  [ -n "$child" ] && kill -KILL "$child" 2>/dev/null && wait "$child"
  kill $watch 2>/dev/null
  cd / && rm -rf "$active" "$run"
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

enter_lock_folder || finish 75 "no lock"
waited=0 told=''
while :; do
  read_lock
  if ! held; then
    next_lock "$(identity $$ "$caller")" && break
    [ $? = 2 ] && finish 75 "no lock"
    continue
  fi
  [ "$waited" -ge "$patience" ] && finish 75 "locked $(describe_holder)"
  [ "$told" = "$holder" ] || echo "$mark waits $(describe_holder)"
  told=$holder
  sleep 1
  waited=$((waited + 1))
  # A board without a clock of its own jumps by years once it knows the time: this folder is not old.
  touch -c "$run" 2>/dev/null
done

# Whoever holds the lock is alone: active folders of others were left by a crash or a power cut.
runs=${run%/*} cache=${run%/runs/*}
for other in "$runs"/*.active; do
  [ -e "$other" ] && rm -rf "$other"
done
for other in "$runs"/*; do
  [ "$other" = "$run" ] || { find "$runs" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} + 2>/dev/null && break; }
done
for other in "$cache"/.new-*; do
  [ -e "$other" ] && find "$cache" -mindepth 1 -maxdepth 1 -name '.new-*' -mtime +1 -exec rm -f {} + 2>/dev/null && break
done
# What was used last is kept longest. Nothing waits for that.
touch -c "$1" ${second:+"$second"} 2>/dev/null &
mv "$run" "$active" && [ -d "$active/files" ] || finish 75 "no folder"

is_right() { # is_right PROGRAM SUM
  [ -n "$sums" ] || return 0
  said=$($sums <"$1" 2>/dev/null)
  [ "${said%% *}" = "$2" ]
}
is_right "$1" "$sum" || finish 76 damaged
[ -z "$second" ] || is_right "$second" "$second_sum" || finish 76 "damaged second"

# A signal that comes before the trap is lost, so this looks now and then whether there still is a run to stop.
stop_at_limit() {
  left=$limit
  trap 'kill $! 2>/dev/null; exit 0' TERM
  while [ "$left" -gt 0 ]; do
    step=$((left < 5 ? left : 5))
    sleep "$step" &
    wait $!
    [ -d "$active" ] || exit 0
    left=$((left - step))
  done
  : >"$active/expired"
  kill -TERM "$child"
  sleep 2 &
  wait $!
  [ -d "$active" ] && kill -KILL "$child"
}

echo "$mark"
echo "$mark" >&2
# Whoever goes now, before the program's number is known, would leave it running.
trap 'gone=1' TERM HUP INT PIPE
(cd "$active/files" && exec "$@") </dev/null &
child=$!
trap abandon TERM HUP INT PIPE
[ -z "$gone" ] || abandon
# In parentheses: a function's shell would keep the outputs open to take them back, and the caller waits for their end.
(stop_at_limit) >/dev/null 2>&1 &
watch=$!
# Should this script be killed outright, the program still holds the lock.
ln -s "$(identity "$child" "$caller" 0)" "lock.$mine.program" 2>/dev/null
wait "$child"
status=$?
child=''
[ -e "$active/expired" ] && finish 124 timeout
finish "$status" "exit $status"
